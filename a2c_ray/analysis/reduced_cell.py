"""Crystals as arrays, in reduced cells: what comparisons of many of them begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import spglib
from pymatgen.core import Structure

from a2c_ray.analysis.matching import PRIMITIVE_TOL, matched_cell

MOST_PAIRS = 10**6
"""Of atoms that are looked at together."""

EXACT = 0.05
"""Å; how near to a translation within the cell atoms must be, a fifth of what StructureMatcher
allows, for a smaller cell to stand for it."""


class Translations(NamedTuple):
    """Vectors of a lattice.

    steps: whole numbers of the lattice's vectors, `[n, 3]`.
    lengths: Å, `[n]`.
    angles: between them, degrees, `[n, n]`.
    """

    steps: np.ndarray
    lengths: np.ndarray
    angles: np.ndarray


@dataclass(frozen=True, eq=False)
class ReducedCell:
    """A crystal in a reduced cell, primitive or not.

    lattice: Å, rows.
    coords: fractional, of atoms sorted by element, `[n, 3]`.
    numbers: atomic, `[n]`.
    rarest: slice of the atoms of the rarest element.
    """

    lattice: np.ndarray
    coords: np.ndarray
    numbers: np.ndarray
    rarest: slice

    @cached_property
    def volume(self) -> float:
        """Å³."""
        return abs(float(np.linalg.det(self.lattice)))

    @cached_property
    def parameters(self) -> np.ndarray:
        """Lengths, Å, and angles, degrees, `[6]`."""
        return cell_parameters(self.lattice[None])[0]

    @cached_property
    def elements(self) -> bytes:
        """The same for cells of the same atoms."""
        return self.numbers.tobytes()


def niggli_cell(structure: Structure) -> ReducedCell | None:
    """Niggli's cell of the lattice that a structure is given in; None if there is none."""
    lattice = spglib.niggli_reduce(structure.lattice.matrix)
    if lattice is None:
        return None
    return _cell(lattice, structure.cart_coords, np.array(structure.atomic_numbers))


def compared_in(structure: Structure, niggli: ReducedCell | None) -> ReducedCell:
    """The cell that StructureMatcher compares.

    Args:
        structure: any.
        niggli: its cell.
    """
    if niggli is not None and _is_surely_primitive(niggli):
        return niggli
    smaller = matched_cell(structure)
    numbers = np.array(smaller.atomic_numbers)
    return _cell(smaller.lattice.matrix, smaller.cart_coords, numbers)


def smallest(cell: ReducedCell) -> ReducedCell | None:
    """The same in a primitive cell; None if none is found though there are translations."""
    apart = nearest_images(cell.coords, cell.coords, cell.rarest)
    squares = squared_lengths(apart, cell.lattice @ cell.lattice.T, cell.numbers)
    partners = squares.argmin(axis=2)
    exact = squares.min(axis=2).max(axis=1) < EXACT**2
    n_translations = int(exact.sum())
    if n_translations == 1:
        return cell
    shifts = cell.coords[cell.rarest][exact] - cell.coords[cell.rarest.start]
    vectors = np.concatenate([shifts - np.round(shifts), np.eye(3)]) @ cell.lattice
    basis = _basis(vectors, abs(np.linalg.det(cell.lattice)) / n_translations)
    first_of_orbit = partners[exact].min(axis=0)
    kept = np.flatnonzero(first_of_orbit == np.arange(len(cell.numbers)))
    if basis is None or len(kept) * n_translations != len(cell.numbers):
        return None
    lattice = spglib.niggli_reduce(basis)
    if lattice is None:
        return None
    return _cell(lattice, cell.coords[kept] @ cell.lattice, cell.numbers[kept])


ALL = slice(None)
"""Atoms."""


