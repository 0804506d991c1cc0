"""Products and inverses of 3 x 3 matrices are NumPy's."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from a2c_ray.matrices import cross, inverses, rows_times

rng = np.random.default_rng(0)


def test_rows_times_matrices():
    rows, matrices = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 3, 3))
    np.testing.assert_allclose(rows_times(rows, matrices), rows @ matrices, atol=1e-6)


def test_leading_axes_are_broadcast():
    rows, matrices = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(2, 1, 3, 3))
    np.testing.assert_allclose(rows_times(rows, matrices), rows @ matrices, atol=1e-6)


def test_cross_products():
    a, b = rng.normal(size=(2, 7, 3))
    np.testing.assert_allclose(cross(a, b), np.cross(a, b), atol=1e-6)


@pytest.mark.parametrize("height", [1.0, 1e-3])
def test_inverses_of_sheared_and_of_flat_cells(height):
    matrices = np.eye(3) + 0.3 * rng.normal(size=(20, 3, 3))
    matrices[:, 2] *= height
    with jax.enable_x64(True):
        np.testing.assert_allclose(inverses(matrices), np.linalg.inv(matrices), rtol=1e-9)
    found = inverses(matrices.astype(np.float32))
    np.testing.assert_allclose(found @ matrices, np.broadcast_to(np.eye(3), (20, 3, 3)), atol=1e-4)


def test_a_cell_without_volume_has_no_inverse():
    assert not np.isfinite(inverses(np.ones((3, 3)))).any()
