"""The shapes of weights, against those that flax gives them."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax.traverse_util import flatten_dict, unflatten_dict

from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.nequip.network import NequIP, NequIPConfig
from a2c_ray.potentials.nequip.parameter_shapes import parameter_shapes, wrong_parameter

SMALL = NequIPConfig(
    species=(8, 22),
    embedding_irreps="6x0e",
    layer_irreps=("5x0e+3x1e", "4x0e"),
    edge_irreps="1x0e+1x1e",
    cutoff=5.0,
    n_basis=3,
    envelope="polynomial",
    envelope_parameter=6.0,
    radial_hidden=(7, 9),
    silu_scale=1.6790,
    denominator=6.0,
    self_connection="linear",
    readout_hidden=11,
)
CONFIGS = {
    "small": SMALL,
    "by species": dataclasses.replace(SMALL, self_connection="species", radial_hidden=()),
    "of true parity": dataclasses.replace(
        SMALL,
        layer_irreps=("5x0e+3x1o+2x2e", "4x0e"),
        edge_irreps="1x0e+1x1o+1x2e",
        readout_hidden=0,
        layer_norm=True,
    ),
    "with biases": dataclasses.replace(SMALL, scalar_bias=True),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_shapes_are_those_of_flax(config):
    edges = Edges(
        jax.ShapeDtypeStruct((1, 1, 8), jnp.int32),
        jax.ShapeDtypeStruct((1, 1, 8, 3), jnp.float32),
        jax.ShapeDtypeStruct((1, 1, 8), bool),
        jax.ShapeDtypeStruct((1, 1, 8), bool),
    )
    species = jax.ShapeDtypeStruct((1, 1), jnp.int32)
    variables = jax.eval_shape(NequIP(config).init, jax.random.PRNGKey(0), species, edges)
    theirs = flatten_dict(variables["params"], sep="/")
    assert parameter_shapes(config) == {name: x.shape for name, x in theirs.items()}


def test_the_tensor_that_does_not_fit_is_named():
    sound = {name: np.zeros(shape) for name, shape in parameter_shapes(SMALL).items()}

    def fault(**changed: np.ndarray) -> str | None:
        return wrong_parameter(SMALL, unflatten_dict(sound | changed, sep="/"))

    assert fault() is None
    assert fault(scale=np.ones(3)) == "tensor scale has shape [3], but the network needs [2]"
    assert fault(shift=np.array([0, np.nan])) == "tensor shift holds numbers that are not finite"
    assert fault(**{"layer_0/else": np.ones(1)}) == "the network has no tensor layer_0/else"
    del sound["layer_1/linear_2/0e"]
    assert fault() == "there is no tensor layer_1/linear_2/0e, of shape [8, 4]"
