"""The loops give what matrix products give."""

from __future__ import annotations

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from structures import read_structures

from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.nequip.compiled_convolution import compiled_edges, convolve_edges
from a2c_ray.potentials.nequip.compiled_images import CompiledImages, convolve_images
from a2c_ray.potentials.nequip.convolution import EdgeFeatures, convolve, tensor_product_paths
from a2c_ray.potentials.nequip.network import gate_irreps
from a2c_ray.potentials.nequip.radial import hermite_coefficients, interpolate

IRREPS = {
    "scalars": ("6x0e", "1x0e+1x1e+1x2e"),
    "SevenNet-0": ("12x0e+6x1e+4x2e", "1x0e+1x1e+1x2e"),
    "odd parities": ("8x0e+4x1o+3x2e+2x3o", "1x0e+1x1o+1x2e+1x3o"),
}
N_ATOMS, N_EDGES, N_KNOTS = 5, 7, 9


class Graph:
    """Random features, edges and radial functions; the last edge of each atom is padding."""

    def __init__(self, names: tuple[str, str]) -> None:
        rng = np.random.default_rng(0)
        self.nodes, self.irreps = map(e3nn.Irreps, names)
        self.paths = tensor_product_paths(self.nodes, self.irreps, gate_irreps(self.nodes))
        n_weights = sum(path.channels for path in self.paths)
        self.senders = jnp.asarray(rng.integers(0, N_ATOMS, (N_ATOMS, N_EDGES)), jnp.int32)
        self.knots = rng.normal(size=(2, N_KNOTS, n_weights))
        self.knots[:, -1] = 0.0
        self.table = jnp.asarray(np.moveaxis(self.knots, 0, 1), jnp.float32)
        self.features = [
            jnp.asarray(rng.normal(size=(ir.dim, N_ATOMS, n)), jnp.float32) for n, ir in self.nodes
        ]
        self.harmonics = jnp.asarray(
            rng.normal(size=(N_ATOMS, self.irreps.dim, N_EDGES)), jnp.float32
        )
        place = rng.uniform(0.0, N_KNOTS - 1, (N_ATOMS, N_EDGES))
        place[:, -1] = N_KNOTS - 1
        self.place = jnp.asarray(place, jnp.float32)

    def by_edges(self, features, harmonics, place):
        harmonics = jnp.moveaxis(harmonics, 1, 2)
        edges = compiled_edges(self.paths, self.irreps, self.senders, harmonics, place, N_KNOTS)
        return convolve_edges(self.paths, self.nodes, features, edges, self.table)

    def by_images(self, features, harmonics, place):
        """All atoms are of one cell."""
        harmonics = jnp.moveaxis(harmonics, 1, 2)
        images = CompiledImages(self.senders, harmonics, self.irreps, place, N_KNOTS, N_ATOMS)
        return convolve_images(self.paths, self.nodes, features, images, self.table)

    def by_products(self, features, harmonics, place):
        """A radial feature for each weight, and layers that only pick theirs."""
        table = jnp.asarray(hermite_coefficients(*self.knots, 1.0), jnp.float32)
        weights = interpolate(place, table, N_KNOTS - 1)
        edges = EdgeFeatures([harmonics[:, s] for s in self.irreps.slices()], weights)
        ends = np.cumsum([path.channels for path in self.paths])
        picks = jnp.split(jnp.eye(weights.shape[-1], dtype=jnp.float32), ends[:-1], axis=1)
        return convolve(self.paths, features, self.senders, edges, picks)


@pytest.fixture(scope="module", params=IRREPS)
def graph(request):
    return Graph(IRREPS[request.param])


@pytest.mark.parametrize("way", ["by_edges", "by_images"])
def test_messages(graph, way):
    arguments = graph.features, graph.harmonics, graph.place
    compare(jax.jit(getattr(graph, way))(*arguments), jax.jit(graph.by_products)(*arguments))


@pytest.mark.parametrize("way", ["by_edges", "by_images"])
def test_gradients(graph, way):
    def gradients(convolution):
        def loss(*arguments):
            return sum(jnp.sum(jnp.sin(x + k)) for k, x in enumerate(convolution(*arguments)))

        gradient = jax.jit(jax.grad(loss, argnums=(0, 1, 2)))
        return gradient(graph.features, graph.harmonics, graph.place)

    compare(gradients(getattr(graph, way)), gradients(graph.by_products))


def compare(result, expected):
    for a, b in zip(jax.tree.leaves(result), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5 * np.abs(b).max())


def test_what_is_no_number_stays_so():
    """A position that is none must not look like an atom without neighbours."""
    graph = Graph(IRREPS["SevenNet-0"])
    place = graph.place.at[2, 3].set(jnp.nan)
    for message in graph.by_edges(graph.features, graph.harmonics, place):
        lost = np.isnan(message).any(axis=(0, 2))
        np.testing.assert_array_equal(lost, np.arange(N_ATOMS) == 2)


def test_a_row_of_atoms_is_the_same_in_any_batch():
    """To the last bit, whatever lies beside it and however long the lists are."""
    graph = Graph(IRREPS["SevenNet-0"])
    alone = graph.by_edges(graph.features, graph.harmonics, graph.place)
    graph.senders = jnp.pad(graph.senders, ((0, 0), (0, 4)))
    longer = graph.by_edges(
        graph.features,
        jnp.pad(graph.harmonics, ((0, 0), (0, 0), (0, 4))),
        jnp.pad(graph.place, ((0, 0), (0, 4)), constant_values=N_KNOTS - 1),
    )
    for a, b in zip(alone, longer, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kernels", ["xla", "numba"])
def test_sevennet_of_a_glass(kernels, sevennet_f64):
    """Each way of single precision against the network itself in double precision."""
    ((_, glass),) = read_structures("tio2_amorphous96.json")
    with jax.enable_x64(True):
        expected = sevennet_f64.evaluate([glass])[0]
    result = load_potential("sevennet-0", kernels=kernels).evaluate([glass])[0]
    assert result.energy == pytest.approx(expected.energy, abs=1e-5 * len(glass))
    np.testing.assert_allclose(result.forces, expected.forces, atol=1e-4)
    np.testing.assert_allclose(result.stress, expected.stress, atol=1e-6)
