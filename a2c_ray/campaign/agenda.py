"""What a campaign has to do next: the units of all its points in one queue.

Melt-quenches take long and make work for others, so they go first, but leave half of the actors to
glasses that are ready. The subcells of a glass are cut into units as actors ask for them.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Protocol

from a2c_ray.campaign.melt_unit import MeltQuenchUnit
from a2c_ray.campaign.pace import Pace, share
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.unit import CampaignUnit

MELTING_SHARE = 0.5
"""Of the actors, kept on melt-quenches while there are glasses to crystallize."""


class CellQueue(Protocol):
    """Cells of one run that are handed out in units: those of a glass, or given ones."""

    plan: Plan

    @property
    def pace(self) -> str:
        """See `CampaignUnit.pace`."""

    @property
    def n_left(self) -> int:
        """Cells that no unit holds yet."""

    def next_unit(self, most_cells: int, most_atoms: float | None) -> CampaignUnit:
        """The next cells, which there must be.

        Args:
            most_cells: of the unit.
            most_atoms: of all its cells; None if no rate is known.
        """


class Agenda:
    """Units that wait for an actor.

    Args:
        pace: sizes units.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._melts: deque[MeltQuenchUnit] = deque()
        self._melts_only: deque[MeltQuenchUnit] = deque()
        self._queues: deque[CellQueue] = deque()
        self._first: deque[CampaignUnit] = deque()
        self._meanwhile: deque[CampaignUnit] = deque()

    def add_melt(self, unit: MeltQuenchUnit) -> None:
        """Queue a melt-quench; those whose glasses are only looked at wait for the others."""
        crystallizes = any(glass.crystallize for glass in unit.glasses)
        (self._melts if crystallizes else self._melts_only).append(unit)

    def add_cells(self, queue: CellQueue) -> None:
        """Queue the subcells of a glass, or given cells."""
        self._queues.append(queue)

    def add_first(self, unit: CampaignUnit) -> None:
        """Queue a unit before all others."""
        self._first.append(unit)

    def add_meanwhile(self, unit: CampaignUnit) -> None:
        """Queue what an actor may do that would wait for the melt-quenches of others."""
        self._meanwhile.append(unit)

    def __bool__(self) -> bool:
        return bool(self._first or self.n_melts or self.n_subcells)

    @property
    def melts(self) -> list[MeltQuenchUnit]:
        """Melt-quench units that wait."""
        return [*self._melts, *self._melts_only]

    @property
    def n_melts(self) -> int:
        """Melt-quench units that wait."""
        return len(self._melts) + len(self._melts_only)

    @property
    def n_subcells(self) -> int:
        """Subcells that wait, without those of units that are tried again."""
        return sum(queue.n_left for queue in self._queues)

    @property
    def most_actors(self) -> float:
        """How many actors can be of use: a glass to crystallize gives work to any number."""
        if self._melts or self.n_subcells:
            return math.inf
        return len(self._first) + len(self._melts_only)

    def next_unit(self, kind: str, n_actors: int, n_melting: int) -> CampaignUnit | None:
        """The next unit for an idle actor; None if there is nothing to do.

        Args:
            kind: of the actor.
            n_actors: in all.
            n_melting: actors with a melt-quench.
        """
        if self._first:
            return self._first.popleft()
        melts_have_their_share = n_melting >= math.ceil(MELTING_SHARE * n_actors)
        if self.n_melts and not (self.n_subcells and melts_have_their_share):
            return (self._melts or self._melts_only).popleft()
        unit = self._next_subcells(kind, n_actors)
        if unit is None and n_melting and self._meanwhile:
            return self._meanwhile.popleft()
        return unit

    def _next_subcells(self, kind: str, n_actors: int) -> CampaignUnit | None:
        n_left = self.n_subcells
        while self._queues and not self._queues[0].n_left:
            self._queues.popleft()
        if not self._queues:
            return None
        queue = self._queues[0]
        most_atoms = self._pace.unit_atoms(kind, queue.pace)
        return queue.next_unit(share(n_left, n_actors), most_atoms)
