"""All subcells of a run, and the samples of them that a cascade teaches itself with."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from a2c_ray.campaign.glass_work import without
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.relaxation.ceilings import Kind, kind_of

FEWEST_CONTROLS, MOST_CONTROLS, SUBCELLS_PER_CONTROL = 48, 400, 100
"""Subcells of a control sample, and of the pool for each."""

LOOKED_AT = 20
"""Times as many subcells as are drawn of each composition in turn are looked at for that."""


def control_size(pool: int) -> int:
    """Subcells of a control sample that are worth their price in a pool of so many."""
    return min(MOST_CONTROLS, max(FEWEST_CONTROLS, pool // SUBCELLS_PER_CONTROL))


@dataclass(frozen=True)
class Pool:
    """Subcells by glass.

    glasses: ids of the glasses, and what is cut out of them.
    """

    glasses: Mapping[str, Subcells]

    def __len__(self) -> int:
        return sum(map(len, self.glasses.values()))

    @property
    def n_atoms(self) -> int:
        """Of all its subcells."""
        return sum(int(subcells.n_atoms.sum()) for subcells in self.glasses.values())

    def __getitem__(self, places: np.ndarray) -> Pool:
        """Those at some places, counted through all glasses in order."""
        chosen = {}
        for (glass_id, subcells), first in zip(self.glasses.items(), self._firsts, strict=True):
            here = places[(places >= first) & (places < first + len(subcells))] - first
            if len(here):
                chosen[glass_id] = subcells[np.sort(here)]
        return Pool(chosen)

    def pieces(self, size: int) -> Iterator[tuple[str, Subcells]]:
        """At most so many of one glass at a time, with its id."""
        for glass_id, subcells in self.glasses.items():
            for start in range(0, len(subcells), size):
                yield glass_id, subcells[start : start + size]

    def without(self, ids: Collection[str]) -> Pool:
        """Those whose ids are not among some."""
        left = {glass_id: without(s, glass_id, ids) for glass_id, s in self.glasses.items()}
        return Pool({glass_id: subcells for glass_id, subcells in left.items() if len(subcells)})

    def samples(self, n_control: int, n_training: Sequence[int], seed: int) -> tuple[Pool, ...]:
        """Samples that share no subcell, the same for the same pool and seed.

        Args:
            n_control: of a sample that stands for the whole pool, any subcell as likely.
            n_training: of others, in which each composition is met as often, if it can be.
            seed: of the draw.

        Returns:
            The control sample, then the others.
        """
        shuffled = np.random.default_rng(seed).permutation(len(self))
        control, rest = shuffled[:n_control], shuffled[n_control:]
        in_turn = np.array(self._in_turn(rest[: LOOKED_AT * sum(n_training)]), int)
        ends = np.cumsum([0, *n_training])
        drawn = [in_turn[start:stop] for start, stop in pairwise(ends)]
        return tuple(self[places] for places in (control, *drawn))

    def _in_turn(self, places: np.ndarray) -> list[int]:
        """One of each composition, then a second one of each, and so on."""
        groups: dict[Kind, deque[int]] = defaultdict(deque)
        for place in places.tolist():
            groups[self._composition(place)].append(place)
        ordered = []
        while groups:
            for key in sorted(groups):
                ordered.append(groups[key].popleft())
                if not groups[key]:
                    del groups[key]
        return ordered

    def _composition(self, place: int) -> Kind:
        """That of a subcell."""
        k = int(np.searchsorted(self._firsts, place, side="right")) - 1
        subcells = list(self.glasses.values())[k]
        atoms = subcells.atoms(place - int(self._firsts[k]))
        return kind_of(np.array(subcells.glass.atomic_numbers)[atoms])

    @cached_property
    def _firsts(self) -> np.ndarray:
        """Place of the first subcell of each glass."""
        return np.cumsum([0, *map(len, self.glasses.values())])[:-1]
