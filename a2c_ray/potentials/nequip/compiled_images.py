"""The convolution by loops that numba compiles, in small cells.

Where many edges join the same two atoms through different periodic images, weights times harmonics
are summed over them first, and what involves features happens once a pair, as in
`convolution.sum_images`; here once for both directions. On a CPU only, in single precision.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    to_rows,
    weight_starts,
)


class CompiledImages(NamedTuple):
    """Geometry of edges that are summed for each pair of atoms, for all layers.

    senders: of each edge, among the N atoms of its cell, `[A, Q]`.
    harmonics: of each edge, `[A, M, Q]`.
    irreps: of the harmonics.
    place: distance in units of the spacing of the table's knots; at the last for padding and for
        edges that do not lead forward, `[A, Q]`.
    n_knots: of the table.
    n_atoms: N.
    """

    senders: jax.Array
    harmonics: jax.Array
    irreps: e3nn.Irreps
    place: jax.Array
    n_knots: int
    n_atoms: int


class ImageTables(NamedTuple):
    """What the loops know of the paths, in the columns that `image_loops` names.

    irreps: weights, harmonics and sums of each irrep of harmonics, int32 `[I, 5]`.
    terms: what is coupled in features, sums and messages, int32 `[T, 4]`.
    coefficients: Clebsch-Gordan coefficients of the terms, `[T, 3]`.
    n_sums: numbers that are summed for a pair.
    """

    irreps: np.ndarray
    terms: np.ndarray
    coefficients: np.ndarray
    n_sums: int


def image_tables(paths: Sequence[Path], senders: e3nn.Irreps, edges: e3nn.Irreps) -> ImageTables:
    """Tables of the paths of a tensor product.

    Sums are those of one harmonic after the other, each of the channels of all its paths.

    Args:
        paths: of the tensor product.
        senders, edges: irreps of features and harmonics.
    """
    sent = [irrep.start for irrep in senders.slices()]
    weights = weight_starts(paths)
    irreps, blocks, n_sums = [], {}, 0
    for k, components in enumerate(edges.slices()):
        ours = [path for path in paths if path.edge == k]
        size, n = components.stop - components.start, sum(path.channels for path in ours)
        first = min((weights[path.name] for path in ours), default=0)
        irreps.append((first, n, components.start, size, n_sums))
        blocks[k] = first, n, n_sums
        n_sums += size * n

    terms, coefficients = [], []
    for path, (y, stride) in zip(paths, message_places(paths), strict=True):
        first, n_block, z = blocks[path.edge]
        x, n, z = sent[path.sender], path.channels, z + weights[path.name] - first
        degree = (path.coupling.shape[1] - 1) // 2
        for one, two, three in np.argwhere(path.coupling):
            terms.append((x + one * n, z + two * n_block, y + three * stride, n))
            forth = path.coupling[one, two, three]
            back = (-1) ** degree * forth
            coefficients.append((forth, back, forth + back))
    return ImageTables(
        np.asarray(irreps, np.int32),
        np.asarray(terms, np.int32),
        np.asarray(coefficients, np.float32),
        n_sums,
    )


def convolve_images(
    paths: Sequence[Path],
    irreps: e3nn.Irreps,
    features: Features,
    images: CompiledImages,
    table: jax.Array,
) -> Features:
    """Messages received by every atom, as from `convolution.convolve`.

    Args:
        paths: of the tensor product.
        irreps: of the senders.
        features: sent, one `[2 l1+1, A, channels]` an irrep.
        images: geometry.
        table: of the radial weights of all paths, `[n_knots, 2, channels of all paths]`.

    Returns:
        One `[2 l3+1, A, channels of all its paths]` for each received irrep.
    """
    tables = image_tables(paths, irreps, images.irreps)
    constants = tuple(map(jnp.asarray, tables[:3]))
    sizes = (message_width(paths), images.n_atoms, tables.n_sums)
    rows = to_rows(features)
    messages = _messages(
        sizes, rows, images.place, images.harmonics, images.senders, table, *constants
    )
    return from_rows(messages, paths)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _messages(sizes: tuple[int, int, int], *arguments: jax.Array) -> jax.Array:
    """Messages, `[A, width]`.

    Args:
        sizes: length of a message, atoms of a cell, sums of a pair.
        arguments: features, place, harmonics, senders, table, irreps, terms and coefficients, as
            for `image_loops.messages`.
    """
    return _forward(sizes, *arguments)[0]


def _forward(
    sizes: tuple[int, int, int], *arguments: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    features, place, harmonics, senders, *constants = arguments
    width, n_atoms, n_sums = sizes
    n_cells, n_pairs = len(features) // n_atoms, n_atoms * (n_atoms + 1) // 2
    shapes = [(len(features), width), (n_cells, n_pairs, n_sums)]
    results = [jax.ShapeDtypeStruct(shape, features.dtype) for shape in shapes]
    given = (features, senders, place, harmonics, *constants)
    messages, sums = _call("a2c_image_messages", results, *given)
    return messages, (*arguments, sums)


def _backward(_: Any, kept: tuple[jax.Array, ...], received: jax.Array) -> tuple[Any, ...]:
    features, place, harmonics, senders, *constants, sums = kept
    results = [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in (features, place, harmonics)]
    given = (features, senders, place, harmonics, *constants, sums, received)
    # Tables are not learnt: their gradient is left out.
    return *_call("a2c_image_message_gradients", results, *given), None, None, None, None, None


_messages.defvjp(_forward, _backward)


def _call(name: str, results: Any, *arguments: jax.Array) -> Any:
    import a2c_ray.potentials.nequip.image_loops  # noqa: F401  registers what is called

    return jax.ffi.ffi_call(name, results)(*arguments)
