"""Relaxed cells as files: read by ASE and pymatgen, in order, with labels and results."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from ase.io import read
from glasses import SHARED, destination
from piles import pile_of, pile_plan, shaken
from pymatgen.core import Structure

from a2c_ray.campaign.pile_unit import PileUnit
from a2c_ray.campaign.pile_work import pile_shapes
from a2c_ray.lake import Lake, Store, begin_attempt
from a2c_ray.potentials.calculator import ASECalculator
from a2c_ray.reading.frames import Frame
from a2c_ray.results.relaxed_files import OutputError, check_output, write_relaxed

LABELS = {"note": "F", "charge_state": 2, "energy": -1.0, "lines": "a\nb", "a=b": 3}
STALE = {
    "virial": np.eye(3),
    "REF_energy": -1.0,
    "dft_stress": np.eye(3),
    "free_energy": -1.0,
    "vasp_energy": -1.0,
    "my_per_atom": -1.0,
    "energy_per_atom": -1.0,
    "space_group": "P1",
}
COLUMNS = {
    "born": np.ones((8, 3, 3)),
    "site": ["4 a", *"bcdefgh"],
    "empty": ["", *"bcdefgh"],
    "Z": np.arange(8),
    "large": np.full(8, 2**40),
    "my spins": np.arange(16).reshape(8, 2),
    "my:kind": list("abcdefgh"),
}
LEFT_OUT = {"born", "site", "empty", "Z", "large"}


@pytest.fixture(scope="module")
def done(tmp_path_factory, silicon_f64):
    """Frames with all kinds of labels, and the lake in which they are relaxed."""
    folder, cells = tmp_path_factory.mktemp("pile"), shaken(5)
    cells[1].info |= LABELS | STALE
    for name in ("force", "REF_forces"):
        cells[1].set_array(name, np.ones((8, 3)))
    for name, values in COLUMNS.items():
        cells[1].set_array(name, np.asarray(values))
    cells[1].set_initial_magnetic_moments(np.linspace(-1, 1, 8))
    cells[1].set_constraint(FixAtoms([0, 1]))
    cells[0].set_array("selective_dynamics", np.zeros((len(cells[0]), 3), bool))
    cells[2].calc = SinglePointCalculator(cells[2], energy=3.0, magmoms=np.array([0.5, 0.25]))
    cells[3].set_cell(cells[3].cell * 0.15, scale_atoms=True)
    cells[4].set_cell(cells[4].cell[[1, 0, 2]])  # left-handed
    pile = pile_of(cells)
    plan = pile_plan(folder, pile, "potential.dtype=float64")
    to = destination(plan, begin_attempt(Store.at(plan.lake), plan.run_id))
    unit = PileUnit(plan, pile, pile_shapes(pile, 3.77, 1), SHARED, to)
    unit.run(silicon_f64, lambda *_: None)
    frames = [Frame("pile.extxyz", k, a.info["name"], a) for k, a in enumerate(cells)]
    return Lake(plan.lake, plan.run_id), frames


def energies(lake: Lake) -> list[float]:
    query = "SELECT energy_per_atom * n_atoms FROM relaxed ORDER BY subcell_id"
    return [row[0] for row in lake.sql(query).fetchall()]


def test_extended_xyz_keeps_order_and_labels(done, tmp_path, silicon_f64):
    lake, frames = done
    path = tmp_path / "relaxed.extxyz"
    assert write_relaxed(lake, frames, path) == (5, LEFT_OUT)
    written = read(path, ":")
    assert [atoms.info["name"] for atoms in written] == [f"cell {k}" for k in range(5)]
    assert [atoms.info["source_index"] for atoms in written] == list(range(5))
    for atoms, frame, energy in zip(written, frames, energies(lake), strict=True):
        np.testing.assert_array_equal(atoms.get_tags(), frame.atoms.get_tags())
        if frame.index == 3:
            assert atoms.calc is None
            assert atoms.info["outcome"] in ("exploded", "fused", "overflow")
            np.testing.assert_allclose(atoms.positions, frame.atoms.positions, atol=1e-7)
            continue
        assert atoms.info["outcome"] == "converged"
        assert atoms.get_potential_energy() == pytest.approx(energy)
        again = atoms.copy()
        again.calc = ASECalculator(silicon_f64)
        np.testing.assert_allclose(atoms.get_forces(), again.get_forces(), atol=1e-5)
        np.testing.assert_allclose(atoms.get_stress(), again.get_stress(), atol=1e-6)
        assert not np.allclose(atoms.cell, frame.atoms.cell, atol=1e-3)
    assert "selective_dynamics" not in written[0].arrays
    labelled = written[1]
    np.testing.assert_allclose(labelled.get_initial_magnetic_moments(), np.linspace(-1, 1, 8))
    assert (labelled.info["note"], labelled.info["charge_state"]) == ("F", 2)
    assert not {*STALE, "force", "REF_forces"} & {*labelled.info, *labelled.arrays}
    assert (labelled.info["lines"], labelled.info["a_b"]) == ("a\nb", 3)
    assert labelled.arrays["my_kind"].tolist() == list("abcdefgh")
    np.testing.assert_array_equal(labelled.arrays["my_spins"], np.arange(16).reshape(8, 2))
    np.testing.assert_allclose(written[2].get_initial_magnetic_moments(), [0.5, 0.25])


def test_cif_files_are_numbered_and_hold_what_acts_on_the_cells(done, tmp_path, silicon_f64):
    lake, frames = done
    assert write_relaxed(lake, frames, tmp_path / "cifs") == (5, {"born", "my spins"})
    files = sorted((tmp_path / "cifs").iterdir())
    assert [file.name for file in files] == [f"00000{k}-cell_{k}.cif" for k in range(5)]
    blocks = [file.read_text().partition("\n")[0] for file in files]
    assert blocks == [f"data_cell_{k}" for k in range(5)]
    for file, frame, energy in zip(files, frames, energies(lake), strict=True):
        atoms, structure = read(file), Structure.from_file(file)
        assert len(atoms) == len(structure) == len(frame.atoms)
        assert atoms.cell.volume == pytest.approx(structure.volume, rel=1e-6)
        values = dict(
            line.split(None, 1) for line in file.read_text().splitlines() if line[:4] == "_a2c"
        )
        assert values["_a2c_source_index"].strip() == str(frame.index)
        if frame.index == 3:
            assert "_a2c_energy" not in values
            continue
        assert float(values["_a2c_energy"]) == pytest.approx(energy)
        atoms.calc = ASECalculator(silicon_f64)
        stress = [
            float(values[f"_a2c_stress_{name}"]) for name in ("xx", "yy", "zz", "yz", "xz", "xy")
        ]
        np.testing.assert_allclose(stress, atoms.get_stress(), atol=1e-6)
        np.testing.assert_allclose(forces_in(file), atoms.get_forces(), atol=1e-4)


@pytest.mark.parametrize("name", ["again.extxyz", "again"])
def test_what_was_written_before_may_be_written_anew(done, tmp_path, name):
    lake, frames = done
    path = tmp_path / name
    for n in (2, 5):
        check_output(path, [])
        assert write_relaxed(lake, frames[:n], path).n_cells == n
    assert len(list(path.iterdir()) if path.is_dir() else read(path, ":")) == 5
    assert list(tmp_path.iterdir()) == [path]


def forces_in(file) -> np.ndarray:
    """The last three columns of the last loop, whose rows may be broken into lines."""
    words = shlex.split(file.read_text().rpartition("_a2c_atom_force_z")[2])
    text = file.read_text().rpartition("loop_")[2].splitlines()
    n_columns = sum(line.strip().startswith("_a2c_atom") for line in text)
    return np.reshape(words, (-1, n_columns))[:, -3:].astype(float)


def test_paths_that_cannot_be_written_to_are_refused_before(tmp_path):
    there = tmp_path / "there.extxyz"
    there.write_text("")
    for path, inputs, words in (
        (there, [], "is there already"),
        (there, [there], "one of the files to read"),
        (tmp_path / "cells.cif", [], "a folder for CIF files"),
    ):
        with pytest.raises(OutputError, match=words):
            check_output(path, inputs)
    with pytest.raises(OutputError, match=r"would be read with .* next time"):
        check_output(tmp_path / "new.extxyz", [], [tmp_path])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/000001-cell.cif").write_text("data_mine")
    with pytest.raises(OutputError, match="is there already"):
        check_output(tmp_path / "mine", [])
    check_output(tmp_path / "new.extxyz", [there])
    check_output(tmp_path / "new", [there])
