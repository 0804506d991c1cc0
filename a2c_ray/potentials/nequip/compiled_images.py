"""The convolution by loops that numba compiles, in small cells.

Where many edges join the same two atoms through different periodic images, weights times harmonics
are summed over them first, and what involves the features of the sender happens once a pair, as in
`convolution.sum_images`. On a CPU only, in single precision.
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
    starts,
    to_rows,
)


class CompiledImages(NamedTuple):
    """Geometry of edges that are summed for each pair of atoms, for all layers.

    senders: of each edge, among the N atoms of its cell, `[A, Q]`.
    harmonics: of each edge, `[A, Q, M]`.
    irreps: of the harmonics.
    place: distance in units of the spacing of the table's knots; at the last for padding, `[A, Q]`.
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

    paths: weights, harmonics and sums of each path, int32 `[P, 5]`.
    terms: what is coupled in features, sums and messages, int32 `[T, 4]`.
    coefficients: Clebsch-Gordan coefficients of the terms, `[T, 1]`.
    n_sums: numbers that are summed for a pair.
    """

    paths: np.ndarray
    terms: np.ndarray
    coefficients: np.ndarray
    n_sums: int


def image_tables(paths: Sequence[Path], senders: e3nn.Irreps, edges: e3nn.Irreps) -> ImageTables:
    """Tables of the paths of a tensor product; weights and sums are in the paths' order.

    Args:
        paths: of the tensor product.
        senders, edges: irreps of features and harmonics.
    """
    sent, harmonics = ([s.start for s in irreps.slices()] for irreps in (senders, edges))
    weights = starts(path.channels for path in paths)
    sizes = [path.channels * path.coupling.shape[1] for path in paths]
    rows, terms, coefficients = [], [], []
    places = zip(paths, weights, starts(sizes), message_places(paths), strict=True)
    for path, weight, z, (y, stride) in places:
        x, n = sent[path.sender], path.channels
        rows.append((weight, n, harmonics[path.edge], path.coupling.shape[1], z))
        for one, two, three in np.argwhere(path.coupling):
            terms.append((x + one * n, z + two * n, y + three * stride, n))
            coefficients.append([path.coupling[one, two, three]])
    return ImageTables(
        np.asarray(rows, np.int32),
        np.asarray(terms, np.int32),
        np.asarray(coefficients, np.float32),
        sum(sizes),
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
        arguments: features, place, harmonics, senders, table, paths, terms and coefficients, as for
            `image_loops.messages`.
    """
    return _forward(sizes, *arguments)[0]


def _forward(
    sizes: tuple[int, int, int], *arguments: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    features, place, harmonics, senders, *constants = arguments
    width, n_atoms, n_sums = sizes
    shapes = [(len(features), width), (len(features), n_atoms, n_sums)]
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
