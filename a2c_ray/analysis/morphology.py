"""Which polymorphs emerge from which glasses.

Glasses of many temperatures and densities, how far they have crystallized themselves, and what
their subcells relaxed to (a²c paper, Fig. 4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest

from a2c_ray.analysis.crystallinity import Order, order_of

CONFIDENCE = 0.95


class Emergence(NamedTuple):
    """A polymorph among the relaxed subcells of a glass.

    number: of subcells that match it.
    lowest: energy of the lowest of them, eV/atom.
    """

    number: int
    lowest: float


class Proportion(NamedTuple):
    """How many of how many, with the 95 % interval of Wilson for the share.

    number, total: counts.
    low, high: ends of the interval, between 0 and 1.
    """

    number: int
    total: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.number / self.total

    @classmethod
    def of(cls, number: int, total: int) -> Proportion:
        """Of a binomial distribution; there must be at least one trial."""
        interval = binomtest(number, total).proportion_ci(CONFIDENCE, method="wilson")
        return cls(number, total, float(interval.low), float(interval.high))


@dataclass(frozen=True)
class GlassMorphology:
    """A glass, and what its subcells relaxed to.

    glass_id: identifies it.
    t_high: of its melt, K.
    density: g/cm³.
    pressure: GPa.
    coordination: mean number of neighbours; None if unknown.
    crystallinity: share of its atoms that are crystalline; None if unknown.
    phase_share: share of its atoms that belong to a chosen crystal; None if unknown.
    n_relaxed: soundly relaxed subcells of its composition; 0 if it was not crystallized.
    lowest: energy of the lowest of them, eV/atom; None if there is none.
    emerged: polymorphs among them, by name.
    """

    glass_id: str
    t_high: float
    density: float
    pressure: float
    coordination: float | None = None
    crystallinity: float | None = None
    phase_share: float | None = None
    n_relaxed: int = 0
    lowest: float | None = None
    emerged: Mapping[str, Emergence] = field(default_factory=dict)


@dataclass(frozen=True)
class GridPoint:
    """The glasses of one temperature and density, which differ in their seeds.

    t_high: K.
    density: g/cm³.
    glasses: at least one.
    """

    t_high: float
    density: float
    glasses: tuple[GlassMorphology, ...]

    @cached_property
    def pressure(self) -> float:
        """Mean over the glasses, GPa."""
        return float(np.mean([glass.pressure for glass in self.glasses]))

    @cached_property
    def coordination(self) -> float | None:
        """Mean over the glasses of which it is known."""
        return _mean([glass.coordination for glass in self.glasses])

    @cached_property
    def crystallinity(self) -> float | None:
        """Mean over the glasses of which it is known."""
        return _mean([glass.crystallinity for glass in self.glasses])

    @cached_property
    def phase_share(self) -> float | None:
        """Mean over the glasses of which it is known."""
        return _mean([glass.phase_share for glass in self.glasses])

    @cached_property
    def order(self) -> Order | None:
        """Class of the mean crystallinity."""
        return None if self.crystallinity is None else order_of(self.crystallinity)

    @cached_property
    def n_relaxed(self) -> int:
        """Soundly relaxed subcells of all glasses."""
        return sum(glass.n_relaxed for glass in self.glasses)

    def frequency(self, polymorphs: Iterable[str]) -> Proportion | None:
        """Share of the relaxed subcells that match any of some polymorphs; None if there are none.

        Args:
            polymorphs: names; more than one for models of one phase, such as vaterite's.
        """
        if self.n_relaxed == 0:
            return None
        found = [emergence.number for emergence in self._of(polymorphs)]
        return Proportion.of(sum(found), self.n_relaxed)

    def lowest(self, polymorphs: Iterable[str]) -> float | None:
        """Energy of the lowest subcell that matches any of them, eV/atom."""
        return min((emergence.lowest for emergence in self._of(polymorphs)), default=None)

    def _of(self, polymorphs: Iterable[str]) -> list[Emergence]:
        names = set(polymorphs)
        return [
            emergence
            for glass in self.glasses
            for name, emergence in glass.emerged.items()
            if name in names
        ]


class Appearance(NamedTuple):
    """Whether a phase emerged from the glasses of one temperature and density.

    t_high: K.
    density: g/cm³.
    phase: name.
    frequency: among the relaxed subcells.
    delta: of its lowest subcell above the lowest of all glasses, eV/atom; None if it is absent.
    """

    t_high: float
    density: float
    phase: str
    frequency: Proportion
    delta: float | None


def grid_points(glasses: Iterable[GlassMorphology]) -> list[GridPoint]:
    """Glasses by temperature and density, lowest density first."""
    groups: dict[tuple[float, float], list[GlassMorphology]] = defaultdict(list)
    for glass in glasses:
        groups[glass.density, glass.t_high].append(glass)
    return [
        GridPoint(t_high, density, tuple(group))
        for (density, t_high), group in sorted(groups.items(), key=itemgetter(0))
    ]


def phases_of(glasses: Iterable[GlassMorphology]) -> dict[str, tuple[str, ...]]:
    """Each polymorph that emerged anywhere as a phase of its own, the most frequent first."""
    numbers: dict[str, int] = defaultdict(int)
    for glass in glasses:
        for name, emergence in glass.emerged.items():
            numbers[name] += emergence.number
    return {name: (name,) for name in sorted(numbers, key=lambda name: (-numbers[name], name))}


def appearances(
    points: Sequence[GridPoint], phases: Mapping[str, Iterable[str]]
) -> list[Appearance]:
    """Each phase at each point that has been crystallized (a²c paper, "Calcium carbonate search").

    Args:
        points: of one composition.
        phases: polymorphs of each; see `phases_of`.
    """
    energies = [g.lowest for point in points for g in point.glasses if g.lowest is not None]
    floor = min(energies, default=0.0)
    found = []
    for point in points:
        for phase, names in phases.items():
            frequency, lowest = point.frequency(names), point.lowest(names)
            if frequency is not None:
                delta = None if lowest is None else lowest - floor
                found.append(Appearance(point.t_high, point.density, phase, frequency, delta))
    return found


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
