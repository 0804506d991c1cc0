"""The convolution by e3j, whose CUDA kernels fuse gather, tensor product and sum over edges.

The same messages as `convolution.convolve`, an edge at a time. Kernels take one number of channels
a call, so that there is one call for each irrep of the senders. Without its CUDA wheel e3j falls
back on plain JAX, which is slow and serves to check the results.

Source: e3j, https://pypi.org/project/e3j (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp

from a2c_ray.potentials.nequip.convolution import EdgeFeatures, Features, Path


def convolve_fused(
    paths: Sequence[Path],
    irreps: tuple[e3nn.Irreps, e3nn.Irreps, e3nn.Irreps],
    features: Features,
    senders: jax.Array,
    edges: EdgeFeatures,
    last_layer: Sequence[jax.Array],
) -> Features:
    """Messages received by every atom, as from `convolution.convolve`.

    Args:
        paths: of the tensor product.
        irreps: of senders, edges and receivers, which the paths refer to.
        features: sent, one `[2 l1+1, A, channels]` an irrep.
        senders: `[A, K]`.
        edges: geometry, radial features being zero for padding.
        last_layer: for each path, `[R, channels]`.

    Returns:
        One `[2 l3+1, A, channels of all its paths]` for each received irrep.
    """
    n_atoms, n_edges = senders.shape
    harmonics = jnp.concatenate(edges.harmonics, axis=1)
    harmonics = jnp.moveaxis(harmonics, 1, 2).reshape(n_atoms * n_edges, -1)
    receivers = jnp.repeat(jnp.arange(n_atoms, dtype=jnp.int32), n_edges)
    received: dict[int, jax.Array] = {}
    for i in sorted({path.sender for path in paths}):
        # e3j orders what a sender's irrep gives by the receiver's irrep, then by the edge's.
        order = sorted(
            (p for p, path in enumerate(paths) if path.sender == i),
            key=lambda p: (irreps[2][paths[p].receiver].ir, paths[p].edge),
        )
        radial = jnp.stack([edges.radial @ last_layer[p] for p in order], axis=2)
        messages = _convolution(irreps, i, [paths[p] for p in order])(
            jnp.moveaxis(features[i], 0, 1),
            harmonics,
            radial.reshape(n_atoms * n_edges, *radial.shape[2:]),
            senders.reshape(-1),
            receivers,
        )
        start = 0
        for p in order:
            stop = start + irreps[2][paths[p].receiver].ir.dim
            received[p] = jnp.moveaxis(messages[:, start:stop], 1, 0)
            start = stop
    return [
        jnp.concatenate(
            [received[p] for p, path in enumerate(paths) if path.receiver == k], axis=-1
        )
        for k in sorted({path.receiver for path in paths})
    ]


def _convolution(
    irreps: tuple[e3nn.Irreps, e3nn.Irreps, e3nn.Irreps], sender: int, paths: Sequence[Path]
) -> Callable[..., jax.Array]:
    """e3j's convolution of one irrep of the senders."""
    import e3j

    targets = sorted({irreps[2][path.receiver].ir for path in paths})
    convolution = e3j.core.Convolution(
        (str(e3nn.Irreps([(1, irreps[0][sender].ir)])), str(irreps[1])),
        str(e3nn.Irreps([(1, ir) for ir in targets])),
        graph_ordering="RECEIVER",
    )
    expected = sum(irreps[2][path.receiver].ir.dim for path in paths)
    if convolution.target.dim != expected:
        raise AssertionError(f"e3j gives {convolution.target}, expected {expected} components")
    return convolution
