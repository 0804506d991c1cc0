"""A cheap proof that crystals are one: the cell of one, turned, lies upon the other's.

Relaxations that have reached one minimum end in cells whose vectors and atoms nearly coincide,
once both are reduced. Where they do, `matching.matcher` finds so, too, in a hundred times the time;
where they do not, nothing is known. Many cells are laid upon a crystal at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from a2c_ray.analysis.matching import SITE_TOL
from a2c_ray.analysis.reduced_cell import MOST_PAIRS, ReducedCell, nearest_images, squared_lengths

VECTOR_TOL = 0.02
"""How far lengths and scalar products of vectors may be apart, over the lengths; a tenth of what
StructureMatcher allows."""

REACH = 0.4 * SITE_TOL
"""How far atoms may be apart, over (V/n)^(1/3): less than half of what StructureMatcher allows,
which takes the mean shift out first."""

FEW = 3
"""Atoms that are looked at before all others."""

STEPS = np.array([step for step in np.ndindex(3, 3, 3) if step != (1, 1, 1)]) - 1
"""To the lattice points around the origin, `[26, 3]`."""


def lie_upon(uppers: Sequence[ReducedCell], lower: ReducedCell) -> np.ndarray:
    """Which crystals, scaled to the volume of another, lie upon that with atoms and cell.

    Args:
        uppers: of its composition, each in a primitive cell.
        lower: likewise.

    Returns:
        bool `[len(uppers)]`.
    """
    lie = np.zeros(len(uppers), bool)
    fits = [k for k, one in enumerate(uppers) if np.array_equal(one.numbers, lower.numbers)]
    if not fits:
        return lie
    lattices = np.stack([uppers[k].lattice for k in fits])
    positions = np.stack([uppers[k].coords for k in fits]) @ lattices
    volume = abs(np.linalg.det(lower.lattice))
    scale = np.cbrt(volume / abs(np.linalg.det(lattices)))[:, None, None]
    lattices, positions = lattices * scale, positions * scale
    reach = REACH * np.cbrt(volume / len(lower.numbers))
    metric = lower.lattice @ lower.lattice.T
    owners, bases = _alike_bases(lattices, metric)
    left = np.ones(len(fits), bool)
    # One basis of each at a time: where a crystal has symmetry, the first of many proves it.
    while len(owners):
        now, first = np.unique(owners, return_index=True)
        coords = positions[now] @ np.linalg.inv(bases[first])
        left[now] = ~_atoms_lie_upon(coords, lower, metric, reach)
        later = np.ones(len(owners), bool)
        later[first] = False
        later &= left[owners]
        owners, bases = owners[later], bases[later]
    lie[fits] = ~left
    return lie


def _atoms_lie_upon(
    coords: np.ndarray, lower: ReducedCell, metric: np.ndarray, reach: float
) -> np.ndarray:
    """Whether atoms of some crystals, once shifted, lie upon those of another.

    Args:
        coords: fractional, in cells like the other's, `[m, n, 3]`.
        lower: the other.
        metric: of its lattice, Å².
        reach: that they may be apart, Å.

    Returns:
        bool `[m]`.
    """
    n_atoms, n_shifts = len(lower.numbers), lower.rarest.stop - lower.rarest.start
    lie = np.zeros(len(coords), bool)
    may = _in_pieces(n_shifts * n_atoms * FEW, coords, partial(_few_lie_upon, lower, metric, reach))
    lie[may] = _in_pieces(
        n_shifts * n_atoms**2, coords[may], partial(_all_lie_upon, lower, metric, reach)
    )
    return lie


def _in_pieces(
    n_pairs: int, coords: np.ndarray, verdicts: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Verdicts on crystals, so many at a time that their pairs of atoms fit the memory."""
    at_once = max(1, MOST_PAIRS // n_pairs)
    pieces = [verdicts(coords[k : k + at_once]) for k in range(0, len(coords), at_once)]
    return np.concatenate([np.zeros(0, bool), *pieces])


def _few_lie_upon(
    lower: ReducedCell, metric: np.ndarray, reach: float, coords: np.ndarray
) -> np.ndarray:
    """Whether, after one of the shifts, a few atoms of the other have some upon them."""
    few = np.linspace(0, len(lower.numbers) - 1, FEW).astype(int)
    apart = nearest_images(coords, lower.coords, lower.rarest, few)
    squares = squared_lengths(apart, metric, lower.numbers, few)
    return np.any(squares.min(axis=-1).max(axis=-1) < reach**2, axis=-1)


def _all_lie_upon(
    lower: ReducedCell, metric: np.ndarray, reach: float, coords: np.ndarray
) -> np.ndarray:
    """Whether, after one of the shifts, each atom has one of the other under it."""
    apart = nearest_images(coords, lower.coords, lower.rarest)
    squares = squared_lengths(apart, metric, lower.numbers)
    partners = np.sort(squares.argmin(axis=-1), axis=-1)
    are_paired = np.all(partners == np.arange(len(lower.numbers)), axis=-1)
    is_near = squares.min(axis=-1).max(axis=-1) < reach**2
    return np.any(is_near & are_paired, axis=-1)


def _alike_bases(lattices: np.ndarray, metric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Three vectors of lattices whose scalar products are nearly those wanted.

    Args:
        lattices: Å, rows, `[m, 3, 3]`.
        metric: scalar products that are wanted, Å², `[3, 3]`.

    Returns:
        Of each triple its lattice, in order `[k]`, and the vectors, `[k, 3, 3]`.
    """
    vectors = STEPS @ lattices
    products = vectors @ vectors.transpose(0, 2, 1)
    lengths, wanted = np.sqrt(np.diagonal(products, axis1=1, axis2=2)), np.sqrt(np.diag(metric))
    allowed = VECTOR_TOL * np.outer(wanted, wanted)
    a, b, c = (abs(lengths - w) < VECTOR_TOL * w for w in wanted)
    owners, i, j = np.nonzero(
        a[:, :, None] & b[:, None, :] & (abs(products - metric[0, 1]) < allowed[0, 1])
    )
    ac = abs(products[owners, i] - metric[0, 2]) < allowed[0, 2]
    bc = abs(products[owners, j] - metric[1, 2]) < allowed[1, 2]
    pairs, k = np.nonzero(c[owners] & ac & bc)
    owners = owners[pairs]
    return owners, np.stack([vectors[owners, n] for n in (i[pairs], j[pairs], k)], axis=1)
