"""Formats of labelled structures, and what is wrong with files."""

from __future__ import annotations

import bz2
import json

import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixCartesian
from ase.db import connect
from ase.io import write
from labels import labelled_silicon
from pymatgen.core import Lattice, Structure

from a2c_ray.training.labelled import DataError, check_labelled
from a2c_ray.training.readers import read_labelled


def copper(seed: int):
    """Shaken copper with EMT's labels."""
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.1, seed=seed)
    atoms.calc = EMT()
    atoms.get_potential_energy(), atoms.get_stress()
    return atoms


def check_against_ase(structures, frames):
    assert len(structures) == len(frames)
    for labelled, atoms in zip(structures, frames, strict=True):
        assert labelled.energy == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
        np.testing.assert_allclose(labelled.forces, atoms.get_forces(), atol=1e-6)
        np.testing.assert_allclose(labelled.stress, atoms.get_stress(voigt=False), atol=1e-6)
        np.testing.assert_allclose(labelled.cell.positions, atoms.get_positions(), atol=1e-6)


@pytest.mark.parametrize("name", ["data.extxyz", "data.xyz", "data.traj"])
def test_files_of_ase(tmp_path, name):
    frames = [copper(1), copper(2)]
    write(tmp_path / name, frames, format="extxyz" if name.endswith("xyz") else None)
    check_against_ase(read_labelled(tmp_path / name), frames)


def test_virials_beside_the_rows_of_a_database(tmp_path, caplog):
    frame = bulk("Cu")
    frame.calc = SinglePointCalculator(frame, energy=-3.7, forces=np.zeros((1, 3)))
    virial = np.diag([0.1, 0.2, 0.3])
    with connect(tmp_path / "data.db") as database:
        database.write(frame, data={"virial": virial, "note": [1, 2]})
        database.write(frame, data={"dft_stress": virial})
    known, unknown = read_labelled(tmp_path / "data.db")
    np.testing.assert_allclose(known.stress, -virial / frame.get_volume())
    assert unknown.stress is None
    assert "no stress was read from dft_stress" in caplog.text


def test_an_ase_database(tmp_path, caplog):
    frames = [copper(1), copper(2)]
    with connect(tmp_path / "data.db") as database:
        for atoms in frames:
            database.write(atoms)
        database.write(bulk("Cu"))  # without labels: left out
    check_against_ase(read_labelled(tmp_path / "data.db"), frames)
    assert "left out 1 of 3 structures" in caplog.text


def vasp_frame(labelled, forces: str, energy: str) -> dict:
    """As VASP writes it: the stress in kilobars, positive under compression."""
    return {
        "structure": labelled.cell.structure.as_dict(),
        energy: labelled.energy,
        forces: labelled.forces.tolist(),
        "stress": (-labelled.stress / (0.1 * units.GPa)).tolist(),
    }


def check_same(read, written):
    assert len(read) == len(written)
    for a, b in zip(read, written, strict=True):
        assert a.energy == b.energy
        np.testing.assert_array_equal(a.forces, b.forces)
        np.testing.assert_allclose(a.stress, b.stress, atol=1e-12)
        np.testing.assert_allclose(a.cell.lattice, b.cell.lattice)


def test_mptrj(tmp_path, silicon_f64):
    """Uncorrected energies, of which forces are the gradient."""
    data = labelled_silicon(silicon_f64, 3)
    frames = [vasp_frame(x, "force", "uncorrected_total_energy") for x in data]
    frames[0]["corrected_total_energy"] = 0.0
    path = tmp_path / "mptrj.json"
    path.write_text(
        json.dumps({"mp-1": {"mp-1-0-0": frames[0]}, "mp-2": {"a": frames[1], "b": frames[2]}})
    )
    check_same(read_labelled(path), data)


def test_alexandria(tmp_path, silicon_f64):
    data = labelled_silicon(silicon_f64, 3)
    steps = [vasp_frame(x, "forces", "energy") for x in data]
    path = tmp_path / "alexandria.json.bz2"
    with bz2.open(path, "wt") as file:
        json.dump({"agm1": [{"steps": steps[:2]}, {"steps": steps[2:]}]}, file)
    check_same(read_labelled(path), data)


