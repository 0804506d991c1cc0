"""Files that claim what they do not hold: one line, at once, and nothing of theirs is run."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sys

import numpy as np
import pytest
from ase import Atoms
from pymatgen.core import Lattice, Structure

from a2c_ray.bench.structures import read_structures
from a2c_ray.cells import Cell
from a2c_ray.errors import InputError
from a2c_ray.reading import compressed, extended_xyz
from a2c_ray.reading.checks import fault, problem_of
from a2c_ray.reading.files import InputFile, read_file
from a2c_ray.training.readers import read_labelled

FRAME = """{n}
Lattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:{columns} energy=-1.0
Si 0 0 0 0 0 0
Si 1 1 1 0 0 0
"""

CIF = """data_x
_cell_length_a {a}
_cell_length_b 5
_cell_length_c 5
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_symmetry_equiv_pos_as_xyz
x,y,z
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Si {x} 0 0 {occupancy}
"""
SOUND = {"a": 5, "x": 0, "occupancy": 1}

POSCAR = "Si\n{scale}\n5 0 0\n0 5 0\n0 0 5\nSi\n{n}\nDirect\n0 0 0\n"


@pytest.mark.parametrize("reader", [read_structures, read_labelled])
@pytest.mark.parametrize(
    ("claimed", "message"),
    [
        ({"n": 3000, "columns": 3}, "structure 1: line 5: 3000 atoms announced, 2 there"),
        ({"n": 2, "columns": 3000}, "structure 1: 3004 columns announced, 7 there"),
        ({"n": "many", "columns": 3}, "structure 1: .*expected a number of atoms, found 'many'"),
    ],
)
def test_headers_that_promise_more_than_there_is(tmp_path, reader, claimed, message):
    text = FRAME.format(n=2, columns=3) + FRAME.format(**claimed)
    with gzip.open(tmp_path / "it.extxyz.gz", "wt") as file:
        file.write(text)
    with pytest.raises(InputError, match=message):
        reader(tmp_path / "it.extxyz.gz")


@pytest.mark.parametrize("comment", ["CRYSTAL", "note='Program PWSCF'"])
def test_the_ending_decides_about_the_format(tmp_path, comment):
    """By the content ASE would take these for other programs' files."""
    text = FRAME.format(n=2, columns=3).replace("Lattice", f"{comment} Lattice")
    (tmp_path / "it.xyz").write_text(2 * text)
    path = tmp_path / "it.xyz"
    assert [len(frame.atoms) for frame in read_file(InputFile(path, "it"))] == [2, 2]
    assert len(read_labelled(tmp_path / "it.xyz")) == 2


def test_nothing_that_a_file_names_is_imported(tmp_path, monkeypatch, diamond):
    (tmp_path / "named_by_a_file.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    content = diamond.as_dict()
    content["sites"][0]["properties"] = {
        "note": {"@module": "named_by_a_file", "@class": "Thing"},
    }
    (tmp_path / "one.json").write_text(json.dumps(content))
    frame = {"structure": content, "energy": -1.0, "forces": np.zeros((8, 3)).tolist()}
    (tmp_path / "labelled.json").write_text(json.dumps({"material": {"frame": frame}}))
    [structure] = read_structures(tmp_path / "one.json")
    assert structure == diamond
    [labelled] = read_labelled(tmp_path / "labelled.json")
    assert labelled.cell.structure == diamond
    assert "named_by_a_file" not in sys.modules


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.cif", CIF.format(**SOUND | {"occupancy": 1e9}), "Occupancy 1000000000.0 exceeded"),
        ("x.cif", CIF.format(**SOUND | {"occupancy": "nan"}), "'Si' has an occupancy of nan"),
        ("x.cif", CIF.format(**SOUND | {"occupancy": "-0.5"}), "'Si' has an occupancy of -0.5"),
        ("x.cif", CIF.format(**SOUND | {"occupancy": "0.998"}), "sites that are occupied in part"),
        ("x.cif", CIF.format(**SOUND | {"occupancy": "all"}), "_occupancy is 'all', which is no"),
        ("x.cif", CIF.format(**SOUND | {"occupancy": ""}), "a loop lacks values: its last row"),
        ("x.cif", CIF.format(**SOUND | {"x": "1/3"}), "_fract_x is '1/3', which is no number"),
        ("x.cif", CIF.format(**SOUND | {"a": "?"}), "_cell_length_a is '[?]', which is"),
        ("x.cif", CIF.format(**SOUND | {"x": "nan"}), "cannot read"),
        ("x.cif", CIF.format(**SOUND | {"x": "1e999"}), "cannot read"),
        ("x.cif", CIF.format(**SOUND | {"a": "1e300"}), "structure 0: a cell or coordinates bey"),
        ("POSCAR", POSCAR.format(scale=1.0, n=9999), "9999 atoms announced, 1 there"),
        ("POSCAR", POSCAR.format(scale="1e300", n=1), "structure 0: a cell or coordinates beyond"),
        ("POSCAR", POSCAR.format(scale="3e-3", n=1), "structure 0: a cell of no volume"),
        ("x.json", "[" * 5000, "cannot read"),
        ("x.json", '{"lattice": 1, "sites": []}', "cannot read"),
    ],
)
def test_structures_that_cannot_be_are_one_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as told:
        read_structures(tmp_path / name)
    assert "\n" not in str(told.value)


