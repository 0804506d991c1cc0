"""Labels and students that a run keeps in its lake."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from a2c_ray.campaign import lessons
from a2c_ray.cells import Cell
from a2c_ray.lake import Store
from a2c_ray.lake.store import TEMPORARY
from a2c_ray.potentials.nequip.storage import BrokenPotentialError, load_nequip, save_nequip
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.zbl import SUFFIX
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.students import ARCHITECTURE, new_network


def labelled(source: str, energy: float = -8.0) -> Labelled:
    cell = Cell(4.0 * np.eye(3), np.array([[0, 0, 0], [1.5, 1.4, 1.6]]), np.array([14, 14]))
    return Labelled(cell, energy, np.ones((2, 3)), 0.1 * np.eye(3), source)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.at(tmp_path / "lake")


def test_what_is_learnt_from_is_of_this_round_and_earlier_ones_each_once(store):
    lessons.keep_labels(store, "r", 1, "aa", [labelled("b step 0"), labelled("a step 0")])
    lessons.keep_labels(store, "r", 1, "ab", [labelled("a step 0", energy=-8.0)])
    lessons.keep_labels(store, "r", 2, "ac", [labelled("c step 0")])
    lessons.keep_labels(store, "other", 1, "aa", [labelled("d step 0")])
    assert [s.source for s in lessons.all_labels(store, "r", 1)] == ["a step 0", "b step 0"]
    assert [s.source for s in lessons.all_labels(store, "r", 2)] == [f"{k} step 0" for k in "abc"]
    [first, *_] = lessons.all_labels(store, "r", 1)
    np.testing.assert_allclose(first.stress, 0.1 * np.eye(3))
    assert lessons.subcell_of(labelled("g0-1.2.3 student 1 step 4")) == "g0-1.2.3"
    assert "ac" in lessons.labelled_parts(store, "r", 2)
    assert "ac" not in lessons.labelled_parts(store, "r", 1)


def test_what_a_killed_writer_leaves_is_no_label(store):
    lessons.keep_labels(store, "r", 1, "aa", [labelled("a step 0")])
    left = f".students/r/labels-1-bb.parquet.0123{TEMPORARY}"
    store.write(left[: -len(TEMPORARY)], lambda file: file.write(b"half"))
    store.move(left[: -len(TEMPORARY)], left)
    assert len(lessons.all_labels(store, "r", 1)) == 1
    lessons.clean_up(store, "r")
    assert [file.path for file in store.files()] == [".students/r/labels-1-aa.parquet"]


def test_damaged_labels_are_set_aside(store, caplog):
    for part in ("aa", "ab"):
        lessons.keep_labels(store, "r", 1, part, [labelled("a step 0")])
    path = Path(store.path(".students/r/labels-1-aa.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1
    path.write_bytes(content)
    lessons.clean_up(store, "r")
    assert lessons.labelled_parts(store, "r", 1) == {"ab"}
    assert "set aside damaged labels, which are made again: .students/r/labels-1-aa" in caplog.text


def test_a_damaged_student_is_named_and_can_be_set_aside(store, tmp_path):
    config, parameters = new_network(ARCHITECTURE, [labelled("a"), labelled("b")], seed=0)
    save_nequip(tmp_path / "new", config, parameters, {})
    lessons.keep_student(store, "r", 1, tmp_path / "new")
    store.write(".students/r/student-1/config.json", lambda file: file.write(b"{"))
    with pytest.raises(BrokenPotentialError, match=r"\.students/r/student-1 is damaged$"):
        lessons.read_student(store, "r", 1, "teacher")
    lessons.set_student_aside(store, "r", 1)
    assert lessons.read_student(store, "r", 1, "teacher") is None


def test_a_student_comes_back_with_repulsion(store, tmp_path):
    config, parameters = new_network(ARCHITECTURE, [labelled("a"), labelled("b")], seed=0)
    save_nequip(tmp_path / "new", config, parameters, {})
    assert lessons.read_student(store, "r", 1, "teacher") is None
    lessons.keep_student(store, "r", 1, tmp_path / "new")
    student = lessons.read_student(store, "r", 1, "teacher")
    assert isinstance(student, Potential)
    assert student.fingerprint == load_nequip(tmp_path / "new")[2] + SUFFIX
    assert lessons.read_student(store, "r", 1, "teacher") is student
    store.delete(".students/r/student-1/config.json")  # the last to be written
    assert lessons.read_student(store, "r", 1, "teacher") is None


def test_a_folder_is_packed_whole(tmp_path):
    (tmp_path / "one" / "sub").mkdir(parents=True)
    (tmp_path / "one" / "sub" / "file").write_text("text")
    lessons.unpack(lessons.packed(tmp_path / "one"), tmp_path / "other")
    assert (Path(tmp_path) / "other" / "sub" / "file").read_text() == "text"
    with pytest.raises(tarfile.TarError):
        lessons.unpack(b"no archive", tmp_path / "third")