def test_unusable_files(tmp_path):
    def message(name: str, content: str | None) -> str:
        path = tmp_path / name
        if content is not None:
            path.write_text(content)
        with pytest.raises(DataError) as caught:
            read_labelled(path)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "no data set" in message("none.json", None)
    assert "its ending must be one of .xyz" in message("data.csv", "1,2")
    assert "ends early" in message("cut.json", '{"a": {"b": {"struc')
    assert "neither a JSON object nor a list" in message("number.json", "1")
    assert "holds no structure" in message("list.json", "[]")
    assert "holds no structure with both energy and forces" in message("empty.json", "{}")
    assert "structure" in message("odd.json", '{"a": {"b": {"energy": 1, "forces": []}}}')
    structure = json.dumps({"lattice": {"matrix": []}, "sites": []})
    for name, text in {
        "plain.json": structure,
        "named.json": f'{{"a": {structure}}}',
        "listed.json": f"[{structure}]",
        "words.json": '{"@module": "pymatgen.core"}',
        "steps.json": '{"a": [{"steps": [1]}, 2]}',
    }.items():
        assert "no structure with energy and forces, as in the JSON of" in message(name, text)
    assert "holds no structure" in message("empty.extxyz", "")
    slab = Structure(Lattice(np.eye(3), (True, True, False)), ["Si"], [[0, 0, 0]]).as_dict()
    frame = {"structure": slab, "energy": 1, "forces": [[0, 0, 0]]}
    assert "slab.json, mp-1 a: Si1 is not p" in message(
        "slab.json", json.dumps({"mp-1": {"a": frame}})
    )
    assert message("cut.xyz", "2\nenergy=1\nSi 0 0 0\n")


def test_structures_that_would_spoil_a_training(silicon_f64):
    good = labelled_silicon(silicon_f64, 1)[0]
    bad_cell = good.cell._replace(positions=np.full_like(good.cell.positions, np.nan))
    cases = {
        "energy not finite": good._replace(energy=float("nan")),
        "-535684 eV/atom, of which single precision": good._replace(
            energy=-535684.0 * len(good.cell.numbers)
        ),
        "forces not finite": good._replace(forces=np.full_like(good.forces, np.inf)),
        "positions not finite": good._replace(cell=bad_cell),
        "positions of shape": good._replace(
            cell=good.cell._replace(positions=good.cell.positions[:-1])
        ),
        "forces of shape": good._replace(forces=good.forces[:-1]),
        "a stress of shape": good._replace(stress=np.zeros(6)),
        "without volume": good._replace(cell=good.cell._replace(lattice=np.ones((3, 3)))),
    }
    check_labelled([good])
    for words, bad in cases.items():
        with pytest.raises(DataError, match=f"structure 0: .*{words}"):
            check_labelled([good, bad])
    with pytest.raises(DataError, match="no structures"):
        check_labelled([])


def by_hand(tmp_path, info: str, fixed: bool = False):
    """Two atoms, the first of which may be fixed, and what a file says of them."""
    mask, first, second = ("move_mask:L:1:", "F ", "T ") if fixed else ("", "", "")
    file = tmp_path / "by_hand.extxyz"
    file.write_text(
        f'2\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:{mask}forces:R:3 '
        f'{info} pbc="T T T"\n'
        f"Si 0.0 0.0 0.0 {first}1.0 0.0 0.0\nSi 1.5 1.3 1.4 {second}-1.0 0.0 0.0\n"
    )
    return read_labelled(file)[0]


def test_forces_of_fixed_atoms_are_those_of_the_file(tmp_path):
    read = by_hand(tmp_path, "energy=-8.0", fixed=True)
    np.testing.assert_array_equal(read.forces, [[1.0, 0, 0], [-1.0, 0, 0]])


@pytest.mark.parametrize("name", ["constrained.traj", "constrained.db"])
def test_constraints_change_no_label(tmp_path, name):
    atoms = copper(0)
    expected = atoms.get_forces(), atoms.get_stress(voigt=False)
    atoms.set_constraint([FixAtoms([0]), FixCartesian([1])])
    write(tmp_path / name, atoms)
    [read] = read_labelled(tmp_path / name)
    np.testing.assert_allclose(read.forces, expected[0], atol=1e-12)
    np.testing.assert_allclose(read.stress, expected[1], atol=1e-12)
    assert np.abs(read.forces).min(axis=1).all()


