"""The convolution by loops that numba compiles: an edge at a time, nothing of it stored.

The same messages as `convolution.convolve`. Radial weights are read from a table of values and
slopes, four products a weight instead of one for each function of a basis; harmonics are coupled
once for all layers. On a CPU only, in single precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.potentials.nequip.convolution import Features, Path
from a2c_ray.potentials.nequip.rows import (
    from_rows,
    message_places,
    message_width,
    starts,
    to_rows,
    weight_starts,
)

MOST_DEGREE = 3
"""Of features; the loops are written for no more."""


class CompiledEdges(NamedTuple):
    """Geometry of edges, for all layers.

    senders: of each edge, index into all A atoms, `[A, Q]`.
    coupled: harmonics times coupling coefficients, `[A, Q, B]`.
    start: where in B those of degrees (sender, edge, receiver) begin.
    place: distance in units of the spacing of the table's knots; at the last for padding, `[A, Q]`.
    n_knots: of the table.
    """

    senders: jax.Array
    coupled: jax.Array
    start: dict[tuple[int, int, int], int]
    place: jax.Array
    n_knots: int


def compiled_edges(
    paths: Iterable[Path],
    irreps: e3nn.Irreps,
    senders: jax.Array,
    harmonics: jax.Array,
    place: jax.Array,
    n_knots: int,
) -> CompiledEdges:
    """Geometry for the paths of all layers.

    A harmonic of degree zero joins each component with itself alone: one number is enough.

    Args:
        paths: of the tensor products.
        irreps: of the harmonics.
        harmonics: `[A, M, Q]`.
        senders, place, n_knots: see `CompiledEdges`.
    """
    blocks: dict[tuple[int, int, int], np.ndarray] = {}
    slices = irreps.slices()
    for path in paths:
        if degrees(path) not in blocks:
            block = np.zeros((irreps.dim, *path.coupling.shape[::2]))
            block[slices[path.edge]] = np.moveaxis(path.coupling, 1, 0)
            joined = block[:, :1, :1] if degrees(path)[1] == 0 else block
            blocks[degrees(path)] = joined.reshape(irreps.dim, -1)
    matrix = np.concatenate(list(blocks.values()), axis=1)
    coupled = jnp.einsum("amq,mb->aqb", harmonics, jnp.asarray(matrix, harmonics.dtype))
    start = dict(zip(blocks, starts(b.shape[1] for b in blocks.values()), strict=True))
    return CompiledEdges(senders, coupled, start, place, n_knots)


def degrees(path: Path) -> tuple[int, int, int]:
    """Degrees l of sender, edge and receiver."""
    one, two, three = ((n - 1) // 2 for n in path.coupling.shape)
    return one, two, three


def path_table(
    paths: Sequence[Path], senders: e3nn.Irreps, start: dict[tuple[int, int, int], int]
) -> np.ndarray:
    """What the loops know of the paths, in the columns that `convolution_loops` names.

    Args:
        paths: of the tensor product.
        senders: irreps of the features.
        start: of the couplings.

    Returns:
        int32 `[P, 8]`; a path of harmonics of degree zero is a row for each component.
    """
    sent = [irrep.start for irrep in senders.slices()]
    weights = weight_starts(paths)
    rows = []
    for path, (y, stride) in zip(paths, message_places(paths), strict=True):
        size, _, received_size = path.coupling.shape
        x, n, b = sent[path.sender], path.channels, start[degrees(path)]
        weight = weights[path.name]
        if degrees(path)[1] == 0:
            rows += [(x + m * n, 1, n, b, 1, y + m * stride, stride, weight) for m in range(size)]
        else:
            rows.append((x, size, n, b, received_size, y, stride, weight))
    return np.asarray(rows, np.int32)


def convolve_edges(
    paths: Sequence[Path],
    irreps: e3nn.Irreps,
    features: Features,
    edges: CompiledEdges,
    table: jax.Array,
) -> Features:
    """Messages received by every atom, as from `convolution.convolve`.

    Args:
        paths: of the tensor product.
        irreps: of the senders.
        features: sent, one `[2 l1+1, A, channels]` an irrep.
        edges: geometry.
        table: of the radial weights of all paths, `[n_knots, 2, channels of all paths]`.

    Returns:
        One `[2 l3+1, A, channels of all its paths]` for each received irrep.
    """
    rows = jnp.asarray(path_table(paths, irreps, edges.start))
    messages = _messages(
        message_width(paths),
        to_rows(features),
        edges.place,
        edges.coupled,
        edges.senders,
        table,
        rows,
    )
    return from_rows(messages, paths)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _messages(
    width: int,
    features: jax.Array,
    place: jax.Array,
    coupled: jax.Array,
    senders: jax.Array,
    table: jax.Array,
    rows: jax.Array,
) -> jax.Array:
    """Messages, `[A, width]`; arguments as for `convolution_loops.messages`."""
    result = jax.ShapeDtypeStruct((len(senders), width), features.dtype)
    return _call("a2c_messages", result, features, senders, place, coupled, table, rows)


def _forward(width: int, *arguments: jax.Array) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    return _messages(width, *arguments), arguments


def _backward(_: int, arguments: tuple[jax.Array, ...], received: jax.Array) -> tuple[Any, ...]:
    features, place, coupled, senders, table, rows = arguments
    results = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in (features, place, coupled)]
    given = (features, senders, place, coupled, table, rows, received)
    # Tables are not learnt: their gradient is left out.
    return *_call("a2c_message_gradients", results, *given), None, None, None


_messages.defvjp(_forward, _backward)


def _call(name: str, results: Any, *arguments: jax.Array) -> Any:
    import a2c_ray.potentials.nequip.convolution_loops  # noqa: F401  registers what is called

    return jax.ffi.ffi_call(name, results)(*arguments)
