"""Padded batches of cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray.crystals import Cell, choose_sizes, pack, padded_size, unpack


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


def test_padded_sizes_grow_by_at_most_a_half():
    sizes = [padded_size(n) for n in range(1, 200)]
    assert all(size >= n for n, size in enumerate(sizes, 1))
    assert all(size <= 1.5 * n for n, size in enumerate(sizes, 1))
    assert sorted(set(sizes))[:9] == [1, 2, 3, 4, 6, 8, 12, 16, 24]


def cost(histogram, sizes):
    return sum(
        count * min(size for size in sizes if size >= n) ** 2 for n, count in histogram.items()
    )


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_other_sizes_waste_less(most):
    histogram = {1: 5, 2: 40, 3: 7, 5: 11, 6: 0, 8: 3}
    chosen = choose_sizes(histogram, most)
    assert len(chosen) <= most
    others = (
        (*smaller, 8) for k in range(most) for smaller in itertools.combinations([1, 2, 3, 5, 6], k)
    )
    assert cost(histogram, chosen) == min(cost(histogram, sizes) for sizes in others)
