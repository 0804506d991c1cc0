"""Harmonics that are written out are e3nn's."""

from __future__ import annotations

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.potentials.nequip.harmonics import edge_harmonics

vectors = np.random.default_rng(0).normal(size=(2, 9, 3))


def of_e3nn(degrees, vectors):
    given = e3nn.IrrepsArray("1o", vectors)
    found = e3nn.spherical_harmonics(list(degrees), given, True, normalization="component")
    return jnp.moveaxis(found.array, -1, -2)


@pytest.mark.parametrize("degrees", [(0,), (1,), (2,), (3,), (0, 1, 2, 3), (3, 1), (0, 2, 5)])
def test_values_and_gradients(degrees):
    def weighted(harmonics):
        return lambda v: jnp.sum(jnp.cos(harmonics(degrees, v) + jnp.arange(9)))

    with jax.enable_x64(True):
        v = jnp.asarray(vectors)
        np.testing.assert_allclose(edge_harmonics(degrees, v), of_e3nn(degrees, v), atol=1e-13)
        ours, theirs = jax.grad(weighted(edge_harmonics))(v), jax.grad(weighted(of_e3nn))(v)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("degree", range(6))
def test_squares_add_up(degree):
    squares = jnp.sum(edge_harmonics([degree], jnp.asarray(vectors)) ** 2, axis=-2)
    np.testing.assert_allclose(squares, 2 * degree + 1, rtol=1e-5)
