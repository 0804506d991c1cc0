"""The loops give what matrix products give."""

from __future__ import annotations

import itertools

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from structures import read_structures

from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.nequip.compiled_convolution import compiled_edges, convolve_edges
from a2c_ray.potentials.nequip.compiled_images import CompiledImages, convolve_images
from a2c_ray.potentials.nequip.convolution import EdgeFeatures, Path, convolve, tensor_product_paths
from a2c_ray.potentials.nequip.network import gate_irreps
from a2c_ray.potentials.nequip.radial import hermite_coefficients, interpolate
from a2c_ray.potentials.nequip.rows import by_harmonic

IRREPS = {
    "scalars": ("6x0e", "1x0e+1x1e+1x2e"),
    "SevenNet-0": ("12x0e+6x1e+4x2e", "1x0e+1x1e+1x2e"),
    "odd parities": ("8x0e+4x1o+3x2e+2x3o", "1x0e+1x1o+1x2e+1x3o"),
}
N_ATOMS, N_EDGES, N_KNOTS = 5, 7, 9
N_FORWARD = 12


class Graph:
    """Random features, radial functions, and edges of one cell with those that lead back.

    Some lead to an image of the atom itself; the last of each atom is padding. What belongs to an
    edge is given for those that lead forward: their senders come no earlier than their receivers.
    """

    def __init__(self, names: tuple[str, str]) -> None:
        rng = np.random.default_rng(0)
        self.nodes, self.irreps = map(e3nn.Irreps, names)
        self.paths = tensor_product_paths(self.nodes, self.irreps, gate_irreps(self.nodes))
        n_weights = sum(path.channels for path in self.paths)
        self.knots = rng.normal(size=(2, N_KNOTS, n_weights))
        self.knots[:, -1] = 0.0
        self.features = [
            jnp.asarray(rng.normal(size=(ir.dim, N_ATOMS, n)), jnp.float32) for n, ir in self.nodes
        ]
        self.harmonics = jnp.asarray(rng.normal(size=(N_FORWARD, self.irreps.dim)), jnp.float32)
        self.place = jnp.asarray(rng.uniform(0.0, N_KNOTS - 1, N_FORWARD), jnp.float32)

        ends = [(0, 0), (0, 1), (0, 1), (1, 4), (2, 2), (2, 2), (3, 4), (1, 3), (1, 3), (0, 2)]
        self.ends = np.asarray([*ends, (3, 4), (4, 4)]).T
        self.senders = np.zeros((N_ATOMS, N_EDGES), np.int32)
        free = [0] * N_ATOMS
        forward, back = [], []
        for i, j in self.ends.T:
            for edges, one, other in ((forward, i, j), (back, j, i)):
                self.senders[one, free[one]] = other
                edges.append((one, free[one]))
                free[one] += 1
        self.forward, self.back = np.asarray(forward).T, np.asarray(back).T

    def table(self, paths: list[Path]) -> jax.Array:
        """Of the weights of these paths, one after the other."""
        starts = np.cumsum([0, *(path.channels for path in self.paths)])
        columns = {
            path.name: np.arange(a, b)
            for path, (a, b) in zip(self.paths, itertools.pairwise(starts), strict=True)
        }
        order = np.concatenate([columns[path.name] for path in paths])
        return jnp.asarray(np.moveaxis(self.knots, 0, 1)[..., order], jnp.float32)

    def edges(self, harmonics, place, both=True):
        """Harmonics `[A, M, Q]` and places `[A, Q]`, these of both directions or forward only."""
        signs = np.concatenate([[(-1.0) ** ir.l] * ir.dim for _, ir in self.irreps])
        each = jnp.zeros((*self.senders.shape, self.irreps.dim)).at[*self.forward].set(harmonics)
        each = each.at[*self.back].set(harmonics * signs)
        places = jnp.full(self.senders.shape, N_KNOTS - 1.0).at[*self.forward].set(place)
        each = jnp.moveaxis(each, 2, 1)
        return each, places.at[*self.back].set(place) if both else places

    def by_edges(self, features, harmonics, place):
        harmonics, place = self.edges(harmonics, place)
        senders = jnp.asarray(self.senders)
        edges = compiled_edges(self.paths, self.irreps, senders, harmonics, place, N_KNOTS)
        table = self.table(by_harmonic(self.paths))
        return convolve_edges(self.paths, self.nodes, features, edges, table)

    def by_images(self, features, harmonics, place):
        harmonics, place = self.edges(harmonics, place, both=False)
        senders = jnp.asarray(self.senders)
        images = CompiledImages(senders, harmonics, self.irreps, place, N_KNOTS, N_ATOMS)
        table = self.table(by_harmonic(self.paths))
        return convolve_images(self.paths, self.nodes, features, images, table)

    def by_products(self, features, harmonics, place):
        """A radial feature for each weight, and layers that only pick theirs."""
        harmonics, place = self.edges(harmonics, place)
        table = jnp.asarray(hermite_coefficients(*self.knots, 1.0), jnp.float32)
        weights = interpolate(place, table, N_KNOTS - 1)
        edges = EdgeFeatures([harmonics[:, s] for s in self.irreps.slices()], weights)
        ends = np.cumsum([path.channels for path in self.paths])
        picks = jnp.split(jnp.eye(weights.shape[-1], dtype=jnp.float32), ends[:-1], axis=1)
        return convolve(self.paths, features, jnp.asarray(self.senders), edges, picks)


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


@pytest.mark.parametrize("way", ["by_edges", "by_images"])
def test_what_is_no_number_stays_so(way):
    """A position that is none must not look like an atom without neighbours."""
    graph = Graph(IRREPS["SevenNet-0"])
    place = graph.place.at[3].set(jnp.nan)
    for message in getattr(graph, way)(graph.features, graph.harmonics, place):
        lost = np.isnan(message).any(axis=(0, 2))
        np.testing.assert_array_equal(np.flatnonzero(lost), graph.ends[:, 3])


@pytest.mark.parametrize(("way", "rounding"), [("by_edges", 1e-5), ("by_images", 0.0)])
def test_messages_are_the_same_in_longer_lists(way, rounding):
    """Images to the last bit; edges are rounded otherwise on some processors."""
    graph = Graph(IRREPS["SevenNet-0"])
    short = getattr(graph, way)(graph.features, graph.harmonics, graph.place)
    graph.senders = np.pad(graph.senders, ((0, 0), (0, 4)))
    longer = getattr(graph, way)(graph.features, graph.harmonics, graph.place)
    for a, b in zip(short, longer, strict=True):
        np.testing.assert_allclose(a, b, rtol=0.0, atol=rounding)


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
