"""The campaign driver: one queue of units, fed to warm actors, resumed from what the lake holds.

Glasses are melted first; as soon as one is done, its subcells join the queue. What is in the lake
is done and what is not is to do, so that repeating an interrupted campaign finishes it. What a
unit computes follows from the plan alone, not from when or where it runs.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.cluster.crew import Crew, Finished, Unit, has_gpus
from a2c_ray.cluster.plan import GlassPlan, Plan
from a2c_ray.cluster.units import (
    GlassReport,
    MeltQuenchUnit,
    RelaxReport,
    RelaxUnit,
    structure_from_columns,
    subcell_id,
)
from a2c_ray.cluster.worker import Progress
from a2c_ray.crystallize.shapes import Shape, expected_room
from a2c_ray.crystallize.subcells import Subcells, expected_sizes, find_subcells
from a2c_ray.crystals import choose_sizes
from a2c_ray.lake import Lake, damaged_parts, set_aside
from a2c_ray.potentials.potential import Potential

LOG = logging.getLogger(__name__)

LOOK_S = 0.5
"""Longest time between two looks at the actors, s."""

RETRIES = 1
"""Times a unit is tried again after an error."""

REPLICAS_PER_UNIT = {False: 1, True: 8}
"""Glasses of one unit without and with a GPU."""

CROWDING = 1.75
"""Room in neighbour lists over what a glass of even density needs; nineteen of twenty subcells of
MgF2 need less, and the others are tried again with more."""


@dataclass
class Status:
    """Where a campaign stands.

    glasses_total, glasses_done: to make; made, now or before.
    subcells_total, subcells_done: known so far; relaxed, now or before.
    subcells_now: relaxed by this attempt, without those of units in flight.
    outcomes: of the subcells relaxed by this attempt.
    lowest: energy of each reduced formula, eV/atom, found by this attempt.
    in_flight: units and how far they are.
    failures: what went wrong, one line a unit or glass.
    """

    glasses_total: int = 0
    glasses_done: int = 0
    subcells_total: int = 0
    subcells_done: int = 0
    subcells_now: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lowest: dict[str, float] = field(default_factory=dict)
    in_flight: list[tuple[Unit, Progress]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def subcells_under_way(self) -> int:
        """Subcells that units in flight have relaxed but not written yet."""
        return sum(p.done for unit, p in self.in_flight if isinstance(unit, RelaxUnit))


class Campaign:
    """Runs a plan on Ray, which must be up."""

    def __init__(self, plan: Plan, potential: Potential) -> None:
        """
        Args:
            plan: what to do.
            potential: the plan's, to choose array shapes by.
        """
        self.plan = plan
        self.status = Status(glasses_total=len(plan.glasses))
        self._cutoff = potential.cutoff
        self._sizes = self._choose_sizes()
        self._glasses = {glass.glass_id: glass for glass in plan.glasses}
        self._queue: deque[Unit] = deque()
        self._tries: Counter[Unit] = Counter()
        self._stopping = False

    def stop(self) -> None:
        """Start nothing new; finish what is in flight."""
        self._stopping = True

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return not self._queue

    def run(self) -> Iterator[Status]:
        """Do what is to do; yields the status about twice a second."""
        self._enqueue_missing()
        yield self.status
        if self.is_finished:
            return
        crew = Crew(self.plan, self._most_units())
        while crew.is_busy or (self._queue and not self._stopping):
            while crew.has_idle and self._queue and not self._stopping:
                crew.submit(self._queue.popleft())
            for finished in crew.finished(LOOK_S):
                self._account(finished)
            self.status.in_flight = crew.progress()
            yield self.status
        crew.dismiss()

    def _most_units(self) -> float:
        """How many actors can be of use: a glass to crystallize gives work to any number."""
        crystallizes = any(
            isinstance(unit, RelaxUnit) or any(glass.crystallize for glass in unit.glasses)
            for unit in self._queue
        )
        return math.inf if crystallizes else len(self._queue)

    def _account(self, finished: Finished) -> None:
        """Take in the report of a unit, or try the unit again."""
        if finished.report is None:
            self._tries[finished.unit] += 1
            if self._tries[finished.unit] <= RETRIES:
                LOG.warning("a unit failed and is tried again: %s", finished.error)
                self._queue.append(finished.unit)
            else:
                self.status.failures.append(finished.error)
        elif isinstance(finished.report, RelaxReport):
            self._count(finished.report)
        else:
            for glass in finished.report:
                self._receive(glass)

    def _count(self, report: RelaxReport) -> None:
        status = self.status
        status.subcells_done += report.outcomes.total()
        status.subcells_now += report.outcomes.total()
        status.outcomes += report.outcomes
        for formula, energy in report.lowest.items():
            status.lowest[formula] = min(energy, status.lowest.get(formula, np.inf))

    def _receive(self, glass: GlassReport) -> None:
        self.status.glasses_done += 1
        if glass.structure is None:
            self.status.failures.append(f"{glass.glass_id}: {glass.reason}")
        elif self._glasses[glass.glass_id].crystallize:
            self._enqueue_subcells(glass.glass_id, glass.structure, relaxed=set())

    def _enqueue_missing(self) -> None:
        """Fill the queue with what the lake does not hold yet."""
        made, relaxed = self._in_lake()
        self.status.glasses_done = len(made)
        size = self.plan.resources.unit_replicas or REPLICAS_PER_UNIT[has_gpus()]
        for batch in batched(self.plan.glasses, size):
            missing = tuple(glass for glass in batch if glass.glass_id not in made)
            if missing:
                unit = MeltQuenchUnit(self.plan.composition, missing, self.plan.protocol)
                self._queue.append(unit)
        for glass_id, structure in made.items():
            if structure is None:
                self.status.failures.append(f"{glass_id}: its melt-quench failed before")
            elif self._glasses[glass_id].crystallize:
                self._enqueue_subcells(glass_id, structure, relaxed)

    def _in_lake(self) -> tuple[dict[str, Structure | None], set[str]]:
        """Glasses of this run (None for failed ones), and subcells already relaxed."""
        if not self.plan.lake.is_dir():
            return {}, set()
        for path, reason in damaged_parts(self.plan.lake, self.plan.run_id):
            LOG.warning("set aside a damaged part of the lake: %s (%s)", set_aside(path), reason)
        lake = Lake(self.plan.lake)
        mine = {"run": self.plan.run_id}
        columns = ("glass_id", "outcome", "lattice", "species", "frac_coords")
        query = f"SELECT {', '.join(columns)} FROM amorphous WHERE run_id = $run ORDER BY glass_id"
        made = {}
        for values in lake.sql(query, mine).fetchall():
            row = dict(zip(columns, values, strict=True))
            is_glass = row["outcome"] == "glass"
            made[row["glass_id"]] = structure_from_columns(row) if is_glass else None
        subcells = lake.sql("SELECT subcell_id FROM relaxed WHERE run_id = $run", mine)
        return made, {row[0] for row in subcells.fetchall()}

    def _enqueue_subcells(self, glass_id: str, structure: Structure, relaxed: set[str]) -> None:
        """Queue the subcells of a glass that are not relaxed yet, those of a size together."""
        subcells = self.select_subcells(self._glasses[glass_id], structure)
        if not len(subcells):
            self.status.failures.append(f"{glass_id}: no subcell of the wanted composition")
            return
        ids = [
            subcell_id(glass_id, lower, upper)
            for lower, upper in zip(subcells.lower, subcells.upper, strict=True)
        ]
        shapes = self._shapes(structure.volume / len(structure))
        self.status.subcells_total += len(ids)
        for members in batched(range(len(ids)), self.plan.resources.unit_subcells):
            todo = [k for k in members if ids[k] not in relaxed]
            self.status.subcells_done += len(members) - len(todo)
            if todo:
                settings = self.plan.crystallization.relaxation
                self._queue.append(RelaxUnit(glass_id, subcells[todo], settings, shapes))

    def select_subcells(self, glass: GlassPlan, structure: Structure) -> Subcells:
        """The subcells of a glass that are to be relaxed, largest first."""
        settings = self.plan.crystallization
        subcells = find_subcells(
            structure,
            settings.n_grid,
            settings.max_atoms,
            settings.composition,
            settings.min_distance,
        )
        if settings.max_subcells is not None:
            subcells = subcells.draw(settings.max_subcells, glass.condition.seed)
        return subcells[np.argsort(-subcells.n_atoms, kind="stable")]

    def _choose_sizes(self) -> tuple[int, ...]:
        """Numbers of atoms to pad to, the same for all glasses of the plan."""
        settings = self.plan.crystallization
        whole = Composition(self.plan.composition)
        unit = whole.reduced_composition.num_atoms if settings.composition else 1
        histogram = expected_sizes(
            int(whole.num_atoms), settings.n_grid, settings.max_atoms, int(unit)
        )
        return choose_sizes(histogram, settings.max_shapes)

    def _shapes(self, volume_per_atom: float) -> tuple[Shape, ...]:
        """Array shapes for the subcells of a glass, the same wherever and whenever it is done."""
        return tuple(
            Shape(n, expected_room(n, volume_per_atom, self._cutoff, CROWDING)) for n in self._sizes
        )


def batched(items: tuple | range, size: int) -> Iterator[list]:
    """Consecutive pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
