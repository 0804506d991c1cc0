"""Subcells: every box on a grid that can be cut out of a glass.

The faces of a box lie on the n_grid + 1 planes 0, 1/n_grid, ..., 1 of each axis, so that there are
C(n_grid + 1, 2)³ of them: 166,375 for n_grid = 10 and 9,261,000 for n_grid = 20. A box owns the
atoms on its lower faces and not those on its upper ones. A summed-area table counts the atoms of
all boxes.

Source: a²c paper, Methods, "Crystallization workflow".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.cells import Cell
from a2c_ray.compositions import formula_unit
from a2c_ray.crystallize.overlaps import minimum_distances

ON_PLANE = 1e-10
"""Fractional distance below which an atom counts as lying on a plane."""


@dataclass(frozen=True)
class Subcells:
    """Boxes of a glass.

    glass: that they are cut from.
    n_grid: grid points an axis.
    lower, upper: planes that bound each box, int16 `[M, 3]`; the upper ones are outside.
    """

    glass: Structure
    n_grid: int
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def one(
        cls, glass: Structure, n_grid: int, lower: Sequence[int], upper: Sequence[int]
    ) -> Subcells:
        """A single box, as a row of the lake describes it."""
        return cls(glass, n_grid, np.array([lower], np.int16), np.array([upper], np.int16))

    def __len__(self) -> int:
        return len(self.lower)

    def __iter__(self) -> Iterator[Structure]:
        return (self.structure(k) for k in range(len(self)))

    def __getitem__(self, selection: slice | np.ndarray | list[int]) -> Subcells:
        """Some of the boxes."""
        return replace(self, lower=self.lower[selection], upper=self.upper[selection])

    def cell(self, k: int) -> Cell:
        """One box as a periodic cell, its lower corner at the origin."""
        inside = self._inside(k)
        corner = self.lower[k] / self.n_grid
        lattice = (
            self.glass.lattice.matrix * ((self.upper[k] - self.lower[k]) / self.n_grid)[:, None]
        )
        positions = (self._fractional[inside] - corner) @ self.glass.lattice.matrix
        return Cell(lattice, positions, self._numbers[inside])

    def structure(self, k: int) -> Structure:
        """One box as a pymatgen structure."""
        return self.cell(k).structure

    def atoms(self, k: int) -> np.ndarray:
        """Indices of a box's atoms in the glass."""
        return np.flatnonzero(self._inside(k))

    @cached_property
    def n_atoms(self) -> np.ndarray:
        """Atoms of each box, int `[M]`."""
        table = _summed_area_table(self._planes, np.ones((len(self.glass), 1)), self.n_grid)[..., 0]
        total = np.zeros(len(self), int)
        for corner in np.ndindex(2, 2, 2):
            planes = np.where(np.array(corner, bool), self.upper, self.lower)
            sign = 1 if sum(corner) % 2 else -1
            total += sign * table[tuple(planes.T)].astype(int)
        return total

    def draw(self, most: int, seed: int) -> Subcells:
        """At most so many of the boxes, at random, with each number of atoms equally often.

        Small boxes far outnumber large ones and soon repeat themselves; sizes of which there are
        too few leave their share to the others.
        """
        shuffled = np.random.default_rng(seed).permutation(len(self))
        sizes = self.n_atoms[shuffled]
        turn = np.zeros(len(self), int)
        for size in np.unique(sizes):
            turn[sizes == size] = np.arange(np.sum(sizes == size))
        return self[np.sort(shuffled[np.argsort(turn, kind="stable")[:most]])]

    @cached_property
    def minimum_distances(self) -> np.ndarray:
        """Distances below which atoms of a subcell overlap (see `overlaps.minimum_distances`)."""
        return minimum_distances(self.glass)

    @cached_property
    def _fractional(self) -> np.ndarray:
        return wrapped(self.glass.frac_coords)

    @cached_property
    def _planes(self) -> np.ndarray:
        return grid_cells(self.glass.frac_coords, self.n_grid)

    @cached_property
    def _numbers(self) -> np.ndarray:
        return np.array(self.glass.atomic_numbers, np.int32)

    def _inside(self, k: int) -> np.ndarray:
        return np.all((self._planes >= self.lower[k]) & (self._planes < self.upper[k]), axis=1)


