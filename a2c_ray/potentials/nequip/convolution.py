"""The equivariant convolution of NequIP over pairs of atoms of small periodic cells.

The message to an atom is a sum over its edges of (radial weight) x (spherical harmonic) x
(sender's features). In a cell smaller than the cutoff many edges join the same two atoms through
different periodic images, and their sender's features are the same. Radial features times
spherical harmonics are therefore summed over images first (`sum_images`), and everything that
involves channels happens once a pair of atoms: N pairs an atom instead of the ~40 edges that a
5 Å cutoff makes. In cells with more atoms than edges an atom, the pairs are the edges themselves.

Arrays hold the A = S x N atoms of all cells. Components m come before atoms in features, and
channels last everywhere, so that every product is a matrix product or a loop over contiguous
channels: each path is computed by itself, from its own columns of the last radial layer, because
slices of a joint product, and reshapes that split channels, cost more than they save.

Source: Batzner et al., Nat. Commun. 13, 2453 (2022), eq. 5.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from a2c_ray.potentials.neighbors import Edges

Features = list[jax.Array]
"""One array `[2l+1, A, multiplicity]` for each irrep."""

EDGE_COST = 0.6
"""Measured cost of a pair that is an edge, relative to a pair that sums several edges."""

CHUNK_BYTES = {"cpu": 12 * 2**20}
"""Products of one chunk of receiving atoms: on a CPU, what its caches like."""

DEFAULT_CHUNK_BYTES = 2**30
"""The same on accelerators: what bounds their memory."""


class Path(NamedTuple):
    """One term (l1 of the sender, l2 of the edge) -> l3 of the receiver.

    sender, edge, receiver: indices into the irreps of features, harmonics and output.
    channels: multiplicity of the sender's irrep.
    name: irreps of sender, edge and receiver.
    coupling: Clebsch-Gordan coefficients times sqrt(2 l3 + 1), `[2 l1+1, 2 l2+1, 2 l3+1]`.
    """

    sender: int
    edge: int
    receiver: int
    channels: int
    name: str
    coupling: np.ndarray


def tensor_product_paths(
    senders: e3nn.Irreps, edges: e3nn.Irreps, receivers: e3nn.Irreps
) -> list[Path]:
    """All allowed paths, ordered by sender, then edge, then receiver."""
    paths = []
    for i, (channels, ir1) in enumerate(senders):
        for j, (_, ir2) in enumerate(edges):
            for k, (_, ir3) in enumerate(receivers):
                if ir3 in ir1 * ir2:
                    coupling = coupling_tensor(ir1.l, ir2.l, ir3.l) * np.sqrt(2 * ir3.l + 1)
                    paths.append(Path(i, j, k, channels, f"{ir1}_{ir2}_{ir3}", coupling))
    return paths


def coupling_tensor(l1: int, l2: int, l3: int) -> np.ndarray:
    """Real Clebsch-Gordan coefficients of unit norm, `[2 l1+1, 2 l2+1, 2 l3+1]`.

    Rounded to single precision unless an l is zero, as e3nn does: published weights were trained
    with these numbers, and only they reproduce published energies in double precision.
    """
    coefficients = e3nn.clebsch_gordan(l1, l2, l3)
    if 0 in (l1, l2, l3):
        return coefficients
    return np.asarray(coefficients, np.float32).astype(np.float64)


class Pairs(NamedTuple):
    """Whom each atom receives from, and the geometry of it.

    senders: sending atom of each pair, index into all A atoms, `[A, Q]`.
    harmonics: spherical harmonics, M running over the 2l+1 components of all irreps. If pairs are
        edges, `[A, M, Q]`; else spread over the edges k of each pair q, `[A, M, Q, K]`.
    """

    senders: jax.Array
    harmonics: jax.Array


class EdgeFeatures(NamedTuple):
    """Geometry of pairs that are edges, as two factors.

    harmonics: for each irrep `[A, 2l+1, Q]`.
    radial: features `[A, Q, R]`.
    """

    harmonics: list[jax.Array]
    radial: jax.Array


class ImageSums(NamedTuple):
    """Geometry of pairs that sum several edges.

    products: of harmonics and radial features, for each irrep `[A, 2l+1, Q, R]`.
    """

    products: list[jax.Array]


PairFeatures = EdgeFeatures | ImageSums


def make_pairs(edges: Edges, harmonics: jax.Array, single_edges: bool = False) -> Pairs:
    """Choose the cheaper of all N x N pairs of a cell and one pair an edge.

    A pair of many edges needs a weight for every component of the harmonics, an edge only one.

    Args:
        edges: `[S, N, K]`.
        harmonics: of each edge, `[S, N, M, K]`.
        single_edges: let pairs be edges in any case.
    """
    n_slots, n_atoms, n_edges = edges.senders.shape
    first = n_atoms * jnp.arange(n_slots, dtype=jnp.int32)[:, None, None]
    components = harmonics.reshape(n_slots * n_atoms, -1, n_edges)
    if single_edges or n_atoms > EDGE_COST * n_edges:
        return Pairs((first + edges.senders).reshape(-1, n_edges), components)
    atoms = jnp.arange(n_atoms, dtype=jnp.int32)
    senders = jnp.broadcast_to(first + atoms, (n_slots, n_atoms, n_atoms))
    joins = (edges.senders[:, :, None, :] == atoms[:, None]) & edges.mask[:, :, None, :]
    joins = joins.reshape(-1, 1, n_atoms, n_edges)
    return Pairs(senders.reshape(-1, n_atoms), jnp.where(joins, components[:, :, None], 0.0))


def sum_images(pairs: Pairs, radial: jax.Array, irreps: e3nn.Irreps) -> PairFeatures:
    """Radial features times spherical harmonics, summed over the edges of each pair.

    Args:
        pairs: of the graph.
        radial: features of each edge, `[A, K, R]`.
        irreps: of the harmonics.
    """
    if pairs.harmonics.ndim == 3:
        return EdgeFeatures([pairs.harmonics[:, s] for s in irreps.slices()], radial)
    sums = jnp.einsum("amqk,akr->amqr", pairs.harmonics, radial)
    return ImageSums([sums[:, s] for s in irreps.slices()])


def sum_pairs(
    path: Path, sent: jax.Array, pair_features: PairFeatures, last_layer: jax.Array
) -> jax.Array:
    """Products of features, harmonics and radial weights of one path, summed over pairs.

    The last layer of a radial network is linear, so it commutes with the sum over images.

    Args:
        path: of the tensor product.
        sent: features of the senders, `[2 l1+1, A, Q, channels]`.
        pair_features: from `sum_images`.
        last_layer: `[R, channels]`.

    Returns:
        `[2 l1+1, A, 2 l2+1, channels]`.
    """
    if isinstance(pair_features, EdgeFeatures):
        weights = pair_features.radial @ last_layer
        harmonics = pair_features.harmonics[path.edge]
        return jnp.broadcast_to(harmonics, (len(sent), *harmonics.shape)) @ (weights * sent)
    weights = pair_features.products[path.edge] @ last_layer
    return jnp.sum(weights * sent[:, :, None], axis=3)


def convolve(
    paths: Sequence[Path],
    features: Features,
    senders: jax.Array,
    pair_features: PairFeatures,
    last_layer: Sequence[jax.Array],
) -> Features:
    """Messages received by every atom, the channels of its paths concatenated.

    Args:
        paths: of the tensor product.
        features: sent, one `[2 l1+1, A, channels]` an irrep.
        senders: `[A, Q]`.
        pair_features: from `sum_images`.
        last_layer: for each path, `[R, channels]`.

    Returns:
        One `[2 l3+1, A, channels of all its paths]` for each received irrep.
    """

    def messages(chunk: tuple[jax.Array, PairFeatures]) -> Features:
        chunk_senders, chunk_features = chunk
        sent = [x[:, chunk_senders] for x in features]
        received: dict[int, Features] = {}
        for path, columns in zip(paths, last_layer, strict=True):
            products = sum_pairs(path, sent[path.sender], chunk_features, columns)
            coupling = jnp.asarray(path.coupling, products.dtype)
            coupled = jnp.einsum("abc,arbu->cru", coupling, products)
            received.setdefault(path.receiver, []).append(coupled)
        return [jnp.concatenate(received[k], axis=-1) for k in sorted(received)]

    return in_chunks(messages, (senders, pair_features), chunk_size(paths, senders.shape[1]))


def in_chunks(
    messages: Callable[[Any], Features], atoms: tuple[jax.Array, PairFeatures], size: int
) -> Features:
    """Messages to `size` atoms at a time; the gradient computes each chunk anew.

    Args:
        messages: from what describes some receiving atoms.
        atoms: arrays whose leading axis runs over all A atoms.
        size: of a chunk.
    """
    n_atoms = len(atoms[0])
    if size >= n_atoms:
        return messages(atoms)
    n_chunks = -(-n_atoms // size)
    size = -(-n_atoms // n_chunks)

    def fold(x: jax.Array) -> jax.Array:
        x = jnp.pad(x, [(0, n_chunks * size - n_atoms)] + [(0, 0)] * (x.ndim - 1))
        return x.reshape(n_chunks, size, *x.shape[1:])

    def unfold(x: jax.Array) -> jax.Array:
        x = jnp.moveaxis(x, 0, 1)
        return x.reshape(len(x), -1, x.shape[-1])[:, :n_atoms]

    return [unfold(x) for x in lax.map(jax.checkpoint(messages), jax.tree.map(fold, atoms))]


def chunk_size(paths: Sequence[Path], n_pairs: int) -> int:
    """Receiving atoms whose products fit `CHUNK_BYTES`."""
    limit = CHUNK_BYTES.get(jax.default_backend(), DEFAULT_CHUNK_BYTES)
    floats = sum(path.channels * path.coupling.shape[0] for path in paths)
    return max(1, limit // (4 * floats * n_pairs))
