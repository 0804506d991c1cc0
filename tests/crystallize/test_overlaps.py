"""Pushing apart atoms that cutting has brought together."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.cells import Cell
from a2c_ray.crystallize.overlaps import CONTACT_FRACTION, minimum_distances, separate
from a2c_ray.potentials.neighbors import neighbor_pairs
from a2c_ray.radii import contact_distances
from a2c_ray.relaxation.batching import Relaxer


@pytest.fixture
def glass(rutile):
    """A crystal with the distances of a glass of MgF2."""
    rutile.make_supercell([2, 2, 3])
    return rutile


def shortest(cell: Cell) -> float:
    return float(neighbor_pairs(cell.structure, 4.0)[3].min())


def test_limits_are_below_what_the_glass_has(glass):
    limits = minimum_distances(glass)
    receivers, senders, _, distances = neighbor_pairs(glass, 4.0)
    numbers = np.array(glass.atomic_numbers)
    assert np.all(distances > limits[numbers[receivers], numbers[senders]])
    contact = CONTACT_FRACTION * contact_distances(glass.composition)
    assert np.all(limits <= contact)
    assert limits[12, 9] > 1.2
    assert limits[14, 14] == 0.0


def test_coinciding_atoms_are_separated_and_sound_cells_stay(glass, silicon):
    limits = minimum_distances(glass)
    overlapping = Structure(
        Lattice.cubic(4.0), ["Mg", "F", "F"], [[0, 0, 0], [0.02, 0, 0], [0.5, 0.5, 0.5]]
    )
    sound = glass.get_primitive_structure()
    cells = [Cell.from_structure(s) for s in (overlapping, sound)]
    separated, kept = separate(cells, limits, Relaxer(silicon))
    assert [separated.index, kept.index] == [0, 1]
    assert shortest(cells[0]) < 0.1
    assert shortest(separated.cell) > 0.97 * limits[limits > 0].min()
    assert kept.steps == 0 or np.allclose(kept.cell.positions, cells[1].positions, atol=1e-5)
    np.testing.assert_allclose(kept.cell.lattice, cells[1].lattice, atol=1e-5)
