"""The campaign driver: the units of all points, fed to warm actors, resumed from the lake.

Glasses are melted; as soon as one is done, its subcells join the queue, and when all glasses of a
point are crystallized, it is ranked. What is in the lake is done and what is not is to do, so that
repeating an interrupted campaign finishes it. What becomes of a subcell follows from the plan
alone, not from when, where or in which unit it is relaxed. In a cascade the lowest crystals that a
cheap potential has found are refined by an accurate one before they are ranked.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import ray
from pymatgen.core import Structure

from a2c_ray.cluster.agenda import Agenda
from a2c_ray.cluster.crew import Crew, Finished
from a2c_ray.cluster.done import glasses_made, relaxed_ids, subcells_relaxed
from a2c_ray.cluster.glass_work import GlassWork
from a2c_ray.cluster.nodes import actor_kinds
from a2c_ray.cluster.pace import Pace
from a2c_ray.cluster.plan import GlassPlan, Plan, Resources
from a2c_ray.cluster.refinement import RefineUnit, Selected, SelectUnit, refine_units
from a2c_ray.cluster.status import PointStatus, Status
from a2c_ray.cluster.units import (
    Destination,
    GlassReport,
    MeltQuenchUnit,
    MergeUnit,
    RankUnit,
    RelaxReport,
    RelaxUnit,
    SharedPotential,
    Unit,
)
from a2c_ray.crystallize.cutting import choose_subcells
from a2c_ray.errors import OperationError
from a2c_ray.lake import Lake, Store, begin_attempt
from a2c_ray.potentials.loading import PotentialChoice
from a2c_ray.potentials.potential import Potential

LOG = logging.getLogger(__name__)

LOOK_S = 0.5
"""Longest time between two looks at the actors, s."""

TRIES = 2
"""Of a unit; then its subcells are tried in halves, down to the one that fails."""

MOST_FAILURES = 20
"""In a row, without a success in between, before the campaign is given up."""

REPLICAS_PER_UNIT = {False: 1, True: 8}
"""Glasses of one unit without and with a GPU."""


class CampaignError(OperationError):
    """A campaign that cannot go on; what is finished is kept."""


@dataclasses.dataclass(frozen=True)
class Shared:
    """A potential that actors can take out of the object store.

    potential: reference to it.
    cutoff: Å.
    """

    potential: SharedPotential
    cutoff: float


@dataclasses.dataclass
class Point:
    """One plan of a campaign, in progress.

    plan: what to do.
    status: what is done.
    potentials: of its units, and their cutoffs.
    destination: of its rows.
    glasses: to crystallize, by id, that are not done yet.
    n_melts: units of melt-quenches that are not done yet.
    is_selecting: whether it has been decided, or is being, what a cascade refines.
    n_refinements: units of refinements that are not done yet.
    """

    plan: Plan
    status: PointStatus
    potentials: dict[PotentialChoice, Shared]
    destination: Destination
    glasses: dict[str, GlassWork] = dataclasses.field(default_factory=dict)
    n_melts: int = 0
    is_selecting: bool = False
    n_refinements: int = 0

    @property
    def is_crystallized(self) -> bool:
        """Whether all subcells of all glasses are relaxed or have failed."""
        return not self.glasses and not self.n_melts


class Campaign:
    """Runs plans on Ray, which must be up; their runs must be locked."""

    def __init__(
        self,
        plans: Sequence[Plan],
        potentials: dict[PotentialChoice, Potential],
        resources: Resources,
    ) -> None:
        """
        Args:
            plans: with run ids of their own.
            potentials: of all plans.
            resources: to use.
        """
        self._resources = resources
        self._kinds = actor_kinds(resources)
        shared = {choice: _share(choice, potentials[choice]) for choice in potentials}
        self._points = {plan.run_id: _point(plan, shared) for plan in plans}
        self.status = Status({run_id: point.status for run_id, point in self._points.items()})
        self._pace = Pace(resources.unit_s)
        self._agenda = Agenda(self._pace)
        self._tries: Counter[Unit] = Counter()
        self._failures_in_a_row = 0
        self._relaxing_since: float | None = None
        self._stopping = False

    def stop(self) -> None:
        """Start nothing new; finish what is in flight."""
        self._stopping = True

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return not self._agenda

    def run(self) -> Iterator[Status]:
        """Do what is to do; yields the status about twice a second.

        Raises:
            CampaignError: the lake cannot be written to, or everything fails.
        """
        for point in self._points.values():
            self._enqueue_missing(point)
        yield self.status
        crew = Crew(self._kinds, self._agenda.most_actors)
        try:
            while crew.is_busy or (self._agenda and not self._stopping):
                crew.recruit()
                self._employ(crew)
                for finished in crew.finished(LOOK_S):
                    self._account(finished)
                self._look(crew)
                yield self.status
        finally:
            crew.dismiss()

    def _employ(self, crew: Crew) -> None:
        for member in crew.idle():
            if self._stopping:
                return
            n_melting = sum(isinstance(unit, MeltQuenchUnit) for unit in crew.units)
            unit = self._agenda.next_unit(member.kind.name, crew.n_actors, n_melting)
            if unit is None:
                return
            LOG.info("%s", unit, extra={"event": "submitted"})
            if isinstance(unit, RelaxUnit) and self._relaxing_since is None:
                self._relaxing_since = time.monotonic()
            crew.submit(member, unit)

    def _look(self, crew: Crew) -> None:
        self.status.in_flight = crew.in_flight()
        self.status.n_actors = crew.n_actors
        self.status.occupancy = crew.occupancy
        self.status.n_melts_waiting = self._agenda.n_melts
        self.status.n_subcells_waiting = self._agenda.n_subcells
        if self._relaxing_since is not None:
            self.status.relaxing_s = time.monotonic() - self._relaxing_since

    def _account(self, finished: Finished) -> None:
        """Take in the report of a unit, or try the unit again."""
        unit = finished.unit
        if finished.fatal:
            raise CampaignError(f"{finished.fatal}; what is finished is kept, repeat to resume")
        if finished.error:
            self._take_failure(finished)
            return
        LOG.info("%s", unit, extra={"event": "finished", "wall_s": finished.wall_s})
        self._failures_in_a_row = 0
        self.status.n_units_done += 1
        point = self._points[unit.plan.run_id]
        if isinstance(unit, RelaxUnit):
            atoms = int(unit.subcells.n_atoms.sum())
            self._pace.learn(finished.kind, unit.plan.run_id, atoms, finished.wall_s)
            _count(point.status, finished.report)
            self._close_unit(point, unit)
        elif isinstance(unit, MeltQuenchUnit):
            point.n_melts -= 1
            for glass in finished.report:
                self._receive(point, glass)
        elif isinstance(unit, SelectUnit):
            self._enqueue_refinements(point, finished.report)
        elif isinstance(unit, RefineUnit):
            point.n_refinements -= 1
            point.status.refined_done += len(unit)
            _note_lowest(point.status, finished.report)
        elif isinstance(unit, RankUnit):
            point.status.products = finished.report.products
            point.status.paths = finished.report.paths
        self._rank_if_done(point, unit)

    def _take_failure(self, finished: Finished) -> None:
        unit = finished.unit
        LOG.warning("%s failed: %s", unit, finished.error, extra={"event": "failed"})
        if finished.blameless:
            self._agenda.add_first(unit)
            return
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MOST_FAILURES:
            raise CampaignError(
                f"{MOST_FAILURES} units in a row failed, the last with {finished.error}; "
                "what is finished is kept, repeat to resume"
            )
        self._tries[unit] += 1
        if self._tries[unit] < TRIES:
            self._agenda.add_first(unit)
        elif isinstance(unit, RelaxUnit | RefineUnit) and len(unit) > 1:
            self._split(unit)
        else:
            self._give_up(unit, finished.error)

    def _split(self, unit: RelaxUnit | RefineUnit) -> None:
        """Try the halves of a unit once each."""
        point = self._points[unit.plan.run_id]
        if isinstance(unit, RelaxUnit):
            point.glasses[unit.glass_id].n_units += 1
        else:
            point.n_refinements += 1
        for half in unit.halves():
            self._tries[half] = TRIES - 1
            self._agenda.add_first(half)

    def _give_up(self, unit: Unit, error: str) -> None:
        point = self._points[unit.plan.run_id]
        point.status.failures.append(f"{unit}: {error}")
        if isinstance(unit, RelaxUnit):
            point.status.subcells_done += len(unit)
            self._close_unit(point, unit)
        elif isinstance(unit, SelectUnit | RefineUnit):
            point.n_refinements -= 1
        elif isinstance(unit, MeltQuenchUnit):
            point.n_melts -= 1
        self._rank_if_done(point, unit)

    def _close_unit(self, point: Point, unit: RelaxUnit) -> None:
        """Note that a unit of a glass is done; the parts of a whole glass are merged."""
        glass = point.glasses[unit.glass_id]
        glass.n_units -= 1
        if glass.is_done:
            del point.glasses[unit.glass_id]
            if not point.is_crystallized and not point.status.failures:
                merge = MergeUnit(point.plan, unit.glass_id, point.destination)
                self._agenda.add_first(merge)

    def _rank_if_done(self, point: Point, last: Unit | None) -> None:
        """Queue the ranking of a point once nothing else is to do for it."""
        if not point.is_crystallized or isinstance(last, MergeUnit | RankUnit):
            return
        if point.plan.crystallization.cascade and not point.is_selecting:
            point.is_selecting = True
            point.n_refinements = 1  # until it is known how many there are
            self._agenda.add_first(SelectUnit(point.plan, point.destination))
        elif not point.n_refinements:
            is_complete = not point.status.failures
            self._agenda.add_first(RankUnit(point.plan, is_complete, point.destination))

    def _enqueue_refinements(self, point: Point, crystals: list[Selected]) -> None:
        plan, refinement = point.plan, point.potentials[point.plan.refinement]
        units = refine_units(
            plan, crystals, refinement.cutoff, refinement.potential, point.destination
        )
        for unit in units:
            self._agenda.add_first(unit)
        point.n_refinements = len(units)
        point.status.refined_total = len(crystals)
        point.status.lowest.clear()  # energies of the other potential

    def _receive(self, point: Point, report: GlassReport) -> None:
        point.status.glasses_done += 1
        if report.structure is None:
            point.status.failures.append(f"{report.glass_id}: {report.reason}")
        elif _glass(point.plan, report.glass_id).crystallize:
            self._enqueue_glass(point, report.glass_id, report.structure, n_relaxed=0)

    def _enqueue_missing(self, point: Point) -> None:
        """Queue what the lake does not hold yet of a point."""
        plan = point.plan
        lake = Lake(plan.lake, plan.run_id)
        made = glasses_made(lake)
        point.status.glasses_done = len(made)
        size = self._resources.unit_replicas or REPLICAS_PER_UNIT[self._kinds[0].gpus > 0]
        for start in range(0, len(plan.glasses), size):
            batch = plan.glasses[start : start + size]
            missing = tuple(glass for glass in batch if glass.glass_id not in made)
            if missing:
                potential = point.potentials[plan.potential].potential
                unit = MeltQuenchUnit(plan, missing, potential, point.destination)
                self._agenda.add_melt(unit)
                point.n_melts += 1
        relaxed = subcells_relaxed(lake, plan.screening_table)
        for glass_id, structure in made.items():
            if structure is None:
                point.status.failures.append(f"{glass_id}: its melt-quench failed before")
            elif _glass(plan, glass_id).crystallize:
                self._enqueue_glass(point, glass_id, structure, relaxed.get(glass_id, 0))
        self._rank_if_done(point, None)

    def _enqueue_glass(
        self, point: Point, glass_id: str, structure: Structure, n_relaxed: int
    ) -> None:
        """Queue the subcells of a glass that are not relaxed yet."""
        plan, glass = point.plan, _glass(point.plan, glass_id)
        n_subcells = len(choose_subcells(structure, plan.crystallization, glass.condition.seed))
        if not n_subcells:
            point.status.failures.append(f"{glass_id}: no subcell of the wanted composition")
            return
        point.status.subcells_total += n_subcells
        point.status.subcells_done += n_relaxed
        if n_relaxed == n_subcells:
            return
        screening = point.potentials[plan.screening]
        work = GlassWork(
            plan,
            glass,
            structure,
            screening.potential,
            point.destination,
            screening.cutoff,
            n_left=n_subcells - n_relaxed,
            find_relaxed=_finder(plan, glass_id) if n_relaxed else set,
        )
        point.glasses[glass_id] = work
        self._agenda.add_glass(work)


def _share(choice: PotentialChoice, potential: Potential) -> Shared:
    key = f"{choice}/{potential.fingerprint}"
    return Shared(SharedPotential(key, [ray.put(potential)]), potential.cutoff)


def _point(plan: Plan, potentials: dict[PotentialChoice, Shared]) -> Point:
    store = Store.at(plan.lake)
    attempt = begin_attempt(store, plan.run_id)
    return Point(
        plan,
        PointStatus(plan.run_id, plan.composition, len(plan.glasses), label=plan.label),
        potentials,
        Destination(store, plan.system, plan.run_id, attempt),
    )


def _glass(plan: Plan, glass_id: str) -> GlassPlan:
    return next(glass for glass in plan.glasses if glass.glass_id == glass_id)


def _finder(plan: Plan, glass_id: str) -> Callable[[], set[str]]:
    return lambda: relaxed_ids(Lake(plan.lake, plan.run_id), plan.screening_table, glass_id)


def _count(status: PointStatus, report: RelaxReport) -> None:
    status.subcells_done += report.outcomes.total()
    status.outcomes += report.outcomes
    _note_lowest(status, report)


def _note_lowest(status: PointStatus, report: RelaxReport) -> None:
    for formula, energy in report.lowest.items():
        status.lowest[formula] = min(energy, status.lowest.get(formula, np.inf))
