"""StructureMatcher's verdict on two reduced cells, with most of its search done in arrays.

The lattices, shifts, pairs and tolerances are those of pymatgen's `StructureMatcher.fit`, whose
time goes into looking at one of them after another: what cannot match is ruled out at once, and
only what is left is paired atom by atom.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pymatgen.core import Lattice
from pymatgen.util.coord_cython import pbc_shortest_vectors
from scipy.optimize import linear_sum_assignment

from a2c_ray.analysis.matching import ANGLE_TOL, LENGTH_TOL, SITE_TOL
from a2c_ray.analysis.reduced_cell import MOST_PAIRS, ReducedCell


def fits(one: ReducedCell, other: ReducedCell) -> bool:
    """Whether two crystals are one.

    Args:
        one, other: of the same reduced composition, each from `reduced_cell.compared_in`.
    """
    if not np.array_equal(one.numbers, other.numbers):
        return False
    scale = np.cbrt(abs(np.linalg.det(other.lattice) / np.linalg.det(one.lattice)))
    scaled, [target] = one.lattice * scale, _parameters(other.lattice[None])
    cells = _multiples_like(one, scale, target) @ scaled
    unlike = np.not_equal.outer(other.numbers, one.numbers)
    at_once = max(1, MOST_PAIRS // (len(one.coords[one.rarest]) * len(one.numbers) ** 2))
    for start in range(0, len(cells), at_once):
        some = cells[start : start + at_once]
        coords = one.coords @ scaled @ np.linalg.inv(some)
        shifts = coords[:, one.rarest] - other.coords[other.rarest.start]
        moved = other.coords + shifts[:, :, None]
        parameters = (_parameters(some) + target) / 2
        for k, r in np.argwhere(_may_fit(moved, coords, unlike, _metrics(parameters))):
            average = Lattice.from_parameters(*parameters[k])
            if _furthest_pair(average, moved[k, r], coords[k], unlike) < SITE_TOL:
                return True
    return False


def _multiples_like(one: ReducedCell, scale: float, target: np.ndarray) -> np.ndarray:
    """Primitive cells of a scaled lattice whose lengths and angles are like a target's.

    Returns:
        In whole numbers of its vectors, `[K, 3, 3]`.
    """
    lengths, angles = target[:3], target[3:]
    there = one.translations(lengths.max() * (1 + LENGTH_TOL) / scale)
    ratios = scale * there.lengths[:, None] / lengths
    is_like = (ratios < 1 + LENGTH_TOL) & (ratios > 1 / (1 + LENGTH_TOL))
    a, b, c = (np.flatnonzero(like) for like in is_like.T)
    alpha, beta, gamma = (
        _are_angles_like(there.directions[v], there.directions[w], angle)
        for (v, w), angle in zip(((b, c), (a, c), (a, b)), angles, strict=True)
    )
    i, j, k = np.nonzero(gamma[:, :, None] & beta[:, None, :] & alpha[None, :, :])
    multiples = there.steps[np.stack([a[i], b[j], c[k]], axis=1)]
    return multiples[np.abs(np.round(np.linalg.det(multiples))) == 1]


def _are_angles_like(directions: np.ndarray, others: np.ndarray, angle: float) -> np.ndarray:
    """Which pairs of directions are about so many degrees apart, bool."""
    apart = np.rad2deg(np.arccos(np.clip(directions @ others.T, -1, 1)))
    return np.abs(apart - angle) <= ANGLE_TOL


def _parameters(cells: np.ndarray) -> np.ndarray:
    """Lengths, Å, and angles, degrees, of cells, `[K, 6]`."""
    lengths = np.linalg.norm(cells, axis=2)
    units = cells / lengths[:, :, None]
    cosines = [np.sum(units[:, i] * units[:, j], axis=1) for i, j in ((1, 2), (0, 2), (0, 1))]
    return np.concatenate(
        [lengths, np.rad2deg(np.arccos(np.clip(np.stack(cosines, axis=1), -1, 1)))], axis=1
    )


def _metrics(parameters: np.ndarray) -> np.ndarray:
    """Scalar products of the vectors of cells, Å², `[K, 3, 3]`."""
    a, b, c, *angles = parameters.T
    cos_alpha, cos_beta, cos_gamma = np.cos(np.deg2rad(angles))
    ab, ac, bc = a * b * cos_gamma, a * c * cos_beta, b * c * cos_alpha
    rows = [[a * a, ab, ac], [ab, b * b, bc], [ac, bc, c * c]]
    return np.moveaxis(np.array(rows), -1, 0)


def _may_fit(
    moved: np.ndarray, coords: np.ndarray, unlike: np.ndarray, metrics: np.ndarray
) -> np.ndarray:
    """Where each atom of one crystal has one of its element of the other near, bool `[K, R]`.

    Args:
        moved: fractional coordinates of the one after each of R shifts, `[K, R, n, 3]`.
        coords: of the other, `[K, n, 3]`.
        unlike: pairs that may not be formed, `[n, n]`.
        metrics: of the average cells, Å², `[K, 3, 3]`.
    """
    n = len(unlike)
    spacings = np.cbrt(np.sqrt(np.abs(np.linalg.det(metrics))) / n)
    heights = 1 / np.sqrt(np.diagonal(np.linalg.inv(metrics), axis1=1, axis2=2))
    reach = 2 * SITE_TOL * spacings[:, None] / heights
    apart = coords[:, None, None] - moved[:, :, :, None]
    apart -= np.round(apart)
    near = np.all(np.abs(apart) <= reach[:, None, None, None], axis=-1) & ~unlike
    return np.all(np.any(near, axis=-1), axis=-1)


def _furthest_pair(
    lattice: Lattice, moved: np.ndarray, coords: np.ndarray, unlike: np.ndarray
) -> float:
    """Largest distance of paired atoms over (V/n)^(1/3), after the mean shift is taken out."""
    spacing = (lattice.volume / len(coords)) ** (1 / 3)
    reduced = np.array(lattice.get_lll_reduced_lattice().reciprocal_lattice.abc)
    reach: Any = reduced * SITE_TOL * spacing / np.pi  # pymatgen's types know one number
    vectors, squares = pbc_shortest_vectors(
        lattice, moved, coords, unlike.astype(np.int64), return_d2=True, lll_frac_tol=reach
    )
    shifts = vectors[linear_sum_assignment(squares)]
    furthest = np.max(np.linalg.norm(shifts - shifts.mean(axis=0), axis=1))
    return float(furthest / spacing)
