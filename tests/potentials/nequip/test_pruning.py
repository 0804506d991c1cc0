"""What a network's energy does not depend on is left out, and nothing else."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.nequip.network import NequIP, NequIPConfig
from a2c_ray.potentials.nequip.parameter_shapes import wrong_parameter
from a2c_ray.potentials.nequip.pruning import pruned
from a2c_ray.training.networks import count_parameters, random_parameters

STUDENT_LIKE = NequIPConfig(
    species=(5, 7),
    embedding_irreps="6x0e",
    layer_irreps=("6x0e+4x1e+2x2e", "6x0e+4x1e+2x2e"),
    edge_irreps="0e+1e+2e",
    cutoff=4.5,
    n_basis=4,
    envelope="polynomial",
    envelope_parameter=6.0,
    radial_hidden=(8, 4),
    silu_scale=1.6790,
    denominator=3.0,
    self_connection="linear",
    readout_hidden=5,
)


def energies(config, parameters, vectors):
    shape = vectors.shape[:-1]
    senders = np.random.default_rng(1).integers(0, shape[1], shape).astype(np.int32)
    edges = Edges(senders, vectors, np.ones(shape, bool), np.ones(shape, bool))
    species = np.arange(shape[1], dtype=np.int32)[None] % 2
    return NequIP(config).apply({"params": parameters}, species, edges)


@pytest.mark.parametrize(
    "changes", [{}, {"self_connection": "species", "scalar_bias": True}, {"readout_hidden": 0}]
)
def test_energies_and_their_gradients_stay(changes):
    config = dataclasses.replace(STUDENT_LIKE, **changes)
    vectors = np.random.default_rng(0).normal(0, 2, (1, 3, 5, 3))
    with jax.enable_x64(True):
        parameters = random_parameters(config, seed=0)
        smaller, left = pruned(config, parameters)
        assert smaller.layer_irreps == ("6x0e+4x1e+2x2e", "6x0e")
        assert wrong_parameter(smaller, left) is None
        assert count_parameters(smaller) < 0.7 * count_parameters(config)

        def gradient(config, parameters):
            return jax.grad(lambda v: jnp.sum(energies(config, parameters, v)))(vectors)

        before, after = energies(config, parameters, vectors), energies(smaller, left, vectors)
        np.testing.assert_allclose(after, before, atol=1e-12)
        slopes = gradient(config, parameters)
        assert np.abs(slopes).max() > 1e-3
        np.testing.assert_allclose(gradient(smaller, left), slopes, atol=1e-12)


def test_a_network_of_scalars_loses_nothing():
    config = dataclasses.replace(STUDENT_LIKE, layer_irreps=("6x0e+4x1e", "6x0e"))
    parameters = random_parameters(config, seed=0)
    smaller, left = pruned(config, parameters)
    assert smaller == config
    jax.tree.map(np.testing.assert_array_equal, left, parameters)


def test_a_network_that_normalises_over_all_irreps_keeps_them():
    config = dataclasses.replace(STUDENT_LIKE, layer_norm=True)
    parameters = random_parameters(config, seed=0)
    assert pruned(config, parameters) == (config, parameters)
