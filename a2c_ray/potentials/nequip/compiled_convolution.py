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

MOST_DEGREE = 3
"""Of features; the loops are written for no more."""


class CompiledEdges(NamedTuple):
    """Geometry of pairs that are edges, for all layers.

    coupled: harmonics times coupling coefficients, `[A, Q, B]`.
    start: where in B those of degrees (sender, edge, receiver) begin.
    place: distance in units of the spacing of the table's knots; at the last for padding, `[A, Q]`.
    n_knots: of the table.
    """

    coupled: jax.Array
    start: dict[tuple[int, int, int], int]
    place: jax.Array
    n_knots: int


def compiled_edges(
    paths: Iterable[Path], irreps: e3nn.Irreps, harmonics: jax.Array, place: jax.Array, n_knots: int
) -> CompiledEdges:
    """Geometry for the paths of all layers.

    A harmonic of degree zero joins each component with itself alone: one number is enough.

    Args:
        paths: of the tensor products.
        irreps: of the harmonics.
        harmonics: `[A, M, Q]`.
        place, n_knots: see `CompiledEdges`.
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
    starts = _starts(block.shape[1] for block in blocks.values())
    return CompiledEdges(coupled, dict(zip(blocks, starts, strict=True)), place, n_knots)


def degrees(path: Path) -> tuple[int, int, int]:
    """Degrees l of sender, edge and receiver."""
    one, two, three = ((n - 1) // 2 for n in path.coupling.shape)
    return one, two, three


def path_table(
    paths: Sequence[Path], senders: e3nn.Irreps, start: dict[tuple[int, int, int], int]
) -> np.ndarray:
    """What the loops know of the paths, in the columns that `convolution_loops` names.

    Features and messages of an atom lie in a row: irreps, their components, their channels. In
    messages, the channels of all paths to an irrep lie together. Weights are in the paths' order.

    Args:
        paths: of the tensor product.
        senders: irreps of the features.
        start: of the couplings.

    Returns:
        int32 `[P, 8]`; a path of harmonics of degree zero is a row for each component.
    """
    sent = [irrep.start for irrep in senders.slices()]
    received = message_irreps(paths)
    first = dict(zip(received, _starts(size * n for size, n in received.values()), strict=True))
    filled = dict.fromkeys(received, 0)
    rows, weight = [], 0
    for path in paths:
        size, _, received_size = path.coupling.shape
        x, y = sent[path.sender], first[path.receiver] + filled[path.receiver]
        n, b, stride = path.channels, start[degrees(path)], received[path.receiver][1]
        if degrees(path)[1] == 0:
            rows += [(x + m * n, 1, n, b, 1, y + m * stride, stride, weight) for m in range(size)]
        else:
            rows.append((x, size, n, b, received_size, y, stride, weight))
        filled[path.receiver] += n
        weight += n
    return np.asarray(rows, np.int32)


def message_irreps(paths: Sequence[Path]) -> dict[int, tuple[int, int]]:
    """Components, and channels of all paths, of each irrep that is received."""
    irreps: dict[int, tuple[int, int]] = {}
    for path in sorted(paths, key=lambda path: path.receiver):
        _, n = irreps.get(path.receiver, (0, 0))
        irreps[path.receiver] = (path.coupling.shape[2], n + path.channels)
    return irreps


def _starts(sizes: Iterable[int]) -> list[int]:
    return np.cumsum([0, *sizes])[:-1].tolist()


def convolve_compiled(
    paths: Sequence[Path],
    irreps: e3nn.Irreps,
    features: Features,
    senders: jax.Array,
    edges: CompiledEdges,
    table: jax.Array,
) -> Features:
    """Messages received by every atom, as from `convolution.convolve`.

    Args:
        paths: of the tensor product.
        irreps: of the senders.
        features: sent, one `[2 l1+1, A, channels]` an irrep.
        senders: `[A, Q]`.
        edges: geometry.
        table: of the radial weights of all paths, `[n_knots, 2, channels of all paths]`.

    Returns:
        One `[2 l3+1, A, channels of all its paths]` for each received irrep.
    """
    n_atoms = len(senders)
    flat = jnp.concatenate([jnp.moveaxis(x, 0, 1).reshape(n_atoms, -1) for x in features], axis=1)
    received = list(message_irreps(paths).values())
    width = sum(size * n for size, n in received)
    rows = jnp.asarray(path_table(paths, irreps, edges.start))
    messages = _messages(width, flat, edges.place, edges.coupled, senders, table, rows)
    blocks = jnp.split(messages, _starts(size * n for size, n in received)[1:], axis=1)
    return [
        jnp.moveaxis(block.reshape(n_atoms, size, n), 1, 0)
        for block, (size, n) in zip(blocks, received, strict=True)
    ]


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
