"""What a run that trains a student of its own keeps of it beside the tables of the lake.

In `.students/<run id>/` are the labelled structures, a Parquet file for each unit of work that made
some, and a folder for each student, which `load_potential` can read. A file there is never changed:
what is there is done.
"""

from __future__ import annotations

import io
import logging
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from a2c_ray.lake import Store
from a2c_ray.lake.damage import faulty_files, remove_temporary, set_aside
from a2c_ray.potentials.nequip.energy import nequip_potential
from a2c_ray.potentials.nequip.storage import (
    PARAMETERS_FILE,
    BrokenPotentialError,
    load_nequip,
)
from a2c_ray.potentials.nequip.stored_format import CONFIG_FILE
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.zbl import with_zbl
from a2c_ray.training.label_files import store_labels, stored_labels
from a2c_ray.training.labelled import Labelled

LOG = logging.getLogger(__name__)

FOLDER = ".students"

LABELS = re.compile(r"labels-(?P<round>\d+)-(?P<part>\w+)\.parquet")
"""Names of files with labels."""

FILES = (PARAMETERS_FILE, CONFIG_FILE)
"""Of a student; the last makes it count."""


MOST_LOADED = 2
"""Students that a process keeps: their identity is that of compiled programs."""

_loaded: dict[tuple[str, int, str, str], Potential] = {}


def clean_up(store: Store, run_id: str) -> None:
    """Delete what killed writers left behind, and set damaged labels aside.

    Nobody may be writing to the run.
    """
    remove_temporary(store, f"{FOLDER}/{run_id}")
    for fault in faulty_files(store, [path for path, _ in _files(store, run_id)]):
        aside = set_aside(store, fault.path)
        LOG.warning("set aside damaged labels, which are made again: %s (%s)", aside, fault.reason)


def keep_labels(
    store: Store, run_id: str, round_: int, part: str, structures: list[Labelled]
) -> None:
    """Keep structures that can be learnt from in a round and all later ones."""
    store_labels(structures, store, _labels(run_id, round_, part))


def labelled_parts(store: Store, run_id: str, round_: int) -> set[str]:
    """What has been kept for a round, if only to say that there is nothing to be learnt from it."""
    return {name["part"] for _, name in _files(store, run_id) if int(name["round"]) == round_}


def all_labels(store: Store, run_id: str, round_: int) -> list[Labelled]:
    """Structures to learn from in a round, each once, in an order that follows from their names."""
    known: dict[str, Labelled] = {}
    for path, name in _files(store, run_id):
        if int(name["round"]) <= round_:
            known |= {labelled.source: labelled for labelled in stored_labels(store, path)}
    return [known[source] for source in sorted(known)]


def subcell_of(labelled: Labelled) -> str:
    """The subcell whose way a structure lies on, by the name of its source."""
    return labelled.source.partition(" ")[0]


def _files(store: Store, run_id: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Files with labels, and what their names say."""
    for file in store.files(f"{FOLDER}/{run_id}"):
        match = LABELS.fullmatch(file.path.rpartition("/")[2])
        if match:
            yield file.path, match


def keep_student(store: Store, run_id: str, round_: int, folder: Path) -> None:
    """Keep the student of a round, which is in a folder."""
    for name in FILES:
        content = (folder / name).read_bytes()
        store.write(f"{student_folder(run_id, round_)}/{name}", partial(_fill, content))


def copy_student(store: Store, run_id: str, round_: int, folder: Path) -> None:
    """Copy a student into a folder.

    Raises:
        FileNotFoundError: there is none yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in reversed(FILES):
        (folder / name).write_bytes(store.read(f"{student_folder(run_id, round_)}/{name}"))


def read_student(
    store: Store, run_id: str, round_: int, teacher: str, kernels: str = "auto"
) -> Potential | None:
    """The student of a round; None if there is none yet.

    Short-range repulsion is part of it: what it has never seen must not attract.

    Args:
        store: of the lake.
        run_id: whose.
        round_: from 1.
        teacher: name of its teacher.
        kernels: see `load_potential`.

    Raises:
        BrokenPotentialError: its files are damaged.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            copy_student(store, run_id, round_, Path(folder))
        except FileNotFoundError:
            return None
        try:
            config, parameters, fingerprint = load_nequip(Path(folder))
        except BrokenPotentialError:
            place = store.path(student_folder(run_id, round_))
            raise BrokenPotentialError(f"the student in {place} is damaged") from None
    key = (fingerprint, round_, teacher, kernels)
    if key not in _loaded:
        name = f"student {round_} of {teacher}"
        student = nequip_potential(name, config, parameters, fingerprint, "float32", kernels)
        while len(_loaded) >= MOST_LOADED:
            _loaded.pop(next(iter(_loaded)))
        _loaded[key] = with_zbl(student)
    return _loaded[key]


def set_student_aside(store: Store, run_id: str, round_: int) -> None:
    """Rename the files of a damaged student; it is trained again."""
    for name in FILES:
        with suppress(FileNotFoundError):
            set_aside(store, f"{student_folder(run_id, round_)}/{name}")


def student_folder(run_id: str, round_: int) -> str:
    """Within the lake."""
    return f"{FOLDER}/{run_id}/student-{round_}"


def packed(folder: Path) -> bytes:
    """All files of a folder, as one."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        archive.add(folder, arcname=".")
    return whole.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """The reverse.

    Raises:
        tarfile.TarError: it is damaged.
    """
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")


def _fill(content: bytes, file: IO[bytes]) -> object:
    return file.write(content)


def _labels(run_id: str, round_: int, part: str) -> str:
    return f"{FOLDER}/{run_id}/labels-{round_}-{part}.parquet"
