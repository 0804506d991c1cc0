"""The campaign driver: the units of all points, fed to warm actors, resumed from the lake.

Glasses are melted; as soon as one is done, its subcells join the queue, and when all glasses of a
point are crystallized, it is ranked. What is in the lake is done and what is not is to do, so that
repeating an interrupted campaign finishes it. What becomes of a subcell follows from the plan
alone, not from when, where or in which unit it is relaxed. Glasses that runs have in common are
made once. A plan without glasses is a pile of given cells, all of which are queued at once. In a
cascade the lowest crystals that a cheap potential has found are refined by an accurate one before
they are ranked.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import ray
from pymatgen.core import Composition, Structure

from a2c_ray.campaign.agenda import Agenda
from a2c_ray.campaign.compile_unit import CompileUnit
from a2c_ray.campaign.course import Course
from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.done import glasses_made, relaxed_ids, subcells_relaxed
from a2c_ray.campaign.glass_work import GlassWork, without
from a2c_ray.campaign.melt_unit import MeltQuenchUnit, batches, melted_together
from a2c_ray.campaign.pace import Pace
from a2c_ray.campaign.pile_unit import GIVEN
from a2c_ray.campaign.pile_work import PileWork, pile_shapes, unrelaxed
from a2c_ray.campaign.plan import GlassPlan, Plan
from a2c_ray.campaign.point import Point, Shared
from a2c_ray.campaign.rank_unit import MergeUnit, RankUnit
from a2c_ray.campaign.refine_unit import SelectUnit, refine_units
from a2c_ray.campaign.same_glass import SharedGlasses, Source
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.campaign.time_left import MeltAhead
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.crew import Crew, Finished
from a2c_ray.cluster.nodes import actor_kinds, room_for
from a2c_ray.cluster.resources import Resources
from a2c_ray.cluster.unit import SharedPotential, Stage
from a2c_ray.crystallize.cutting import choose_subcells
from a2c_ray.errors import OperationError
from a2c_ray.lake import Store
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile

LOG = logging.getLogger(__name__)

LOOK_S = 0.5
"""Longest time between two looks at the actors, s."""

TRIES = 2
"""Of a unit; then its subcells are tried in halves, down to the one that fails."""

MOST_FAILURES = 20
"""In a row, without a success in between, before the campaign is given up."""

PATIENCE, LEAST_PATIENCE_S = 10, 600.0
"""Expected times of a unit without progress after which it is tried elsewhere, and the same in s
for short units: they may have to compile."""


class CampaignError(OperationError):
    """A campaign that cannot go on; what is finished is kept."""


class Campaign:
    """Runs plans on Ray, which must be up; their runs must be locked.

    Args:
        plans: with run ids of their own.
        stores: of the lake of each plan, by run id.
        potentials: of all plans.
        resources: to use.
        piles: given cells of the plans without glasses, by run id.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        stores: Mapping[str, Store],
        potentials: Mapping[PotentialChoice, Potential],
        resources: Resources,
        piles: Mapping[str, Pile] | None = None,
    ) -> None:
        self._resources = resources
        self._piles = piles or {}
        self._kinds = actor_kinds(resources)
        shared = {choice: _share(choice, potentials[choice]) for choice in potentials}
        self._points = {
            plan.run_id: _point(plan, stores[plan.run_id], shared, resources.write_s)
            for plan in plans
        }
        self.status = Status({run_id: point.status for run_id, point in self._points.items()})
        self._pace = Pace(resources.unit_s)
        self._agenda = Agenda(self._pace)
        self._courses = {
            run_id: Course(point, _share_student)
            for run_id, point in self._points.items()
            if point.plan.has_course
        }
        self._lakes: dict[str, SharedGlasses] = {}
        self._tries: Counter[CampaignUnit] = Counter()
        self._failures_in_a_row = 0
        self._relaxing_since: float | None = None
        self._stopping = False
        self._cut_off: list[CampaignUnit] = []

    def stop(self) -> None:
        """Start nothing new; finish what is in flight, unless it leaves checkpoints."""
        self._stopping = True

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do."""
        return not self._agenda and not self._cut_off

    def run(self) -> Iterator[Status]:
        """Do what is to do; yields the status about twice a second.

        Raises:
            CampaignError: the lake cannot be written to, or everything fails.
        """
        for point in self._points.values():
            self._enqueue_missing(point)
        self._enqueue_programs()
        yield self.status
        most = math.inf if self._courses else self._agenda.most_actors
        crew: Crew[CampaignUnit] = Crew(self._kinds, most)
        try:
            while self._goes_on(crew):
                crew.recruit()
                self._employ(crew)
                for finished in crew.finished(LOOK_S):
                    self._account(finished)
                self._look(crew)
                yield self.status
        finally:
            self._cut_off = crew.units
            crew.dismiss()

    def _goes_on(self, crew: Crew[CampaignUnit]) -> bool:
        if self._stopping:
            return any(not unit.leaves_checkpoints for unit in crew.units)
        return crew.is_busy or bool(self._agenda)

    def _employ(self, crew: Crew[CampaignUnit]) -> None:
        for member in crew.idle():
            if self._stopping:
                return
            n_melting = sum(unit.stage is Stage.MELTING for unit in crew.units)
            unit = self._agenda.next_unit(member.kind.name, crew.n_actors, n_melting)
            if unit is None:
                return
            LOG.info("%s", unit, extra={"event": "submitted"})
            if unit.stage is Stage.RELAXING and self._relaxing_since is None:
                self._relaxing_since = time.monotonic()
            crew.submit(member, unit, self._patience_s(member.kind.name, unit))

    def _patience_s(self, kind: str, unit: CampaignUnit) -> float:
        """Longest time without progress before a unit is tried elsewhere, s."""
        most = self._resources.patience_s
        if most is None or unit.potential is None:  # which has no progress to show
            return math.inf
        expected_s = self._pace.seconds(kind, unit.pace, unit.n_atoms)
        if expected_s is None:
            return most
        return min(most, max(LEAST_PATIENCE_S, PATIENCE * expected_s))

    def _look(self, crew: Crew[CampaignUnit]) -> None:
        crew.ask()
        self.status.in_flight = list(crew.in_flight())
        self.status.n_actors = crew.n_actors
        self.status.occupancy = crew.occupancy
        self.status.melts = self._melts_ahead()
        self.status.n_melts_waiting = self._agenda.n_melts
        self.status.n_subcells_waiting = self._agenda.n_subcells
        if self._relaxing_since is not None:
            self.status.relaxing_s = time.monotonic() - self._relaxing_since

    def _melts_ahead(self) -> list[MeltAhead]:
        waiting = [unit.ahead() for unit in self._agenda.melts]
        in_flight = [
            f.unit.ahead(f.done / f.total, f.gone / f.total, f.going_s)
            if f.total
            else f.unit.ahead()
            for f in self.status.melt_quenches
        ]
        return waiting + in_flight

    def _account(self, finished: Finished[CampaignUnit]) -> None:
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
        if unit.n_atoms and not unit.is_repeated:
            self._pace.learn(finished.kind, unit.pace, unit.n_atoms, finished.wall_s)
        self.status.add_cost(unit.stage, unit.n_atoms or unit.amount, finished.wall_s)
        point = self._points[unit.run_id]
        unit.take(finished.report, point)
        self._hand_on(unit)
        self._follow_up(point)

    def _take_failure(self, finished: Finished[CampaignUnit]) -> None:
        unit = finished.unit
        LOG.warning("%s failed: %s", unit, finished.error, extra={"event": "failed"})
        if unit.is_optional:
            return
        if finished.blameless:
            self._try_again(unit)
            return
        if finished.too_large and unit.amount > 1:
            self._queue_halves(unit)
            return
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MOST_FAILURES:
            raise CampaignError(
                f"{MOST_FAILURES} units in a row failed, the last with {finished.error}; "
                "what is finished is kept, repeat to resume"
            )
        self._tries[unit] += 1
        if self._tries[unit] < TRIES:
            self._try_again(unit)
            return
        point = self._points[unit.run_id]
        rest = unit.rest(point)
        halves = self._queue_halves(rest)
        if rest is not unit and not rest.amount:
            self._follow_up(point)
        elif not halves:
            self._give_up(rest, finished.error)

    def _queue_halves(self, unit: CampaignUnit) -> tuple[CampaignUnit, ...]:
        """Two units in place of one, if it can be split; each has one try left."""
        halves = unit.halves()
        for half in halves:
            self._tries[half] = TRIES - 1
            self._agenda.add_first(half)
        return halves

    def _try_again(self, unit: CampaignUnit) -> None:
        again = unit.again()
        self._tries[again] = self._tries.pop(unit, 0)
        self._agenda.add_first(again)

    def _give_up(self, unit: CampaignUnit, error: str) -> None:
        point = self._points[unit.run_id]
        point.status.failures.append(f"{unit}: {error}")
        unit.give_up(point)
        self._give_up_for_all(unit)
        self._follow_up(point)

    def _hand_on(self, unit: CampaignUnit) -> None:
        """Give glasses that are made to the other points that want them."""
        for glass_id in unit.glass_ids:
            for point in self._glasses_of(unit.run_id).hand_on(Source(unit.run_id, glass_id)):
                self._follow_up(point)

    def _give_up_for_all(self, unit: CampaignUnit) -> None:
        for glass_id in unit.glass_ids:
            for point in self._glasses_of(unit.run_id).give_up(glass_id):
                self._follow_up(point)

    def _follow_up(self, point: Point) -> None:
        """Queue what has become possible."""
        course = self._courses.get(point.plan.run_id)
        while point.new_glasses:
            glass_id, structure = point.new_glasses.pop(0)
            if course:
                course.add_glass(glass_id, structure)
            else:
                self._enqueue_glass(point, glass_id, structure, n_relaxed=0)
        while point.whole_glasses:
            merge = MergeUnit(point.plan, point.whole_glasses.pop(), point.destination)
            # A course may come back to a glass, whose merged part would hide what is written then.
            if not (course or point.is_crystallized or point.status.failures):
                self._agenda.add_first(merge)
        if point.selected:
            self._enqueue_refinements(point)
        if course and course.can_go_on and not point.is_ranking:
            self._enqueue_step(point, course)
        if point.is_crystallized and (not course or point.is_idle) and not point.is_ranking:
            self._enqueue_end(point)

    def _enqueue_step(self, point: Point, course: Course) -> None:
        """Queue the next step of a course that is not done."""
        step = course.next_step()
        point.open_lessons([work.lesson for work in step if isinstance(work, CampaignUnit)])
        for work in step:
            if isinstance(work, CampaignUnit):
                self._agenda.add_first(work)
            else:
                self._agenda.add_cells(work)

    def _enqueue_refinements(self, point: Point) -> None:
        refinement = point.potentials[point.plan.refinement]
        units = refine_units(
            point.plan,
            point.selected,
            refinement.cutoff,
            refinement.potential,
            point.destination,
        )
        for unit in units:
            self._agenda.add_first(unit)
        point.selected = []

    def _enqueue_end(self, point: Point) -> None:
        """Queue what follows once all glasses are crystallized."""
        if point.is_refined:
            point.is_ranking = True
            is_complete = not point.status.failures
            self._agenda.add_first(RankUnit(point.plan, is_complete, point.destination))
        elif not point.is_selecting:
            point.is_selecting = True
            self._agenda.add_first(SelectUnit(point.plan, point.destination))

    def _enqueue_missing(self, point: Point) -> None:
        """Queue what the lake does not hold yet of a point."""
        plan = point.plan
        made = glasses_made(point.lake)
        shared = self._glasses_of(plan.run_id)
        made |= shared.take_over(point, [g for g in plan.glasses if g.glass_id not in made])
        point.status.glasses_done = len(made)
        for batch in _first(plan.first_glasses, batches(plan.glasses, self._n_together(plan))):
            missing = [glass for glass in batch if glass.glass_id not in made]
            point.melts_left += len(missing)
            if to_make := tuple(glass for glass in missing if shared.has_to_make(point, glass)):
                potential = point.potentials[plan.potential].potential
                unit = MeltQuenchUnit(plan, to_make, potential, point.destination)
                self._agenda.add_melt(unit)
        relaxed = subcells_relaxed(point.lake, plan.screening_table)
        for glass_id, structure in made.items():
            if structure is None:
                point.status.failures.append(f"{glass_id}: its melt-quench failed before")
            elif plan.has_course:
                point.new_glasses.append((glass_id, structure))
            elif _glass(plan, glass_id).crystallize:
                self._enqueue_glass(point, glass_id, structure, relaxed.get(glass_id, 0))
        if plan.run_id in self._piles:
            self._enqueue_pile(point, self._piles[plan.run_id])
        self._follow_up(point)

    def _n_together(self, plan: Plan) -> int:
        """Glasses of one unit."""
        if self._resources.unit_replicas:
            return self._resources.unit_replicas
        if not any(kind.gpus for kind in self._kinds) or not plan.glasses:
            return 1
        n_actors = sum(room_for(kind, self._kinds) for kind in self._kinds)
        return melted_together(
            len(plan.glasses), int(Composition(plan.composition).num_atoms), n_actors
        )

    def _glasses_of(self, run_id: str) -> SharedGlasses:
        """What runs of one lake may have in common."""
        store = self._points[run_id].destination.store
        return self._lakes.setdefault(store.address, SharedGlasses(store))

    def _enqueue_programs(self) -> None:
        """What is compiled while the first glass is melted, if an actor has time for it."""
        for unit in self._agenda.melts[:1]:
            plan, glass = unit.plan, unit.glasses[0]
            if plan.protocol is None or plan.protocol.ensemble != "nvt":
                return  # how dense the glass will be is not known
            screening = self._points[plan.run_id].potentials[plan.screening]
            shapes = plan.shapes(screening.cutoff, glass.condition.volume_per_atom)
            self._agenda.add_meanwhile(CompileUnit(plan, shapes, screening.potential))

    def _enqueue_pile(self, point: Point, pile: Pile) -> None:
        """Queue the given cells that are not relaxed yet."""
        plan, choice = point.plan, point.plan.potential
        missing = pile[unrelaxed(pile, relaxed_ids(point.lake, "relaxed"), plan.run_id)]
        n_atoms, left = int(pile.n_atoms.sum()), int(missing.n_atoms.sum())
        point.status.find(len(pile), n_atoms)
        point.status.finish(len(pile) - len(missing), n_atoms - left)
        if len(missing):
            potential, cutoff = point.potentials[choice].potential, point.potentials[choice].cutoff
            shapes = pile_shapes(pile, cutoff, plan.crystallization.max_shapes)
            point.subcells_left[GIVEN] = len(missing)
            self._agenda.add_cells(PileWork(plan, missing, shapes, potential, point.destination))

    def _enqueue_glass(
        self, point: Point, glass_id: str, structure: Structure, n_relaxed: int
    ) -> None:
        """Queue the subcells of a glass that are not relaxed yet."""
        plan = point.plan
        seed = _glass(plan, glass_id).condition.seed
        subcells = choose_subcells(structure, plan.crystallization, seed)
        if not len(subcells):
            point.status.failures.append(f"{glass_id}: no subcell of the wanted composition")
            return
        n_atoms = int(subcells.n_atoms.sum())
        point.status.glasses_cut += 1
        point.status.find(len(subcells), n_atoms)
        if n_relaxed == len(subcells):
            point.status.finish(n_relaxed, n_atoms)
            return
        if n_relaxed:
            relaxed = relaxed_ids(point.lake, plan.screening_table, glass_id)
            subcells = without(subcells, glass_id, relaxed)
        point.status.finish(n_relaxed, n_atoms - int(subcells.n_atoms.sum()))
        screening = point.potentials[plan.screening]
        point.subcells_left[glass_id] = len(subcells)
        self._agenda.add_cells(
            GlassWork(
                plan,
                glass_id,
                subcells,
                screening.potential,
                point.destination,
                screening.cutoff,
            )
        )


def _share(choice: PotentialChoice, potential: Potential) -> Shared:
    key = f"{choice}/{potential.fingerprint}"
    shared = SharedPotential(key, [ray.put(potential)])
    return Shared(shared, potential.fingerprint, potential.cutoff)


def _share_student(student: Potential) -> Shared:
    """A potential that the run has trained itself."""
    shared = SharedPotential(f"student {student.fingerprint}", [ray.put(student)])
    return Shared(shared, student.fingerprint, student.cutoff)


def _point(
    plan: Plan, store: Store, potentials: Mapping[PotentialChoice, Shared], write_s: float
) -> Point:
    destination = Destination.begin(store, plan.system, plan.run_id, write_s)
    return Point(
        plan,
        PointStatus(
            plan.run_id,
            plan.composition,
            len(plan.glasses),
            label=plan.label,
            expected=plan.expected,
        ),
        potentials,
        destination,
        destination.open_lake(),
    )


def _first(
    glass_ids: Collection[str], groups: Iterable[tuple[GlassPlan, ...]]
) -> list[tuple[GlassPlan, ...]]:
    """Those that hold some glasses before the others."""
    return sorted(groups, key=lambda group: all(g.glass_id not in glass_ids for g in group))


def _glass(plan: Plan, glass_id: str) -> GlassPlan:
    return next(glass for glass in plan.glasses if glass.glass_id == glass_id)
