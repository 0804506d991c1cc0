"""Neighbours in periodic cells of any shape, down to one atom and heights far below the cutoff.

Each pair of atoms is first brought to the image with the smallest fractional offset; the images
within the cutoff are then among the lattice translations -n..n along each axis, where n follows
from the cell's height on that axis. Candidates within the cutoff are compacted into a fixed number
of edges an atom. Everything has a static shape, so that the list is rebuilt inside a jitted loop;
what does not fit is reported, never dropped silently.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct

from a2c_ray.cells import Array, Cell, Cells, pack
from a2c_ray.matrices import cross, inverses, rows_times
from a2c_ray.padding import padded_size

if TYPE_CHECKING:
    from pymatgen.core import Structure


EDGE_STEP = 8
"""Lists are as long as a multiple of this."""

BLOCK = 32
"""Flags that are counted together, of those that say who is a neighbour."""

LONGEST_PRODUCT = 512
"""Above that many blocks, counting them one after another takes less than a product."""


@struct.dataclass
class Edges:
    """Directed edges from each atom to its neighbours, padded.

    senders: index of the neighbour within its cell, int32 `[S, N, K]`; 0 for padding.
    vectors: neighbour minus atom, Å, `[S, N, K, 3]`; padding has the length of the cutoff.
    mask: which edges are real, `[S, N, K]`.
    forward: of an edge and the one that leads back, which is the first, `[S, N, K]`.
    """

    senders: jax.Array
    vectors: jax.Array
    mask: jax.Array
    forward: jax.Array


class Capacity(NamedTuple):
    """Room in a neighbour list.

    edges: K, neighbours of an atom.
    images: lattice translations of a cell.
    """

    edges: int
    images: int

    def times(self, factor: int) -> Capacity:
        """So many times the room."""
        return Capacity(factor * self.edges, factor * self.images)


@struct.dataclass
class NeighborList:
    """Who neighbours whom, and through which lattice translation.

    senders: index of the neighbour within its cell, int32 `[S, N, K]`; 0 for padding.
    translations: lattice translation of the neighbour, in lattice vectors, `[S, N, K, 3]`.
    mask: which entries are real, `[S, N, K]`.
    n_edges: most neighbours of an atom, int32 `[S]`; above K, the list lacks some.
    n_images: translations to search in the cell, int32 `[S]`.
    overflow: the capacity was too small, and the list is incomplete, `[S]`.
    """

    senders: jax.Array
    translations: jax.Array
    mask: jax.Array
    n_edges: jax.Array
    n_images: jax.Array
    overflow: jax.Array


def heights(lattice: Array) -> jax.Array:
    """Distances between opposite faces of cells, Å, `[..., 3, 3]` to `[..., 3]`."""
    a, b, c = lattice[..., 0, :], lattice[..., 1, :], lattice[..., 2, :]
    normals = jnp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-2)
    volume = jnp.abs(jnp.sum(a * normals[..., 0, :], axis=-1))
    return volume[..., None] / jnp.sqrt(jnp.sum(normals**2, axis=-1))


def image_ranges(lattice: Array, radius: float) -> jax.Array:
    """How far to search on each axis: n of the translations -n..n, int32 `[..., 3]`.

    An offset within half a cell of zero plus s cells is at least (|s| - 1/2) heights away.
    """
    n = jnp.floor(radius / heights(lattice) + 0.5)
    return jnp.clip(n, 0, 500).astype(jnp.int32)


def neighbor_list(cells: Cells, radius: float, capacity: Capacity) -> NeighborList:
    """Neighbours within a radius, all periodic images included.

    Args:
        cells: atoms may lie outside their cell.
        radius: Å.
        capacity: room; what does not fit sets `overflow`.
    """
    lattice, present = cells.lattice, cells.present
    n_slots, n_atoms = present.shape
    n_edges, n_images = capacity

    ranges = image_ranges(lattice, radius)
    width_a, width_b, width_c = jnp.moveaxis(2 * ranges + 1, -1, 0)[..., None]
    index = jnp.arange(n_images, dtype=jnp.int32)
    steps = [index // (width_b * width_c), index // width_c % width_b, index % width_c]
    images = jnp.stack(steps, axis=-1) - ranges[:, None, :]
    n_searched = (width_a * width_b * width_c)[:, 0]
    searched = index < n_searched[:, None]

    fractional = rows_times(cells.positions, inverses(lattice))
    offset = fractional[:, None, :, :] - fractional[:, :, None, :]
    nearest = -jnp.round(offset)
    closest = rows_times(offset + nearest, lattice[:, None])
    translated = rows_times(images.astype(lattice.dtype), lattice)[:, None, None]
    distance2 = jnp.sum((closest[:, :, :, None, :] + translated) ** 2, axis=-1)

    home = jnp.all(images == 0, axis=-1)
    itself = jnp.eye(n_atoms, dtype=bool)[None, :, :, None] & home[:, None, None, :]
    exists = present[:, :, None, None] & present[:, None, :, None] & searched[:, None, None, :]
    within = (distance2 < radius**2) & exists & ~itself
    chosen, count = first_true(within.reshape(n_slots, n_atoms, -1), n_edges)

    mask = jnp.arange(n_edges) < count[..., None]
    senders = jnp.where(mask, chosen // n_images, 0)
    image = jnp.where(mask, chosen % n_images, 0)
    slot, atom = jnp.ogrid[:n_slots, :n_atoms]
    slot, atom = slot[..., None], atom[..., None]
    translations = nearest[slot, atom, senders] + images[slot, image]
    most = jnp.max(count, axis=-1)
    return NeighborList(
        senders=senders,
        translations=translations,
        mask=mask,
        n_edges=most,
        n_images=n_searched,
        overflow=(most > n_edges) | (n_searched > n_images),
    )


def first_true(flags: jax.Array, size: int) -> tuple[jax.Array, jax.Array]:
    """Indices of the first `size` true flags along the last axis, and the number of all.

    Counts within blocks and of blocks tell where each is: products with triangular matrices and
    comparisons, several times faster on a CPU than a running sum and a scatter over all flags.

    Args:
        flags: bool `[S, N, L]`.
        size: places beyond the number of true flags hold anything.

    Returns:
        int32 `[S, N, size]` and int32 `[S, N]`.
    """
    n_slots, n_atoms, length = flags.shape
    padded = jnp.pad(flags, ((0, 0), (0, 0), (0, -length % BLOCK)))
    blocks = padded.reshape(n_slots, n_atoms, -1, BLOCK).astype(jnp.float32)
    within = _running_sum(blocks)
    upto = _running_sum(within[..., -1])
    before = jnp.pad(upto, ((0, 0), (0, 0), (1, 0)))[..., :-1]

    rank = jnp.arange(size, dtype=jnp.float32)
    block = jnp.sum(upto[:, :, None, :-1] <= rank[:, None], axis=-1, dtype=jnp.int32)
    slot, atom = jnp.ogrid[:n_slots, :n_atoms]
    chosen = slot[..., None], atom[..., None], block
    left = rank - before[chosen]
    place = jnp.sum(within[chosen] <= left[..., None], axis=-1, dtype=jnp.int32)
    return block * BLOCK + place, upto[..., -1].astype(jnp.int32)


def _running_sum(counts: jax.Array) -> jax.Array:
    """Of small whole numbers along the last axis; exact in any precision of a product."""
    n = counts.shape[-1]
    if n > LONGEST_PRODUCT:
        return jnp.cumsum(counts, axis=-1)
    return counts @ jnp.triu(jnp.ones((n, n), counts.dtype))


def edge_vectors(neighbors: NeighborList, cells: Cells, cutoff: float) -> Edges:
    """Edges of a neighbour list.

    Args:
        neighbors: of these cells.
        cells: positions and lattices may differ a little from those of the list.
        cutoff: length given to padding, Å.
    """
    positions = cells.positions
    sender_positions = jax.vmap(lambda x, j: x[j])(positions, neighbors.senders)
    translations = rows_times(
        neighbors.translations.astype(positions.dtype), cells.lattice[:, None]
    )
    vectors = sender_positions - positions[:, :, None] + translations
    padding = jnp.array([cutoff, 0.0, 0.0], positions.dtype)
    return Edges(
        neighbors.senders,
        jnp.where(neighbors.mask[..., None], vectors, padding),
        neighbors.mask,
        neighbors.mask & leads_forward(neighbors.senders, neighbors.translations),
    )


def leads_forward(senders: Array, translations: Array) -> jax.Array:
    """True for one of each two opposite edges: to a later atom, or to an image further on.

    Args:
        senders: index of the neighbour within its cell, `[..., N, K]`.
        translations: of the neighbour, in lattice vectors, `[..., N, K, 3]`.
    """
    a, b, c = jnp.moveaxis(jnp.asarray(translations), -1, 0)
    further = (a > 0) | ((a == 0) & ((b > 0) | ((b == 0) & (c > 0))))
    receivers = jnp.arange(senders.shape[-2])[:, None]
    return (senders > receivers) | ((senders == receivers) & further)


def find_capacity(cells: Cells, radius: float, margin: float = 1.0) -> Capacity:
    """A capacity that suffices for a batch, rounded up so that few distinct ones occur.

    Args:
        cells: concrete arrays.
        radius: Å.
        margin: factor on the number of edges, for cells that will change.
    """
    edges, images = edges_and_images(cells, radius).max(axis=1)
    return Capacity(rounded_edges(margin * edges), padded_size(int(images)))


def rounded_edges(n: float) -> int:
    """The next multiple of `EDGE_STEP`: every entry of a list costs time, every length compiles."""
    return EDGE_STEP * max(1, math.ceil(n / EDGE_STEP))


def edges_and_images(cells: Cells, radius: float) -> np.ndarray:
    """Most neighbours of an atom, and lattice translations to search, of each cell.

    Args:
        cells: concrete arrays.
        radius: Å.

    Returns:
        int `[2, S]`.
    """
    widths = 2 * np.asarray(_image_ranges(cells.lattice, radius)) + 1
    images = np.prod(widths, axis=-1)
    edges = _count_edges(cells, radius, padded_size(int(images.max())))
    return np.stack([np.asarray(edges), images])


# One program instead of one for each operation: short processes spend their time in compiling.
_image_ranges = jax.jit(image_ranges)


@partial(jax.jit, static_argnums=(1, 2))
def _count_edges(cells: Cells, radius: float, n_images: int) -> jax.Array:
    return neighbor_list(cells, radius, Capacity(1, n_images)).n_edges


def neighbor_pairs(
    structure: Structure, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All ordered pairs (i, j, S) of a structure with |r_j - r_i + S L| < radius.

    Args:
        structure: any periodic structure.
        radius: Å.

    Returns:
        i `[E]`, j `[E]`, translations S `[E, 3]` in lattice vectors (relative to the positions as
        given), distances `[E]` in Å; double precision.
    """
    with jax.enable_x64(True):
        cells = pack([Cell.from_structure(structure)], len(structure), dtype="float64")
        edges, translations = jax.device_get(_pairs(cells, radius, find_capacity(cells, radius)))
    mask = edges.mask[0]
    receivers = np.broadcast_to(np.arange(len(structure))[:, None], mask.shape)
    distances = np.linalg.norm(edges.vectors[0][mask], axis=-1)
    return receivers[mask], edges.senders[0][mask], translations[0][mask].astype(int), distances


@partial(jax.jit, static_argnums=2)
def _pairs(cells: Cells, radius: float, capacity: Capacity) -> tuple[Edges, jax.Array]:
    """Edges of cells, and the lattice translations of their senders."""
    neighbors = neighbor_list(cells, radius, capacity)
    return edge_vectors(neighbors, cells, radius), neighbors.translations