def nearest_images(
    upper: np.ndarray, lower: np.ndarray, rarest: slice, some: slice | np.ndarray = ALL
) -> np.ndarray:
    """From atoms below to each above, once one of the rarest below is under each above.

    Args:
        upper, lower: fractional coordinates, `[..., n, 3]` and `[n, 3]`.
        rarest: of the atoms.
        some: of the atoms below, m of them.

    Returns:
        Fractional, the nearest image, `[..., n_rarest, m, n, 3]`.
    """
    shifts = upper[..., rarest, :] - lower[rarest.start]
    shifted = lower[some] + shifts[..., None, :]
    apart = upper[..., None, None, :, :] - shifted[..., None, :]
    return apart - np.round(apart)


def squared_lengths(
    apart: np.ndarray, metric: np.ndarray, numbers: np.ndarray, some: slice | np.ndarray = ALL
) -> np.ndarray:
    """Squared lengths, Å², of what `nearest_images` gives; infinite where elements differ."""
    squares = np.einsum("...x,...x->...", apart @ metric, apart)
    squares[..., np.not_equal.outer(numbers[some], numbers)] = np.inf
    return squares


def translations(lattice: np.ndarray, reach: float) -> Translations:
    """Vectors of a lattice up to a length, Å, but for zero."""
    spans = np.floor(reach * np.linalg.norm(np.linalg.inv(lattice), axis=0)).astype(int)
    steps = np.stack(np.meshgrid(*(np.arange(-s, s + 1) for s in spans)), axis=-1).reshape(-1, 3)
    vectors = steps @ lattice
    lengths = np.linalg.norm(vectors, axis=1)
    near = np.flatnonzero((lengths <= reach) & (lengths > 0))
    directions = vectors[near] / lengths[near, None]
    angles = np.rad2deg(np.arccos(np.clip(directions @ directions.T, -1, 1)))
    return Translations(steps[near], lengths[near], angles)


def cell_parameters(lattices: np.ndarray) -> np.ndarray:
    """Lengths, Å, and angles, degrees, of lattices, `[K, 6]`."""
    lengths = np.linalg.norm(lattices, axis=2)
    units = lattices / lengths[:, :, None]
    cosines = [np.sum(units[:, i] * units[:, j], axis=1) for i, j in ((1, 2), (0, 2), (0, 1))]
    return np.concatenate(
        [lengths, np.rad2deg(np.arccos(np.clip(np.stack(cosines, axis=1), -1, 1)))], axis=1
    )


def _cell(lattice: np.ndarray, positions: np.ndarray, numbers: np.ndarray) -> ReducedCell:
    order, rarest = _by_element(tuple(numbers.tolist()))
    return ReducedCell(lattice, positions[order] @ np.linalg.inv(lattice), numbers[order], rarest)


def _is_surely_primitive(cell: ReducedCell) -> bool:
    """Whether no translation within a cell comes near to mapping the atoms onto each other.

    The test with which pymatgen's `get_primitive_structure` begins.
    """
    apart = np.abs(nearest_images(cell.coords, cell.coords, cell.rarest)[1:])
    reach = 2 * PRIMITIVE_TOL / np.linalg.norm(cell.lattice, axis=1)
    near = np.all(apart <= reach, axis=-1) & np.equal.outer(cell.numbers, cell.numbers)
    return not np.any(np.all(np.any(near, axis=-1), axis=-1))


@lru_cache(maxsize=1024)
def _by_element(numbers: tuple[int, ...]) -> tuple[np.ndarray, slice]:
    """Places of atoms sorted by element, and the rarest element among them."""
    order = np.argsort(numbers, kind="stable")
    _, firsts, counts = np.unique(np.take(numbers, order), return_index=True, return_counts=True)
    first, count = min(zip(firsts.tolist(), counts.tolist(), strict=True), key=itemgetter(1))
    return order, slice(first, first + count)


def _basis(vectors: np.ndarray, volume: float) -> np.ndarray | None:
    """Three of some vectors that span so much volume, Å³, the shortest first."""
    order = np.argsort(np.linalg.norm(vectors, axis=1), kind="stable")
    for three in combinations(order[np.linalg.norm(vectors[order], axis=1) > EXACT], 3):
        basis = vectors[list(three)]
        if abs(abs(np.linalg.det(basis)) - volume) < 0.1 * volume:
            return basis
    return None
