"""A cheap proof that two crystals are one: the cell of one, turned, lies upon the other's.

Relaxations that have reached one minimum end in cells whose vectors and atoms nearly coincide,
once both are reduced. Where they do, `matching.matcher` finds so, too, in twenty times the time;
where they do not, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import spglib
from pymatgen.core import Structure

from a2c_ray.analysis.matching import SITE_TOL
from a2c_ray.analysis.symmetry import spglib_cell

VECTOR_TOL = 0.02
"""How far lengths and scalar products of vectors may be apart, over the lengths; a tenth of what
StructureMatcher allows."""

REACH = 0.4 * SITE_TOL
"""How far atoms may be apart, over (V/n)^(1/3): less than half of what StructureMatcher allows,
which takes the mean shift out first."""

EXACT = 0.05
"""Å; how near to a translation within the cell atoms must be, a fifth of what StructureMatcher
allows, for a smaller cell to stand for it."""

STEPS = np.array([step for step in np.ndindex(3, 3, 3) if step != (1, 1, 1)]) - 1
"""To the lattice points around the origin, `[26, 3]`."""


class Ground(NamedTuple):
    """A crystal that others are laid upon.

    lattice: Niggli's, Å, rows.
    coords: fractional, of atoms sorted by element, `[n, 3]`.
    numbers: atomic, `[n]`.
    rarest: slice of the atoms of the rarest element.
    """

    lattice: np.ndarray
    coords: np.ndarray
    numbers: np.ndarray
    rarest: slice


def ground(structure: Structure) -> Ground | None:
    """Prepare a crystal; None if its cell cannot be reduced.

    Args:
        structure: a primitive cell.
    """
    matrix, numbers = structure.lattice.matrix, np.array(structure.atomic_numbers)
    return _ground(matrix, structure.cart_coords, numbers)


def is_plainly(structure: Structure, crystal: Ground) -> bool:
    """Whether a structure is a crystal that is known, in any cell, for `matching.matcher` too.

    Args:
        structure: of the same reduced composition.
        crystal: primitive.
    """
    if len(structure) == len(crystal.numbers):
        upper = ground(structure)
    else:
        smaller = spglib.find_primitive(spglib_cell(structure), symprec=EXACT)
        if smaller is None or len(smaller[2]) != len(crystal.numbers):
            return False
        lattice, coords, numbers = map(np.array, smaller)
        upper = _ground(lattice, coords @ lattice, numbers)
    return upper is not None and lies_upon(upper, crystal)


def _ground(matrix: np.ndarray, positions: np.ndarray, numbers: np.ndarray) -> Ground | None:
    lattice = spglib.niggli_reduce(matrix)
    if lattice is None:
        return None
    order = np.argsort(numbers, kind="stable")
    _, firsts, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    first, count = min(zip(firsts.tolist(), counts.tolist(), strict=True), key=itemgetter(1))
    rarest = slice(first, first + count)
    return Ground(lattice, positions[order] @ np.linalg.inv(lattice), numbers[order], rarest)


def lies_upon(upper: Ground, lower: Ground) -> bool:
    """Whether atoms and cell of one crystal, scaled to the other's volume, lie upon the other's."""
    if not np.array_equal(upper.numbers, lower.numbers):
        return False
    n_atoms, volume = len(lower.numbers), abs(np.linalg.det(lower.lattice))
    scale = np.cbrt(volume / abs(np.linalg.det(upper.lattice)))
    reach = REACH * np.cbrt(volume / n_atoms)
    positions = upper.coords @ upper.lattice
    unlike = np.not_equal.outer(lower.numbers, lower.numbers)
    metric = lower.lattice @ lower.lattice.T
    for vectors in _alike_bases(upper.lattice * scale, metric):
        coords = positions * scale @ np.linalg.inv(vectors)
        # One atom of the lower crystal upon each of the upper one's that are of its element.
        shifts = coords[upper.rarest] - lower.coords[lower.rarest.start]
        apart = coords - (lower.coords + shifts[:, None])[:, :, None]
        apart -= np.round(apart)
        squares = np.einsum("sijx,xy,sijy->sij", apart, metric, apart)
        squares[:, unlike] = np.inf
        near = np.flatnonzero(squares.min(axis=2).max(axis=1) < reach**2)
        for partners in squares[near].argmin(axis=2):
            if len(np.unique(partners)) == n_atoms:
                return True
    return False


def _alike_bases(lattice: np.ndarray, metric: np.ndarray) -> Iterator[np.ndarray]:
    """Three vectors of a lattice, Å, whose scalar products are nearly those wanted, `[3, 3]`."""
    vectors = STEPS @ lattice
    products = vectors @ vectors.T
    lengths, wanted = np.sqrt(np.diag(products)), np.sqrt(np.diag(metric))
    allowed = VECTOR_TOL * np.outer(wanted, wanted)
    a, b, c = (np.flatnonzero(abs(lengths - w) < VECTOR_TOL * w) for w in wanted)
    ab = abs(products[np.ix_(a, b)] - metric[0, 1]) < allowed[0, 1]
    ac = abs(products[np.ix_(a, c)] - metric[0, 2]) < allowed[0, 2]
    bc = abs(products[np.ix_(b, c)] - metric[1, 2]) < allowed[1, 2]
    for i, j, k in np.argwhere(ab[:, :, None] & ac[:, None, :] & bc[None, :, :]):
        yield vectors[[a[i], b[j], c[k]]]
