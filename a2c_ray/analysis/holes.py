"""Energies too low to be a crystal's: a potential has holes where it has learnt nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

FENCE = 3.0
"""Interquartile ranges below the first quartile of a composition's energies: Tukey's outer fence,
of which quartiles, unlike means, do not follow the outliers."""

LEAST_GAP = 0.3
"""eV/atom. An outlier is as far as this below the first quartile, too, since the quartiles of a
composition that has nearly always reached one crystal are close; and so is a group of energies that
far below the next higher one. Nine of ten metastable crystals lie within 0.07 eV/atom of the
ground state (Sun et al., Sci. Adv. 2, e1600225 (2016)): a gap of several times that is no
polymorph's."""

MOST_HOLES = 3
"""Of a composition, that are shown beside its crystals."""

FEWEST = 8
"""Energies of a composition below which none is judged."""


def floor_of(energies: np.ndarray) -> float:
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


def floors_of(
    energies: Mapping[str, np.ndarray], published: Mapping[str, float] | None = None
) -> dict[str, float]:
    """The same of each composition.

    Args:
        energies: of its relaxed cells, eV/atom.
        published: lowest energy of a published polymorph among them, which is no hole however few
            relaxations have reached it.
    """
    known = published or {}
    return {f: min(floor_of(e), known.get(f, np.inf)) for f, e in energies.items()}