def test_what_makes_a_cell_unusable():
    def problem(lattice: np.ndarray, place: float = 0.0) -> str | None:
        return problem_of(Cell(lattice, np.full((1, 3), place), np.array([14])))

    assert problem(np.eye(3) * 2.0) is None
    assert problem(np.array([[2.5, 0, 0], [40, 2.5, 0], [0, 0, 30.0]])) is None
    assert problem(np.diag([5, 5, np.inf])) == "lattice not finite"
    assert problem(np.eye(3), np.nan) == "positions not finite"
    assert problem(np.eye(3) * 2e4) == "a cell or coordinates beyond 10000 Å"
    assert problem(np.eye(3), -1e300) == "a cell or coordinates beyond 10000 Å"
    assert problem(np.diag([5, 5, 0])) == "a cell without volume"
    flat = problem(np.diag([5, 5, 0.01]))
    assert flat == "a cell so flat that 3e+04 of its images lie within 6 Å"


def test_a_position_that_is_no_number_is_told_and_not_left_out(tmp_path):
    from a2c_ray.training.labelled import check_labelled

    sound = FRAME.format(n=2, columns=3)
    (tmp_path / "it.xyz").write_text(sound + sound.replace("Si 1", "Si nan"))
    structures = read_labelled(tmp_path / "it.xyz")
    with pytest.raises(InputError, match="structure 1: positions not finite"):
        check_labelled(structures)


def test_coincident_atoms_are_found():
    from a2c_ray.training import labelled

    lattice = Lattice.cubic(20)
    places = np.random.default_rng(0).permutation(np.indices((3, 3, 3)).reshape(3, -1).T) / 3
    apart = Cell.from_structure(Structure(lattice, ["Si"] * 27, places))
    assert labelled._coincident(apart) is None
    places[25] = places[11] + [1e-3, 0, 1]
    twice = Cell.from_structure(Structure(lattice, ["Si"] * 27, places))
    assert labelled._coincident(twice) == "atoms 11 and 25 are at one place"


PACKED = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["it.extxyz", "it.cif", "it.json", "POSCAR"])
def test_what_decompresses_without_end_is_given_up(tmp_path, monkeypatch, name, suffix):
    monkeypatch.setattr(compressed, "ALWAYS", 2**20)
    packed = PACKED[suffix](b" \n" * 2**21)
    assert compressed.MOST_EXPANSION * len(packed) < 2**22
    path = tmp_path / f"{name}{suffix}"
    path.write_bytes(packed)
    [problem] = read_file(InputFile(path, "it"))
    assert str(problem).startswith("it: decompresses to more than 1.05e+06 bytes, which no struc")
    if name.endswith("json"):
        with pytest.raises(InputError, match="decompresses to more than"):
            read_labelled(path)


@pytest.mark.parametrize("suffix", PACKED)
def test_structures_may_be_much_longer_than_their_file(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(compressed, "ALWAYS", 0)
    rng = np.random.default_rng(0)
    frame = FRAME.format(n=2, columns=3)
    frames = (frame.replace("Si 1 1", f"Si {x:.4f} {y:.4f}") for x, y in rng.random((2000, 2)))
    path = tmp_path / f"it.xyz{suffix}"
    path.write_bytes(PACKED[suffix]("".join(frames).encode()))
    assert len(list(read_file(InputFile(path, "it")))) == 2000


@pytest.mark.parametrize("suffix", PACKED)
def test_damage_in_the_middle_is_one_line(tmp_path, suffix):
    packed = bytearray(PACKED[suffix](np.random.default_rng(0).bytes(30_000).hex().encode()))
    packed[5000:5100] = bytes(100)
    path = tmp_path / f"POSCAR{suffix}"
    path.write_bytes(packed)
    [problem] = read_file(InputFile(path, "it"))
    assert "\n" not in str(problem)


def test_a_number_of_atoms_of_thousands_of_digits(tmp_path):
    path = tmp_path / "it.xyz"
    path.write_text("9" * 5000 + "\n" + FRAME.format(n=2, columns=3))
    problem, frame = read_file(InputFile(path, "it"))
    assert str(problem).startswith(
        "it, structure 0: line 1: expected a number of atoms, found '999"
    )
    assert len(frame.atoms) == 2


def test_lines_without_end_are_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(extended_xyz, "LONGEST_LINE", 1000)
    path = tmp_path / "it.xyz"
    path.write_text(2 * FRAME.format(n=2, columns=3) + 2000 * "x")
    first, problem = read_file(InputFile(path, "it"))
    assert len(first.atoms) == 2
    assert str(problem) == "it: a line of more than 1000 characters"


def test_atoms_of_no_element_are_told():
    for number in (0, 214, -14):
        atoms = Atoms([14, number], positions=[[0, 0, 0], [2, 2, 2]], cell=[5, 5, 5], pbc=True)
        assert fault(atoms) == "atom 1 is no element"


@pytest.mark.parametrize(
    "shares", [{"Si": 0.7, "Ge": 0.3}, {"Si": float("nan")}, {"Si": 1, "Ge": 1}]
)
def test_sites_that_are_not_one_atom_are_told(shares):
    atoms = Atoms("Si", cell=[5, 5, 5], pbc=True, info={"occupancy": {"0": shares}})
    assert fault(atoms) == "sites that are occupied in part, or by several elements"
    atoms.info["occupancy"]["0"] = {"Si": 1.0, "Ge": 0.0}
    assert fault(atoms) is None
