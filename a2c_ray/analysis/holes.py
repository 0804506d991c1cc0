"""Holes of a potential: energies too low to be a crystal's, where it has learnt nothing.

An energy far below all others of a composition may also be that of the crystal which hardly any
relaxation has reached. Atoms tell: in a hole they are closer than in any crystal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from pymatgen.core import Structure

FENCE = 3.0
"""Interquartile ranges below the first quartile of a composition's energies: Tukey's outer fence,
of which quartiles, unlike means, do not follow the outliers."""

LEAST_GAP = 0.3
"""eV/atom. An outlier is as far as this below the first quartile, too, since the quartiles of a
composition that has nearly always reached one crystal are close; and so is a group of energies that
far below the next higher one. Nine of ten metastable crystals lie within 0.07 eV/atom of the
ground state (Sun et al., Sci. Adv. 2, e1600225 (2016)): a gap of several times that is no
polymorph's."""

SHORTER = 0.9
"""Of the shortest distance in crystals of the composition: below, an outlier is a hole. A hole of
BN has 1.23 Å, its crystals 1.45; graphite, which few relaxations of dilute carbon reach, 1.42, and
what the others reach 1.28."""

USUAL = 50
"""Lowest cells that are no outliers whose shortest distances are the usual one."""

MOST_HOLES = 3
"""Of a composition, that are shown beside its crystals."""

FEWEST = 8
"""Energies of a composition below which none is judged."""

REACH = 3.0
"""Edges of a cube of the volume of an atom within which the shortest distance is looked for."""


class Floor(NamedTuple):
    """Where the crystals of a composition begin.

    energy: the lowest that is no hole, eV/atom.
    crowd: the lowest that is no outlier, eV/atom.
    distance: below which the shortest of an outlier makes it a hole, Å.
    """

    energy: float
    crowd: float
    distance: float

    def are_holes(self, energies: np.ndarray, distances: np.ndarray) -> np.ndarray:
        """Which cells, of these energies, eV/atom, and shortest distances, Å, are holes."""
        return (energies < self.crowd) & (distances < self.distance)


def lowest_of_crowd(energies: np.ndarray) -> float:
    """The lowest of some energies that is no outlier.

    Outliers are below the fence, or in the lowest quarter and below a gap: what every fourth
    relaxation reaches is no accident.

    Args:
        energies: of relaxed cells of one composition, eV/atom, `[n]`, at least one.
    """
    ordered = np.sort(energies)
    if len(ordered) < FEWEST:
        return float(ordered[0])
    first, median, third = np.quantile(ordered, [0.25, 0.5, 0.75])
    fence = first - max(FENCE * (third - first), LEAST_GAP)
    lower = ordered[ordered <= median]
    below_gap = lower[:-1][(np.diff(lower) > LEAST_GAP) & (lower[:-1] < first)]
    threshold = max(fence, below_gap.max(initial=-np.inf))
    return float(ordered[ordered > threshold][0])


def floor_of(energies: np.ndarray, distances: np.ndarray, published: float | None = None) -> Floor:
    """Where the crystals of one composition begin.

    Args:
        energies: of its relaxed cells, eV/atom, `[n]`, at least one.
        distances: shortest of each, Å, `[n]`; NaN beyond the cutoff, or where it does not matter.
        published: lowest energy of a published polymorph among them, which is no hole.
    """
    crowd = lowest_of_crowd(energies)
    order = np.argsort(energies, kind="stable")
    usual = distances[order[energies[order] >= crowd][:USUAL]]
    usual = usual[np.isfinite(usual)]
    shortest = SHORTER * float(np.median(usual)) if len(usual) else 0.0
    floor = Floor(crowd, crowd, shortest)
    crystals = energies[~floor.are_holes(energies, distances)]
    lowest = float(crystals.min())
    return floor._replace(energy=lowest if published is None else min(lowest, published))


def floors_of(
    cells: Mapping[str, tuple[np.ndarray, np.ndarray]],
    published: Mapping[str, float] | None = None,
) -> dict[str, Floor]:
    """The same of each composition.

    Args:
        cells: energies, eV/atom, and shortest distances, Å, of its relaxed cells.
        published: lowest energy of a published polymorph among them.
    """
    known = published or {}
    return {
        formula: floor_of(*of_formula, known.get(formula)) for formula, of_formula in cells.items()
    }


def distances_that_matter(structures: Sequence[Structure], energies: np.ndarray) -> np.ndarray:
    """Shortest distances, Å, as far as `floor_of` asks for them; NaN of others.

    Args:
        structures: of one composition, lowest energy first.
        energies: theirs, eV/atom.
    """
    n_outliers = int(np.searchsorted(energies, lowest_of_crowd(energies)))
    distances = np.full(len(energies), np.nan)
    if n_outliers:
        looked_at = structures[: n_outliers + USUAL]
        distances[: len(looked_at)] = [shortest_distance(structure) for structure in looked_at]
    return distances


def shortest_distance(structure: Structure) -> float:
    """Between two atoms, images included, Å; NaN if none is near."""
    reach = REACH * (structure.volume / len(structure)) ** (1 / 3)
    distances = structure.get_neighbor_list(reach)[3]
    return float(distances.min()) if len(distances) else float("nan")
