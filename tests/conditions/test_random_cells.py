"""Random cells of a composition."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.conditions.random_cells import CROWDING, random_cells, typical_distance
from a2c_ray.radii import contact_distances


def test_formula_units_take_turns():
    cells = random_cells(Composition("Mg8F16"), 12, most_atoms=9, seed=0)
    assert Counter(len(cell.numbers) for cell in cells) == {3: 4, 6: 4, 9: 4}
    for cell in cells:
        assert Counter(cell.numbers)[9] == 2 * Counter(cell.numbers)[12]
    silicon = random_cells(Composition("Si"), 8, most_atoms=12, seed=0)
    assert Counter(len(cell.numbers) for cell in silicon) == {1: 2, 2: 2, 3: 2, 4: 2}
    again = random_cells(Composition("MgF2"), 12, most_atoms=9, seed=0)
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(cells, again, strict=True))


def test_a_large_formula_unit_is_taken_whole():
    [cell] = random_cells(Composition("Ca3(PO4)2"), 1, most_atoms=12, seed=0)
    assert len(cell.numbers) == 13


def test_their_density_is_that_of_atoms_in_touch():
    composition = Composition("MgF2")
    distances = contact_distances(composition)
    like, unlike = distances[12, 12] / 9 + 4 * distances[9, 9] / 9, 4 * distances[9, 12] / 9
    assert typical_distance(composition) == pytest.approx(like + unlike)
    volume = CROWDING * typical_distance(composition) ** 3
    for cell in random_cells(composition, 5, most_atoms=12, seed=1):
        assert abs(np.linalg.det(cell.lattice)) == pytest.approx(len(cell.numbers) * volume)
