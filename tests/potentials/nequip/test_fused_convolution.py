"""e3j's convolution gives what ours gives."""

from __future__ import annotations

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.nequip.convolution import EdgeFeatures, convolve, tensor_product_paths
from a2c_ray.potentials.nequip.fused_convolution import convolve_fused
from a2c_ray.potentials.nequip.network import gate_irreps

IRREPS = {
    "SevenNet-0": ("12x0e+6x1e+4x2e", "1x0e+1x1e+1x2e"),
    "odd parities": ("8x0e+4x1o+2x2e+2x3o", "1x0e+1x1o+1x2e+1x3o"),
    "few paths": ("6x0e+4x1o", "1x0e+1x1o"),
}
N_ATOMS, N_EDGES, N_RADIAL = 5, 7, 8


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(IRREPS["few paths"], id="few paths"),
        pytest.param(IRREPS["SevenNet-0"], id="SevenNet-0", marks=pytest.mark.slow),
        pytest.param(IRREPS["odd parities"], id="odd parities", marks=pytest.mark.slow),
    ],
)
def test_messages_and_gradients(names):
    rng = np.random.default_rng(0)

    def random(*shape: int) -> jax.Array:
        return jnp.asarray(rng.normal(size=shape), jnp.float32)

    nodes, edges = map(e3nn.Irreps, names)
    irreps = (nodes, edges, gate_irreps(nodes))
    paths = tensor_product_paths(*irreps)
    senders = jnp.asarray(rng.integers(0, N_ATOMS, (N_ATOMS, N_EDGES)))
    features = [random(ir.dim, N_ATOMS, mul) for mul, ir in nodes]
    harmonics = [random(N_ATOMS, ir.dim, N_EDGES) for _, ir in edges]
    geometry = EdgeFeatures(harmonics, random(N_ATOMS, N_EDGES, N_RADIAL))
    last_layer = [random(N_RADIAL, path.channels) for path in paths]

    def ours(features, geometry):
        return convolve(paths, features, senders, geometry, last_layer)

    def fused(features, geometry):
        return convolve_fused(paths, irreps, features, senders, geometry, last_layer)

    def gradients(convolution):
        def loss(features, geometry):
            messages = convolution(features, geometry)
            return sum(jnp.sum(jnp.sin(x + k)) for k, x in enumerate(messages))

        return jax.jit(jax.grad(loss, argnums=(0, 1)))(features, geometry)

    compare(jax.jit(fused)(features, geometry), jax.jit(ours)(features, geometry))
    compare(gradients(fused), gradients(ours))


def compare(result, expected):
    for a, b in zip(jax.tree.leaves(result), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5 * np.abs(b).max())


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["sevennet-0", "sevennet-mf-0-r2scan"])
def test_cuda_kernels_on_sevennet(name, rutile):
    """Needs a CUDA device and the extra e3j."""
    expected = load_potential(name).evaluate([rutile])[0]
    result = load_potential(name, kernels="e3j").evaluate([rutile])[0]
    assert result.energy == pytest.approx(expected.energy, rel=1e-5)
    np.testing.assert_allclose(result.forces, expected.forces, atol=1e-4)
    np.testing.assert_allclose(result.stress, expected.stress, atol=1e-5)
