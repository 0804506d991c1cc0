"""StructureMatcher's verdict on reduced cells, with most of its search done in arrays.

The lattices, shifts, pairs and tolerances are those of pymatgen's `StructureMatcher.fit`, whose
time goes into looking at one of them after another: what cannot match is ruled out at once, for all
crystals that one is compared with, and only what is left is paired atom by atom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from pymatgen.core import Lattice
from pymatgen.util.coord_cython import pbc_shortest_vectors
from scipy.optimize import linear_sum_assignment

from a2c_ray.analysis.matching import ANGLE_TOL, LENGTH_TOL, SITE_TOL
from a2c_ray.analysis.reduced_cell import MOST_PAIRS, ReducedCell, cell_parameters, translations

ATOMS_AT_ONCE = 8
"""Looked at before shifts that leave one of them alone are given up."""


class Trial(NamedTuple):
    """Two crystals laid upon each other in one of many ways.

    parameters: of the average of their cells, `[6]`.
    moved, coords: fractional coordinates of both, `[n, 3]` each.
    """

    parameters: np.ndarray
    moved: np.ndarray
    coords: np.ndarray


def fits(one: ReducedCell, other: ReducedCell) -> bool:
    """Whether two crystals are one.

    Args:
        one, other: of the same reduced composition, each from `reduced_cell.compared_in`.
    """
    return next(all_fits(one, [other]))


def all_fits(one: ReducedCell, others: Sequence[ReducedCell]) -> Iterator[bool]:
    """Whether a crystal and each of others are one; the last step is made as they are asked for."""
    sized = [k for k, other in enumerate(others) if other.elements == one.elements]
    unlike = np.not_equal.outer(one.numbers, one.numbers)
    trials = _trials(one, [others[k] for k in sized], unlike)
    of_other = {k: trials[place] for place, k in enumerate(sized)}
    for k in range(len(others)):
        yield any(_furthest_pair(trial, unlike) < SITE_TOL for trial in of_other.get(k, ()))


def _trials(
    one: ReducedCell, others: Sequence[ReducedCell], unlike: np.ndarray
) -> dict[int, list[Trial]]:
    """Ways to lay a crystal upon others, by their places, that may make them one.

    Args:
        one: a crystal.
        others: of the same atoms.
        unlike: pairs that may not be formed, `[n, n]`.
    """
    trials: dict[int, list[Trial]] = defaultdict(list)
    if not others:
        return trials
    scales = np.cbrt(np.array([other.volume for other in others]) / one.volume)
    targets = np.stack([other.parameters for other in others])
    owners, multiples = _multiples_like(one, scales, targets)
    upon = np.stack([other.coords for other in others])
    at_once = max(1, MOST_PAIRS // (len(one.coords[one.rarest]) * len(one.numbers) ** 2))
    for start in range(0, len(owners), at_once):
        of, some = owners[start : start + at_once], multiples[start : start + at_once]
        cells = scales[of, None, None] * (some @ one.lattice)
        coords = one.coords @ np.linalg.inv(some)
        shifts = coords[:, one.rarest] - upon[of, one.rarest.start, None]
        moved = upon[of, None] + shifts[:, :, None]
        parameters = (cell_parameters(cells) + targets[of]) / 2
        for k, r in np.argwhere(_may_fit(moved, coords, unlike, _metrics(parameters))):
            trials[int(of[k])].append(Trial(parameters[k], moved[k, r], coords[k]))
    return trials


def _multiples_like(
    one: ReducedCell, scales: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Primitive cells of a scaled lattice whose lengths and angles are like those of targets.

    Args:
        one: whose lattice it is.
        scales: for each target, `[G]`.
        targets: lengths and angles, `[G, 6]`.

    Returns:
        The target of each, in order, `[K]`, and it in whole numbers of the vectors, `[K, 3, 3]`.
    """
    lengths, (alphas, betas, gammas) = targets[:, :3], targets[:, 3:].T
    longest = float(np.max(lengths.max(axis=1) / scales))
    there = translations(one.lattice, longest * (1 + LENGTH_TOL))
    ratios = (scales[:, None] * there.lengths)[:, :, None] / lengths[:, None]
    is_like = (ratios < 1 + LENGTH_TOL) & (ratios > 1 / (1 + LENGTH_TOL))
    are_a, are_b, are_c = np.moveaxis(is_like, -1, 0)
    of, a = np.nonzero(are_a)
    rows, b = np.nonzero(are_b[of] & _are_like(there.angles[a], gammas[of]))
    of, a = of[rows], a[rows]
    rows, c = np.nonzero(
        are_c[of] & _are_like(there.angles[a], betas[of]) & _are_like(there.angles[b], alphas[of])
    )
    multiples = there.steps[np.stack([a[rows], b[rows], c], axis=1)]
    is_primitive = np.abs(np.round(np.linalg.det(multiples))) == 1
    return of[rows][is_primitive], multiples[is_primitive]


def _are_like(angles: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which of many angles, `[K, n]`, are like those wanted, `[K]`, degrees."""
    return np.abs(angles - targets[:, None]) <= ANGLE_TOL


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
    may = np.ones(moved.shape[:2], bool)
    for start in range(0, n, ATOMS_AT_ONCE):
        atoms = slice(start, start + ATOMS_AT_ONCE)
        of, shift = np.nonzero(may)
        apart = coords[of, atoms, None] - moved[of, shift, None]
        apart -= np.round(apart)
        near = np.all(np.abs(apart) <= reach[of, None, None], axis=-1) & ~unlike[atoms]
        may[of, shift] = np.all(np.any(near, axis=-1), axis=-1)
    return may


def _furthest_pair(trial: Trial, unlike: np.ndarray) -> float:
    """Largest distance of paired atoms over (V/n)^(1/3), after the mean shift is taken out."""
    lattice = Lattice.from_parameters(*trial.parameters)
    spacing = (lattice.volume / len(trial.coords)) ** (1 / 3)
    reduced = np.array(lattice.get_lll_reduced_lattice().reciprocal_lattice.abc)
    reach: Any = reduced * SITE_TOL * spacing / np.pi  # pymatgen's types know one number
    vectors, squares = pbc_shortest_vectors(
        lattice,
        trial.moved,
        trial.coords,
        unlike.astype(np.int64),
        return_d2=True,
        lll_frac_tol=reach,
    )
    shifts = vectors[linear_sum_assignment(squares)]
    furthest = np.max(np.linalg.norm(shifts - shifts.mean(axis=0), axis=1))
    return float(furthest / spacing)
