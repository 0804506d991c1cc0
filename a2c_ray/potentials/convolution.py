"""The equivariant convolution of NequIP over pairs of atoms of small periodic cells.

The message to an atom is a sum over its edges of (radial weight) x (spherical harmonic) x
(sender's features). In a cell smaller than the cutoff many edges join the same two atoms through
different periodic images, and their sender's features are the same. Radial features times
spherical harmonics are therefore summed over images first (`sum_images`), and everything that
involves channels happens once a pair of atoms: N pairs an atom instead of the ~40 edges that a
5 Å cutoff makes. In cells with more atoms than edges an atom, the pairs are the edges themselves.

All arrays run over the A = S x N atoms of all cells, channels last. Pairs carry thousands of
weights each, so they are processed in chunks that fit a CPU's cache, and recomputed in the
gradient rather than stored.

Source: Batzner et al., Nat. Commun. 13, 2453 (2022), eq. 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import e3nn_jax as e3nn
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from a2c_ray.potentials.neighbors import Edges

Features = list[jax.Array]
"""One array `[A, 2l+1, multiplicity]` for each irrep."""

PairFeatures = jax.Array | tuple[jax.Array, jax.Array]
"""Harmonics times radial features, `[A, M, Q, R]`; if pairs are edges, the two factors."""

EDGE_COST = 0.6
"""Measured cost of a pair that is an edge, relative to a pair that sums several edges."""

CACHE_BYTES = 2**20
"""Working set that a chunk of the convolution may fill on a CPU."""


class Path(NamedTuple):
    """One term (l1 of the sender, l2 of the edge) -> l3 of the receiver.

    sender, edge, receiver: indices into the irreps of features, harmonics and output.
    channels: multiplicity of the sender's irrep.
    coupling: Clebsch-Gordan coefficients times sqrt(2 l3 + 1), `[2 l1+1, 2 l2+1, 2 l3+1]`.
    """

    sender: int
    edge: int
    receiver: int
    channels: int
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
                    paths.append(Path(i, j, k, channels, coupling))
    return paths


def coupling_tensor(l1: int, l2: int, l3: int) -> np.ndarray:
    """Real Clebsch-Gordan coefficients of unit norm, `[2 l1+1, 2 l2+1, 2 l3+1]`.

    Rounded to single precision unless an l is zero, as e3nn does: published weights were trained
    with these numbers, and only they reproduce published energies in double precision.
    """
    coefficients = e3nn.clebsch_gordan(l1, l2, l3)
    return coefficients if 0 in (l1, l2, l3) else np.float64(np.float32(coefficients))


class Pairs(NamedTuple):
    """Whom each atom receives from, and the geometry of it.

    senders: sending atom of each pair, index into all A atoms, `[A, Q]`.
    harmonics: spherical harmonics. If pairs are edges, `[A, M, Q]`, M running over the 2l+1
        components of all irreps; else spread over the edges k of each pair q, `[A, M, Q, K]`.
    """

    senders: jax.Array
    harmonics: jax.Array


def make_pairs(edges: Edges, harmonics: jax.Array) -> Pairs:
    """Choose the cheaper of all N x N pairs of a cell and one pair an edge.

    A pair of many edges needs a weight for every component of the harmonics, an edge only one.

    Args:
        edges: `[S, N, K]`.
        harmonics: of each edge, `[S, N, K, M]`.
    """
    n_slots, n_atoms, n_edges = edges.senders.shape
    first = n_atoms * jnp.arange(n_slots, dtype=jnp.int32)[:, None, None]
    components = jnp.moveaxis(harmonics, -1, 2).reshape(n_slots * n_atoms, -1, n_edges)
    if n_atoms > EDGE_COST * n_edges:
        return Pairs((first + edges.senders).reshape(-1, n_edges), components)
    atoms = jnp.arange(n_atoms, dtype=jnp.int32)
    senders = jnp.broadcast_to(first + atoms, (n_slots, n_atoms, n_atoms))
    joins = (edges.senders[:, :, None, :] == atoms[:, None]) & edges.mask[:, :, None, :]
    joins = joins.reshape(-1, 1, n_atoms, n_edges)
    return Pairs(senders.reshape(-1, n_atoms), jnp.where(joins, components[:, :, None], 0.0))


def sum_images(pairs: Pairs, radial: jax.Array) -> PairFeatures:
    """Radial features times spherical harmonics, summed over the edges of each pair.

    Args:
        pairs: of the graph.
        radial: features of each edge, `[A, K, R]`.

    Returns:
        `[A, M, Q, R]`; if pairs are edges, the two factors `[A, M, Q]` and `[A, Q, R]`.
    """
    if pairs.harmonics.ndim == 3:
        return pairs.harmonics, radial
    n_atoms, n_components, n_pairs, n_edges = pairs.harmonics.shape
    summed = pairs.harmonics.reshape(n_atoms, -1, n_edges) @ radial
    return summed.reshape(n_atoms, n_components, n_pairs, -1)


def path_weights(
    paths: Sequence[Path], pair_features: PairFeatures, last_layer: Sequence[jax.Array]
) -> list[jax.Array]:
    """Weights of every path and pair.

    The last layer of a radial network is linear, so it commutes with the sum over images.

    Args:
        paths: of the tensor product.
        pair_features: from `sum_images`.
        last_layer: for each path, `[R, channels]`.

    Returns:
        For each path `[A, 2 l2+1, Q, channels]`.
    """
    weights: dict[int, jax.Array] = {}
    start = 0
    for j in sorted({path.edge for path in paths}):
        members = [p for p, path in enumerate(paths) if path.edge == j]
        columns = jnp.concatenate([last_layer[p] for p in members], axis=1)
        stop = start + paths[members[0]].coupling.shape[1]
        if isinstance(pair_features, tuple):
            harmonics, radial = pair_features
            joint = harmonics[:, start:stop, :, None] * (radial @ columns)[:, None]
        else:
            joint = pair_features[:, start:stop] @ columns
        # Unlike slices, pieces of a split have gradients that are concatenated, not padded.
        pieces = lax.split(joint, [paths[p].channels for p in members], axis=3)
        weights.update(zip(members, pieces, strict=True))
        start = stop
    return [weights[p] for p in range(len(paths))]


def aggregate(
    paths: Sequence[Path], features: Features, senders: jax.Array, weights: Sequence[jax.Array]
) -> list[Features]:
    """Sum the tensor products of all pairs into their receivers.

    Args:
        paths: of the tensor product.
        features: of all atoms.
        senders: of the receivers' pairs, `[C, Q]`.
        weights: of the receivers' pairs, from `path_weights`.

    Returns:
        For each received irrep, one `[C, 2 l3+1, channels]` a path.
    """
    sent = [jnp.moveaxis(x[senders], 2, 1) for x in features]
    received: list[Features] = [[] for _ in range(1 + max(path.receiver for path in paths))]
    for path, weight in zip(paths, weights, strict=True):
        products = jnp.sum(sent[path.sender][:, :, None] * weight[:, None], axis=3)
        coupling = jnp.asarray(path.coupling, weight.dtype)
        received[path.receiver].append(jnp.einsum("abc,rabu->rcu", coupling, products))
    return received


def convolve(
    paths: Sequence[Path],
    features: Features,
    senders: jax.Array,
    pair_features: PairFeatures,
    last_layer: Sequence[jax.Array],
) -> Features:
    """Messages received by every atom, the slots of its paths concatenated.

    Args:
        paths: of the tensor product.
        features: sent, one `[A, 2 l1+1, channels]` an irrep.
        senders: `[A, Q]`.
        pair_features: from `sum_images`.
        last_layer: for each path, `[R, channels]`.

    Returns:
        One `[A, 2 l3+1, channels of all its paths]` for each received irrep.
    """

    @jax.checkpoint
    def messages(chunk) -> Features:
        chunk_senders, chunk_features = chunk
        weights = path_weights(paths, chunk_features, last_layer)
        received = aggregate(paths, features, chunk_senders, weights)
        return [jnp.concatenate(slots, axis=-1) for slots in received if slots]

    n_atoms, n_pairs = senders.shape
    size = chunk_size(paths, n_pairs)
    if size >= n_atoms or jax.default_backend() != "cpu":
        return messages((senders, pair_features))
    n_chunks = -(-n_atoms // size)

    def fold(x: jax.Array) -> jax.Array:
        x = jnp.pad(x, [(0, n_chunks * size - n_atoms)] + [(0, 0)] * (x.ndim - 1))
        return x.reshape(n_chunks, size, *x.shape[1:])

    out = lax.map(messages, jax.tree.map(fold, (senders, pair_features)))
    return [x.reshape(-1, *x.shape[2:])[:n_atoms] for x in out]


def chunk_size(paths: Sequence[Path], n_pairs: int) -> int:
    """Receiving atoms whose pair weights fit the cache of a CPU core."""
    floats = sum(path.channels * path.coupling.shape[1] for path in paths)
    return max(1, round(CACHE_BYTES / (4 * floats * n_pairs)))


class IrrepsLinear(nn.Module):
    """Linear mixing of the channels of each irrep, scaled by 1/sqrt(fan-in).

    irreps_in, irreps_out: irreps of the output that the input lacks come out as zero.
    """

    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps

    @nn.compact
    def __call__(self, features: Features) -> Features:
        """One `[A, 2l+1, mul_in]` an irrep to one `[A, 2l+1, mul_out]` an irrep."""
        n_atoms, dtype = features[0].shape[0], features[0].dtype
        inputs = {ir: (x, mul) for (mul, ir), x in zip(self.irreps_in, features, strict=True)}
        out = []
        for mul_out, ir in self.irreps_out:
            if ir not in inputs:
                out.append(jnp.zeros((n_atoms, ir.dim, mul_out), dtype))
                continue
            x, mul_in = inputs[ir]
            weight = self.param(str(ir), nn.initializers.normal(1.0), (mul_in, mul_out))
            out.append(x @ (weight / np.sqrt(mul_in)))
        return out
