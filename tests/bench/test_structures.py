"""Structures of users' files: all of them, or a line that says which one and why not."""

from __future__ import annotations

import gzip

import pytest
from pymatgen.core import DummySpecies, Lattice, Structure

from a2c_ray.bench.structures import read_structures
from a2c_ray.errors import InputError


def test_all_blocks_of_a_cif(diamond, rutile, tmp_path):
    both = diamond.to(fmt="cif") + "\n" + rutile.to(fmt="cif")
    (tmp_path / "two.cif").write_text(both)
    with gzip.open(tmp_path / "two.cif.gz", "wt") as file:
        file.write(both)
    for name in ("two.cif", "two.cif.gz"):
        assert [len(s) for s in read_structures(tmp_path / name)] == [8, 6]


def test_json_of_pymatgen(diamond, tmp_path):
    diamond.to(str(tmp_path / "diamond.json"))
    assert read_structures(tmp_path / "diamond.json") == [diamond]


def mixed() -> Structure:
    return Structure(Lattice.cubic(5.5), [{"Si": 0.7, "Ge": 0.3}], [[0, 0, 0]])


def test_sites_that_are_no_atoms(tmp_path):
    mixed().to(str(tmp_path / "partial.cif"))
    with pytest.raises(InputError, match="structure 0: sites that are occupied in part"):
        read_structures(tmp_path / "partial.cif")
    sites = [["Si", DummySpecies("X")], [[0, 0, 0], [0.5, 0.5, 0.5]]]
    Structure(Lattice.cubic(5.4), *sites).to(str(tmp_path / "dummy.json"))
    with pytest.raises(InputError, match=r"structure 0: X.* is no element"):
        read_structures(tmp_path / "dummy.json")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("POSCAR", "cell\n1.0\n5 0 0\n0 5 0\n0 0 5\n1\nDirect\n0 0 0\n", "no line of elements"),
        ("dummy.xyz", '1\nLattice="5 0 0 0 5 0 0 0 5"\nX 0 0 0\n', "dummy.xyz"),
        ("molecule.xyz", "1\n\nSi 0 0 0\n", "structure 0: no periodic cell"),
        ("broken.json", "{}", "cannot read"),
    ],
)
def test_what_is_no_cell_of_atoms_is_one_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as told:
        read_structures(tmp_path / name)
    assert "\n" not in str(told.value)