def find_subcells(
    glass: Structure,
    n_grid: int = 10,
    max_atoms: int = 16,
    composition: str | Composition | None = None,
    min_distance: float = 0.0,
) -> Subcells:
    """All boxes on the grid that hold 1 to `max_atoms` atoms.

    Args:
        glass: amorphous structure.
        n_grid: grid points an axis.
        max_atoms: n_max of the paper.
        composition: keep boxes of this reduced composition only (stoichiometry constraint).
        min_distance: drop boxes in which two atoms, periodic images included, are closer; Å.

    Raises:
        NoCellError: the glass is not periodic in all directions, or a site occupied in part.
        ValueError: n_grid or max_atoms is below 1, or the composition holds other elements.
    """
    Cell.from_structure(glass)  # which refuses what is none
    if n_grid < 1:
        raise ValueError(f"n_grid must be at least 1, not {n_grid}")
    if max_atoms < 1:
        raise ValueError(f"max_atoms must be at least 1, not {max_atoms}")
    elements = sorted({site.specie.symbol for site in glass})
    is_element = np.array([[site.specie.symbol == e for e in elements] for site in glass])
    ratio = _reduced_counts(composition, elements) if composition else None

    table = _summed_area_table(grid_cells(glass.frac_coords, n_grid), is_element, n_grid)
    low, high = np.triu_indices(n_grid + 1, k=1)
    lower, upper = [], []
    for x_low, x_high in zip(low, high, strict=True):
        slab = table[x_high] - table[x_low]
        rods = slab[high] - slab[low]
        boxes = rods[:, high] - rods[:, low]
        total = boxes.sum(axis=-1)
        keep = (total >= 1) & (total <= max_atoms)
        if ratio is not None:
            keep &= np.all(boxes * ratio.sum() == total[..., None] * ratio, axis=-1)
        y, z = np.nonzero(keep)
        lower.append(np.stack([np.full(len(y), x_low), low[y], low[z]], axis=1))
        upper.append(np.stack([np.full(len(y), x_high), high[y], high[z]], axis=1))
    subcells = Subcells(
        glass,
        n_grid,
        np.concatenate(lower).astype(np.int16),
        np.concatenate(upper).astype(np.int16),
    )
    if min_distance > 0.0:
        distances = np.array([_closest(subcells.cell(k)) for k in range(len(subcells))])
        subcells = subcells[distances >= min_distance]
    return subcells


def n_boxes(n_grid: int) -> int:
    """Number of all boxes on a grid."""
    return (n_grid * (n_grid + 1) // 2) ** 3


def expected_sizes(
    n_atoms: int, n_grid: int, max_atoms: int, formula_unit: int = 1
) -> dict[int, float]:
    """How many boxes of a glass of even density hold each number of atoms.

    Args:
        n_atoms: of the glass.
        n_grid: grid points an axis.
        max_atoms: larger boxes are left out.
        formula_unit: atoms that come together.
    """
    sides = np.arange(1, n_grid + 1)
    volumes = np.einsum("i,j,k->ijk", sides, sides, sides).ravel() / n_grid**3
    ways = np.einsum("i,j,k->ijk", *[n_grid + 1 - sides] * 3).ravel()
    units = np.maximum(1, np.rint(n_atoms * volumes / formula_unit)).astype(int)
    most = max(1, min(n_atoms, max_atoms) // formula_unit)
    counts = np.bincount(units, weights=ways, minlength=most + 1)
    return {k * formula_unit: float(counts[k]) for k in range(1, most + 1)}


def wrapped(fractional: np.ndarray) -> np.ndarray:
    """Fractional coordinates in [0, 1); what rounding left just below 1 is 0."""
    inside = np.mod(fractional, 1.0)
    return np.where(inside > 1.0 - ON_PLANE, 0.0, inside)


def grid_cells(fractional: np.ndarray, n_grid: int) -> np.ndarray:
    """Index of the lower plane of each atom's grid cell, int `[n, 3]`.

    An atom on a plane, up to rounding, belongs to the cell above it.
    """
    return np.floor((wrapped(fractional) + ON_PLANE) * n_grid).astype(int)


def _summed_area_table(cells: np.ndarray, weights: np.ndarray, n_grid: int) -> np.ndarray:
    """Sums over all grid cells below each grid point, int32 `[n_grid + 1, ... x3, columns]`."""
    table = np.zeros((n_grid + 1,) * 3 + (weights.shape[1],), np.int32)
    np.add.at(table, tuple(cells.T + 1), weights.astype(np.int32))
    return table.cumsum(axis=0).cumsum(axis=1).cumsum(axis=2)


def _reduced_counts(composition: str | Composition, elements: list[str]) -> np.ndarray:
    """Integer counts of the reduced composition, in the order of `elements`."""
    reduced = formula_unit(Composition(composition))
    missing = {e.symbol for e in reduced} - set(elements)
    if missing:
        raise ValueError(
            f"composition {reduced.formula!r} holds {', '.join(sorted(missing))}, the glass only "
            f"{', '.join(elements)}"
        )
    return np.array([round(reduced[e]) for e in elements])


def _closest(cell: Cell) -> float:
    """Shortest distance between atoms or images of one, in the 27 nearest cells, Å."""
    shifts = np.stack(np.meshgrid(*[[0, -1, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    offsets = cell.positions[None, :] - cell.positions[:, None]
    distances = np.linalg.norm(offsets[:, :, None] + shifts @ cell.lattice, axis=-1)
    n = len(cell.numbers)
    distances[np.arange(n), np.arange(n), 0] = np.inf
    return float(distances.min())
