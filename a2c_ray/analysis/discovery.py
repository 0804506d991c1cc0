"""How sure it is that a search has found the lowest crystal: from how often it met each.

Crystals that were met once tell of those that were not met yet. Where f_k crystals were met k times
by n subcells, the next subcell meets a new one with the chance f1/n (Good, Biometrika 40, 237
(1953)), and as many subcells again meet

    U = f1 - f2 + f3 - ...

new ones (Good and Toulmin, Biometrika 43, 45 (1956)), a series whose terms are weighted here with
the tail of a binomial distribution, lest chance meetings make it wild (Efron and Thisted,
Biometrika 63, 435 (1976)).

If energy and frequency have nothing to do with each other, the lowest of all K + U
crystals is one of the new ones with the chance U/(K + U); where low crystals have wide basins, as
they mostly do, the chance is smaller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

WEIGHTS = (7 / 8, 1 / 2, 1 / 8)
"""Of the terms of the series: chances that three tosses of a coin give at least k heads."""


@dataclass(frozen=True)
class Discovery:
    """What a search has met among the low crystals of a composition.

    n_subcells: that were relaxed soundly, to whatever crystal.
    n_crystals: distinct low ones that were met.
    n_once: of them, met once.
    expected_new: low crystals that as many subcells again would add.
    """

    n_subcells: int
    n_crystals: int
    n_once: int
    expected_new: float

    @property
    def chance_of_new(self) -> float:
        """That the next subcell becomes a low crystal which was not met before."""
        return self.n_once / self.n_subcells

    @property
    def chance_of_lower(self) -> float:
        """That as many subcells again would find a crystal below the lowest."""
        return self.expected_new / (self.n_crystals + self.expected_new)


def discovery(hits: Sequence[int], n_subcells: int) -> Discovery:
    """Judge a search by its low crystals.

    Args:
        hits: how often each of them was met, all of those up to some energy.
        n_subcells: that were relaxed soundly, to these crystals or to others.

    Raises:
        ValueError: there are no crystals, one was never met, or more were met than relaxed.
    """
    if not hits or min(hits) < 1 or sum(hits) > n_subcells:
        raise ValueError(f"{list(hits)} hits in {n_subcells} subcells")
    met = Counter(hits)
    terms = (weight * met[k] * (-1) ** (k + 1) for k, weight in enumerate(WEIGHTS, start=1))
    expected = min(max(0.0, sum(terms)), float(met[1]))
    return Discovery(n_subcells, len(hits), met[1], expected)