@pytest.mark.parametrize("name", ["virial", "virials"])
def test_a_virial_is_a_stress(tmp_path, name):
    read = by_hand(tmp_path, f'energy=-8.0 {name}="1 2 3 2 4 5 3 5 6"')
    np.testing.assert_allclose(read.stress, -np.array([[1, 2, 3], [2, 4, 5], [3, 5, 6]]) / 125.0)
    with pytest.raises(DataError, match="9"):
        by_hand(tmp_path, f'energy=-8.0 {name}="1 2"')


def test_a_stress_in_other_units_is_told(tmp_path):
    atoms = bulk("Si")
    results = {"energy": 0.0, "forces": np.zeros((2, 3)), "stress": np.full(6, -80.0)}
    atoms.calc = SinglePointCalculator(atoms, **results)
    write(tmp_path / "kbar.extxyz", atoms)
    with pytest.raises(DataError, match=r"structure 0: a stress of 80 .* are they kbar or GPa\?"):
        read_labelled(tmp_path / "kbar.extxyz")


def test_the_free_energy_belongs_to_the_forces(tmp_path):
    assert by_hand(tmp_path, "energy=-8.0 free_energy=-8.5").energy == -8.5
    assert by_hand(tmp_path, "free_energy=-8.5").energy == -8.5


def test_an_atom_that_is_there_twice_is_told(silicon_f64):
    good = labelled_silicon(silicon_f64, 1)[0]
    positions = good.cell.positions.copy()
    positions[3] = positions[1] + good.cell.lattice[2]
    twice = good._replace(cell=good.cell._replace(positions=positions), source="by hand")
    with pytest.raises(DataError, match="by hand: atoms 1 and 3 are at one place"):
        check_labelled([good, twice])


def broken(frame: dict, **changes) -> dict:
    return {name: value for name, value in (frame | changes).items() if value != "none"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"force": [[0, 0, 0], [0]]}, "inhomogeneous"),
        ({"structure": "none"}, "'structure' is missing or unknown"),
        ({"uncorrected_total_energy": [1, 2]}, "float"),
        ({"stress": [[1], [1, 2]]}, "inhomogeneous"),
    ],
)
def test_a_broken_frame_of_json_is_named(tmp_path, silicon_f64, changes, told):
    frame = vasp_frame(labelled_silicon(silicon_f64, 1)[0], "force", "uncorrected_total_energy")
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"mp-1": {"a": frame, "b": broken(frame, **changes)}}))
    with pytest.raises(DataError, match=f"{path}, mp-1 b: .*{told}"):
        read_labelled(path)


def test_a_site_that_is_no_element_is_named(tmp_path, silicon_f64):
    frame = vasp_frame(labelled_silicon(silicon_f64, 1)[0], "force", "uncorrected_total_energy")
    for site in frame["structure"]["sites"]:
        site["species"], site["label"] = [{"element": "X", "oxidation_state": 0, "occu": 1}], "X"
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"mp-1": {"a": frame}}))
    with pytest.raises(DataError, match=f"{path}, mp-1 a: "):
        read_labelled(path)


def test_an_energy_that_is_no_number_names_its_frame(tmp_path):
    with pytest.raises(DataError, match=r"by_hand.extxyz, structure 0: "):
        by_hand(tmp_path, 'energy="1 2 3"')


@pytest.mark.parametrize("name", ["Virial", "dft_stress", "REF_virial"])
def test_a_stress_of_another_name_is_told(tmp_path, caplog, name):
    assert by_hand(tmp_path, f'energy=-8.0 {name}="1 0 0 0 1 0 0 0 1"').stress is None
    assert f"no stress was read from {name}: it must be called stress" in caplog.text
    caplog.clear()
    assert by_hand(tmp_path, f"energy=-8.0 config_{name}_weight=0.0").stress is None
    assert not caplog.text
    both = f'energy=-8.0 virial="1 0 0 0 1 0 0 0 1" {name}="1 0 0 0 1 0 0 0 1"'
    assert by_hand(tmp_path, both).stress is not None
    assert not caplog.text
