"""Sums that zeros and further rows do not change, not even in the last bit."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.potentials.sums import steady_mix, steady_sum

rng = np.random.default_rng(0)


@pytest.mark.parametrize(("length", "more"), [(24, 16), (30, 34), (64, 200), (304, 912)])
def test_zeros_that_follow_change_no_bit(length, more):
    x = rng.normal(size=(2, 3, length, 3)).astype(np.float32)
    padded = np.concatenate([x, np.zeros((2, 3, more, 3), np.float32)], axis=2)
    total = jax.jit(steady_sum, static_argnums=1)(x, 2)
    np.testing.assert_array_equal(total, jax.jit(steady_sum, static_argnums=1)(padded, 2))
    np.testing.assert_allclose(total, x.astype(np.float64).sum(axis=2), atol=1e-5)


def test_short_axes():
    for length in (0, 1, 3, 8):
        x = rng.normal(size=(2, length)).astype(np.float32)
        np.testing.assert_allclose(steady_sum(x, 1), x.sum(axis=1), atol=1e-6)


@pytest.mark.parametrize("shape", [(224, 224), (3, 5), (70_000, 1)])
def test_features_are_mixed(shape):
    features, weights = rng.normal(size=(2, 3, shape[0])), rng.normal(size=shape)
    np.testing.assert_allclose(steady_mix(features, weights), features @ weights, atol=1e-3)


@pytest.mark.slow
def test_further_atoms_change_no_bit_of_mixed_features():
    """The scalars that SevenNet-0 receives, of few atoms and of many, and the gradient."""
    features = rng.normal(size=(1, 300, 224)).astype(np.float32)
    weights = rng.normal(size=(224, 224)).astype(np.float32)

    @jax.jit
    def mixed(x):
        return jax.value_and_grad(
            lambda x: (jnp.sum((y := steady_mix(x, weights)) ** 2), y), has_aux=True
        )(x)

    ((_, few), few_slopes), ((_, many), many_slopes) = mixed(features[:, :24]), mixed(features)
    np.testing.assert_array_equal(few, many[:, :24])
    np.testing.assert_array_equal(few_slopes, many_slopes[:, :24])


def test_gradients_are_those_of_a_sum():
    x = jnp.asarray(rng.normal(size=(2, 11)), jnp.float32)

    def cubes(add):
        return lambda x: jnp.sum(add(x**3, 1) ** 2)

    for derivative in (jax.grad, lambda f: jax.grad(lambda x: jnp.sum(jax.grad(f)(x) ** 2))):
        found, expected = (derivative(cubes(add))(x) for add in (steady_sum, jnp.sum))
        np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_potentials_that_add_up_so_are_pickled():
    """As Ray does it: their functions by value, with all that these call."""
    from ray import cloudpickle

    from a2c_ray.potentials.classical import stillinger_weber
    from a2c_ray.potentials.zbl import with_zbl

    for potential in (stillinger_weber(), with_zbl(stillinger_weber())):
        copy = cloudpickle.loads(cloudpickle.dumps(potential))
        assert copy.fingerprint == potential.fingerprint
