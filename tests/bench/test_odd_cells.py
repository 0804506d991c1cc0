"""Cells of every kind."""

from __future__ import annotations

import numpy as np

from a2c_ray.bench.odd_cells import ODDITIES, common_elements, odd_cells

ELEMENTS = [5, 7, 8, 9, 12, 14, 22]


def test_they_follow_their_seed():
    cells, again, others = (odd_cells(40, ELEMENTS, seed) for seed in (3, 3, 4))
    for cell, same in zip(cells, again, strict=True):
        for array, other in zip(cell, same, strict=True):
            np.testing.assert_array_equal(array, other)
    assert any(len(a.numbers) != len(b.numbers) for a, b in zip(cells, others, strict=True))


def test_all_are_sound_and_odd_in_every_way():
    cells = odd_cells(20 * len(ODDITIES), ELEMENTS, 0)
    counts = [len(cell.numbers) for cell in cells]
    assert min(counts) == 1
    assert max(counts) == 24
    determinants = np.array([np.linalg.det(cell.lattice) for cell in cells])
    assert (determinants < 0).any()
    assert (np.abs(determinants) > 1).all()
    assert {int(z) for cell in cells for z in cell.numbers} <= set(ELEMENTS)
    assert any(len(set(cell.numbers)) > 2 for cell in cells)
    outside = [np.abs(cell.positions @ np.linalg.inv(cell.lattice)).max() > 10 for cell in cells]
    assert any(outside)


def test_elements_are_those_that_a_potential_knows():
    assert common_elements([14]) == [14]
    assert common_elements([2, 18]) == [2, 18]
    assert {8, 12} <= set(common_elements(range(1, 90)))
