"""Padded batches of cells."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import DummySpecies, Lattice, Structure

from a2c_ray.cells import (
    Cell,
    NoCellError,
    UnknownAtomError,
    pack,
    translated,
    translations_far_away,
    unpack,
)


def test_packing_and_unpacking(rutile):
    small = Cell(np.eye(3) * 3.0, np.full((1, 3), 0.5), np.array([14]))
    cells = pack([Cell.from_structure(rutile), None, small], 8, 4, "float64")
    assert cells.positions.shape == (4, 8, 3)
    assert np.sum(cells.numbers > 0, axis=1).tolist() == [6, 0, 1, 0]
    again = unpack(cells, 0).structure
    assert again.composition == rutile.composition
    np.testing.assert_allclose(again.lattice.matrix, rutile.lattice.matrix)
    np.testing.assert_allclose(again.distance_matrix, rutile.distance_matrix, atol=1e-9)
    np.testing.assert_allclose(np.asarray(cells.volume), [rutile.volume, 1e6, 27.0, 1e6], rtol=1e-6)


def test_a_structure_is_wrapped_into_its_cell():
    cell = Cell(np.eye(3) * 4.0, np.array([[5.0, -1.0, 0.0]]), np.array([14]))
    assert isinstance(cell.structure, Structure)
    np.testing.assert_allclose(cell.structure.frac_coords, [[0.25, 0.75, 0.0]])


def test_what_is_no_periodic_cell_of_atoms_is_refused(diamond):
    atoms = diamond.to_ase_atoms()
    np.testing.assert_allclose(Cell.of(atoms).positions, Cell.of(diamond).positions)
    atoms.pbc = (True, True, False)
    slab = Structure(Lattice(diamond.lattice.matrix, atoms.pbc), ["Si"], [[0, 0, 0]])
    for open_one in (atoms, slab):
        with pytest.raises(NoCellError, match=r"is not periodic in all three .*\(pbc T T F\)"):
            Cell.of(open_one)
    with pytest.raises(NoCellError, match="occupied in part"):
        Cell.of(Structure(diamond.lattice, [{"Si": 0.5}], [[0, 0, 0]]))
    with pytest.raises(TypeError, match="in a list, found PeriodicSite"):
        Cell.of(diamond[0])


def test_atoms_of_no_element_are_refused(diamond):
    atoms = diamond.to_ase_atoms()
    for number in (0, 119, -14):
        atoms.numbers[1] = number
        with pytest.raises(UnknownAtomError, match="atom 1 is no element"):
            Cell.of(atoms)
    diamond.replace_species({"Si": DummySpecies("X")})
    with pytest.raises(UnknownAtomError, match="atom 0 is no element"):
        Cell.of(diamond)


def test_sites_that_ase_has_left_one_atom_of_are_refused(diamond):
    atoms = diamond.to_ase_atoms()
    atoms.info["occupancy"] = {"0": {"Si": 0.7, "Ge": 0.3}}
    with pytest.raises(NoCellError, match="occupied in part"):
        Cell.of(atoms)


def test_atoms_far_away_are_told_by_whole_translations():
    lattice = np.array([[4.0, 0, 0], [1, 5, 0], [0, 2, 6]])
    fractional = np.array([[0.5, -1.5, 1.9], [-40.25, 2.0, 0.1]])
    cell = Cell(lattice, fractional @ lattice, np.array([14, 14]))
    translations = translations_far_away(cell)
    np.testing.assert_array_equal(translations[0], 0)
    assert abs(fractional[1] - translations[1]).max() < 2
    home = translated(cell, -translations)
    assert translations_far_away(home) is None
    np.testing.assert_allclose(translated(home, translations).positions, cell.positions)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_atoms_nowhere_are_left_there(odd):
    positions = np.array([[odd, 0, 0], [400.0, 0, 0]])
    translations = translations_far_away(Cell(4 * np.eye(3), positions, np.array([14, 14])))
    np.testing.assert_array_equal(translations, [[0, 0, 0], [100, 0, 0]])
    assert translations_far_away(Cell(np.zeros((3, 3)), positions, np.array([14, 14]))) is None
