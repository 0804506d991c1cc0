"""Features and messages of an atom in a row, as compiled loops read and write them.

Irreps follow each other, in them components, in these channels. In messages, the channels of all
paths to an irrep lie together, in the paths' order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.potentials.nequip.convolution import Features, Path


def to_rows(features: Features) -> jax.Array:
    """`[A, features]` of one `[2l+1, A, channels]` an irrep."""
    n_atoms = features[0].shape[1]
    return jnp.concatenate([jnp.moveaxis(x, 0, 1).reshape(n_atoms, -1) for x in features], axis=1)


def from_rows(messages: jax.Array, paths: Sequence[Path]) -> Features:
    """One `[2l+1, A, channels of all its paths]` for each received irrep, of `[A, messages]`."""
    irreps = list(message_irreps(paths).values())
    blocks = jnp.split(messages, starts(size * n for size, n in irreps)[1:], axis=1)
    return [
        jnp.moveaxis(block.reshape(len(messages), size, n), 1, 0)
        for block, (size, n) in zip(blocks, irreps, strict=True)
    ]


def message_irreps(paths: Sequence[Path]) -> dict[int, tuple[int, int]]:
    """Components, and channels of all paths, of each irrep that is received."""
    irreps: dict[int, tuple[int, int]] = {}
    for path in sorted(paths, key=lambda path: path.receiver):
        _, n = irreps.get(path.receiver, (0, 0))
        irreps[path.receiver] = (path.coupling.shape[2], n + path.channels)
    return irreps


def message_width(paths: Sequence[Path]) -> int:
    """Length of a message."""
    return sum(size * n for size, n in message_irreps(paths).values())


def message_places(paths: Sequence[Path]) -> list[tuple[int, int]]:
    """Where the channels of each path's first component begin, and how far it is to the next's."""
    irreps = message_irreps(paths)
    free = dict(zip(irreps, starts(size * n for size, n in irreps.values()), strict=True))
    places = []
    for path in paths:
        places.append((free[path.receiver], irreps[path.receiver][1]))
        free[path.receiver] += path.channels
    return places


def weight_starts(paths: Iterable[Path]) -> dict[str, int]:
    """Where each path's channels begin among radial weights: those of a harmonic lie together."""
    ordered = by_harmonic(paths)
    return dict(
        zip((path.name for path in ordered), starts(p.channels for p in ordered), strict=True)
    )


def by_harmonic(paths: Iterable[Path]) -> list[Path]:
    """Paths in the order of their radial weights."""
    return sorted(paths, key=lambda path: path.edge)


def starts(sizes: Iterable[int]) -> list[int]:
    """Where blocks of these sizes begin that follow each other."""
    return np.cumsum([0, *sizes])[:-1].tolist()
