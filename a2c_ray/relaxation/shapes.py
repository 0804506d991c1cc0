"""Few array shapes for cells of many sizes: each shape is compiled once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from a2c_ray.cells import Cell, pack
from a2c_ray.padding import choose_sizes, group_by_size, padded_size
from a2c_ray.potentials.neighbors import Capacity, edges_and_images, rounded_edges

CAPACITY_MARGIN = 1.25
"""Room for edges beyond what the starting cells need: cells densify as they relax."""

CAPACITY_QUANTILE = 0.95
"""Fraction of the cells that must fit; the others are relaxed at the end, with longer lists."""

FLATTENING = 5.0
"""Images are provided for cubes this much smaller than a subcell, for boxes are flat: enough for 99
of 100, of 2 to 24 atoms in glasses of SiO2 and BN. Looking at images takes a small network as long
as its energies."""

COUNTED_TOGETHER = 64
"""Cells whose neighbours are counted at a time."""


class Shape(NamedTuple):
    """What the arrays of a batch of cells have room for.

    n_atoms: in a cell.
    capacity: of the neighbour lists.
    """

    n_atoms: int
    capacity: Capacity


def choose_shapes(cells: Sequence[Cell], cutoff: float, max_shapes: int) -> tuple[Shape, ...]:
    """Shapes for a queue of cells, ascending.

    Args:
        cells: at least one.
        cutoff: longest edge, Å.
        max_shapes: that may be compiled.
    """
    counts = [len(cell.numbers) for cell in cells]
    groups = group_by_size(counts, choose_sizes(Counter(counts), max_shapes))
    return tuple(
        Shape(n_atoms, find_room([cells[k] for k in members], n_atoms, cutoff))
        for n_atoms, members in groups.items()
    )


def expected_room(n_atoms: int, volume_per_atom: float, radius: float, crowding: float) -> Capacity:
    """Neighbour lists with room for subcells of a glass, without looking at them.

    Args:
        n_atoms: of a subcell.
        volume_per_atom: of the glass, Å³.
        radius: longest edge, Å.
        crowding: density that the densest surroundings may have, over that of the glass.
    """
    edges = crowding * 4 / 3 * math.pi * radius**3 / volume_per_atom
    height = (n_atoms * volume_per_atom / FLATTENING) ** (1 / 3)
    images = (2 * radius / height + 1) ** 3
    return Capacity(rounded_edges(edges), padded_size(math.ceil(images)))


def find_room(cells: Sequence[Cell], n_atoms: int, cutoff: float) -> Capacity:
    """Neighbour lists with room for most of these cells, as they are and as they will be."""
    needs = []
    for start in range(0, len(cells), COUNTED_TOGETHER):
        batch = cells[start : start + COUNTED_TOGETHER]
        counted = edges_and_images(pack(batch, n_atoms, COUNTED_TOGETHER), cutoff)
        needs.append(np.asarray(counted)[:, : len(batch)])
    edges, images = np.quantile(np.concatenate(needs, axis=1), CAPACITY_QUANTILE, axis=1)
    return Capacity(rounded_edges(CAPACITY_MARGIN * edges), padded_size(math.ceil(images)))
