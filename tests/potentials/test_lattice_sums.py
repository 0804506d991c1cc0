"""Sums over images: against loops over them, for cells of any shape, with derivatives."""

from __future__ import annotations

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.cells import Cell, Cells, pack
from a2c_ray.potentials.lattice_sums import CLOSEST, lattice_sums

CUTOFF = 9.0

LATTICES = {
    "cubic": np.eye(3) * 4.0,
    "flat": [[2.5, 0.0, 0.0], [0.4, 2.8, 0.0], [8.7, 4.1, 1.9]],
    "skewed": [[3.1, 0.2, -0.3], [2.9, 2.0, 0.4], [-2.2, 1.1, 4.0]],
    "left-handed": [[0.0, 3.0, 0.1], [3.2, 0.0, 0.0], [0.5, 0.4, 3.6]],
}


def gauss(distance2, width):
    return jnp.exp(-distance2 / width**2) + 0.01 / (1.0 + distance2) ** 3


def widths(cells):
    size = 2.0 + 0.1 * jnp.asarray(cells.numbers)
    return (size[:, :, None] + size[:, None, :],)


@jax.jit
def sums(cells):
    return lattice_sums(gauss, CUTOFF, cells, widths(cells))


@pytest.fixture(scope="module")
def cells():
    """Of three atoms, some on planes half a cell apart, where there is a choice of images."""
    fractional = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, -1.13, 2.5]]
    numbers = np.array([1, 6, 8], np.int32)
    made = [Cell(np.array(m), fractional @ np.array(m), numbers) for m in LATTICES.values()]
    return pack(made, 3, dtype="float64")


def looped(cell):
    """All pairs and images, one after another; more images than are needed."""
    n = len(cell.numbers)
    total = np.zeros((n, n))
    images = np.array(list(product(range(-20, 21), repeat=3))) @ cell.lattice
    for i, j in product(range(n), repeat=2):
        distance = np.linalg.norm(cell.positions[j] - cell.positions[i] + images, axis=1)
        distance = distance[(distance < CUTOFF) & (distance > 0)]
        width = 4.0 + 0.1 * (cell.numbers[i] + cell.numbers[j])
        total[i, j] = np.sum(gauss(distance**2, width))
    return total


def test_they_are_those_of_a_loop_over_images(cells):
    with jax.enable_x64(True):
        found = np.asarray(sums(cells))
        for slot in range(len(LATTICES)):
            cell = Cell(cells.lattice[slot], cells.positions[slot], cells.numbers[slot])
            np.testing.assert_allclose(found[slot], looped(cell), rtol=1e-12)


def test_derivatives_are_those_of_differences(cells):
    """Along a random change of positions and lattices, of random combinations of the sums."""
    rng = np.random.default_rng(3)
    weights = rng.standard_normal((4, 3, 3))
    moved, strained = rng.standard_normal((4, 3, 3)), rng.standard_normal((4, 3, 3))

    def along(step):
        changed = Cells(
            cells.positions + step * moved, cells.lattice + step * strained, cells.numbers
        )
        return jnp.sum(weights * sums(changed), axis=(1, 2))

    step = 1e-6
    with jax.enable_x64(True):
        slopes = jax.jacrev(along)(0.0)
        differences = (along(step) - along(-step)) / (2 * step)
    np.testing.assert_allclose(slopes, differences, rtol=1e-5)


def test_single_precision(cells):
    exact = np.stack([looped(Cell(*parts)) for parts in zip(*_parts(cells), strict=True)])
    single = Cells(
        cells.positions.astype("float32"), cells.lattice.astype("float32"), cells.numbers
    )
    np.testing.assert_allclose(sums(single), exact, rtol=3e-6)


def _parts(cells):
    return cells.lattice, cells.positions, cells.numbers


def test_a_cell_that_is_too_flat_is_nan_and_harms_no_other(cells):
    lattice = cells.lattice.copy()
    lattice[1] *= 1e-3
    with jax.enable_x64(True):
        found = np.asarray(sums(Cells(cells.positions, lattice, cells.numbers)))
        others = np.asarray(sums(cells))
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(np.delete(found, 1, axis=0), np.delete(others, 1, axis=0))


def test_atoms_that_nearly_coincide_have_a_value_and_no_force():
    positions = np.array([[0.0, 0.0, 0.0], [0.3 * CLOSEST, 0.0, 0.0]])
    cell = Cell(np.eye(3) * 20.0, positions, np.array([1, 1], np.int32))
    with jax.enable_x64(True):
        packed = pack([cell], 2, dtype="float64")

        def energy(moved):
            moved = Cells(moved, packed.lattice, packed.numbers)
            return lattice_sums(gauss, CUTOFF, moved, widths(moved))[0, 0, 1]

        value, force = jax.value_and_grad(energy)(packed.positions)
    assert value == pytest.approx(gauss(CLOSEST**2, 4.2))
    assert not np.any(force)
