"""The course of a run that decides what to do next by what it has found, step by step.

In a cascade that teaches itself a student goes to `school` while glasses still melt, and screens
the pool; the teacher evaluates once what is low, and refines what the student's errors leave open;
a sample tells what was lost, and a student that has lost too much learns on. Where hopeless
relaxations are given up, some subcells are relaxed before all others, to tell what is hopeless.
Each step queues what the lake does not hold yet of it, so that a course that is begun anew goes on
where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain

from pymatgen.core import Structure

from a2c_ray.campaign import lessons
from a2c_ray.campaign.agenda import CellQueue
from a2c_ray.campaign.done import ids_in
from a2c_ray.campaign.glass_work import GlassWork
from a2c_ray.campaign.judge_unit import JudgeUnit
from a2c_ray.campaign.lesson_units import MISTAKES, MistakesUnit
from a2c_ray.campaign.point import Point, Shared
from a2c_ray.campaign.pool import Pool, control_size
from a2c_ray.campaign.proof_unit import ADOPTED, ProofUnit, adopt_samples, write_alone
from a2c_ray.campaign.refine_unit import REFINED, TaughtSelectUnit
from a2c_ray.campaign.rows import subcell_ids
from a2c_ray.campaign.school import School, seed_of
from a2c_ray.campaign.scouts import ceilings_by
from a2c_ray.campaign.selection import to_weigh
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.campaign.weigh_unit import WeighUnit
from a2c_ray.crystallize.cutting import choose_subcells
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.lake import remove_parts
from a2c_ray.lake.schemas import ALONE, KEPT, POOR
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.ceilings import Ceilings

LOG = logging.getLogger(__name__)

WEIGHED = 250
"""Screened cells of a unit that the teacher weighs."""

MORE_ROUNDS = 1
"""Of training, for a student that fails: it learns where it was most wrong, and screens again."""

PROVED = """
SELECT 1 FROM proof WHERE student = $student AND pool = $pool
    AND n_selected = (SELECT count(*) FROM relaxed WHERE alike IS NOT NULL)
    AND NOT EXISTS (FROM sampled ANTI JOIN relaxed USING (subcell_id))
"""

Work = CampaignUnit | CellQueue


class Course:
    """What a point does once its glasses are made, or those that a student learns from.

    Args:
        point: it is.
        share: puts a potential where actors can take it.
    """

    def __init__(self, point: Point, share: Callable[[Potential], Shared]) -> None:
        self._point, self._plan, self._share = point, point.plan, share
        self._school = School(point)
        self._glasses: dict[str, Structure] = {}
        self._cut: dict[str, Subcells] = {}
        self._early, self._rest = self._early_steps(), self._all_steps()

    def add_glass(self, glass_id: str, structure: Structure) -> None:
        """A glass that is made."""
        self._glasses[glass_id] = structure

    @property
    def can_go_on(self) -> bool:
        """Whether nothing has to be done before the next step."""
        if not self._point.melts_left:
            return self._point.is_idle
        return not self._point.lessons_left and self._has_first_glasses()

    def _has_first_glasses(self) -> bool:
        return self._glasses.keys() >= set(self._plan.first_glasses)

    def next_step(self) -> Sequence[Work]:
        """What is to do of the next step that is not done; nothing once all are.

        While glasses melt there are none but lessons.
        """
        steps = self._early if self._point.melts_left else chain(self._early, self._rest)
        return next((step for step in steps if step), ())

    def _early_steps(self) -> Iterator[Sequence[Work]]:
        """What a student learns from the first of many glasses."""
        crystallized, first = self._plan.crystallized_glasses, self._plan.first_glasses
        if self._plan.self_taught is None or first == crystallized:
            return
        if self._not_made(first) or self._is_alone():
            return
        lessons.clean_up(self._point.destination.store, self._plan.run_id)
        pool = self._pool(first)
        if len(pool):
            yield from self._school.steps(pool, round(len(pool) * len(crystallized) / len(first)))

    def _all_steps(self) -> Iterator[Sequence[Work]]:
        settings, point, school = self._plan.self_taught, self._point, self._school
        if missing := self._not_made(self._plan.crystallized_glasses):
            point.status.failures.append(
                f"{', '.join(missing)} not made, without which nothing is chosen from the subcells "
                "of all glasses: repeat the command"
            )
            return
        if not school.has_begun:  # which looked at what is kept of it
            lessons.clean_up(point.destination.store, self._plan.run_id)
        pool = self._pool(self._plan.crystallized_glasses)
        if not len(pool):
            return
        point.status.glasses_cut = len(pool.glasses)
        point.status.find(len(pool), pool.n_atoms)
        if settings is None:
            yield from self._by_one(pool)
            return
        if self._is_alone():  # as was decided before
            adopt_samples(point.lake, point.destination)
            yield from self._by_one(pool)
            return
        if not school.has_begun:
            yield from school.steps(pool, len(pool))
        if school.refusal is not None:
            yield from self._alone(pool, school.refusal)
            return
        if not school.is_passed:
            return
        yield school.control_units(pool)
        last = settings.rounds + MORE_ROUNDS
        for round_ in range(settings.rounds, last + 1):
            if school.student(round_ + 1) is not None:
                continue
            student = school.student(round_)
            if student is None:
                break
            yield from self._screening(settings, student, round_, pool)
            if self._proof(student.fingerprint) == KEPT or not self._is_left(pool):
                return
            point.status.find(len(pool), pool.n_atoms)
            if round_ < last:
                yield self._mistakes(student.fingerprint, round_, pool)
                yield [school.training_of(round_ + 1, pool.n_atoms)]
        yield from self._by_one(pool)

    def _screening(
        self,
        settings: SelfTaught,
        student: Potential,
        round_: int,
        pool: Pool,
    ) -> Iterator[Sequence[Work]]:
        """A student relaxes all; the teacher refines what is low, and sees what is lost."""
        plan, point, fingerprint = self._plan, self._point, student.fingerprint
        is_last = round_ == settings.rounds + MORE_ROUNDS
        self._forget_others(fingerprint)
        yield from self._scouted(pool, "screened", self._share(student), fingerprint)
        if self._proof(fingerprint) == POOR:
            return
        yield self._judgement(student, round_, pool)
        weighing = self._weighing(student, pool, settings)
        if self._is_proved(fingerprint, pool) and not weighing:
            return
        yield weighing
        point.crystals_left = None
        yield [TaughtSelectUnit(plan, point.destination, fingerprint)]
        yield [ProofUnit(plan, point.destination, fingerprint, round_, len(pool), is_last)]

    def _forget_others(self, student: str) -> None:
        """Delete what another student has screened, and what its proof has left in `relaxed`.

        That student has failed; the same subcells would be counted twice.
        """
        to = self._point.destination
        query = "SELECT count(*) FROM screened WHERE student <> $student"
        [(n_others,)] = self._point.lake.sql(query, {"student": student}).fetchall()
        if n_others:
            for of_proof in (REFINED, ADOPTED):
                remove_parts(to.store, "relaxed", to.system, to.run_id, of_proof)
            remove_parts(to.store, "screened", to.system, to.run_id)

    def _is_left(self, pool: Pool) -> bool:
        """Whether there are subcells that the teacher has not relaxed."""
        return len(pool.without(ids_in(self._point.lake, "relaxed"))) > 0

    def _not_made(self, glass_ids: Collection[str]) -> list[str]:
        """Glasses that are neither made nor known not to become one.

        What is drawn from the pool depends on all of it.
        """
        made = {row[0] for row in self._point.lake.sql("SELECT glass_id FROM amorphous").fetchall()}
        return sorted(set(glass_ids) - made)

    def _pool(self, glass_ids: Collection[str]) -> Pool:
        """All subcells of glasses, in their order."""
        for glass in self._plan.glasses:
            id_ = glass.glass_id
            if id_ in glass_ids and id_ in self._glasses and id_ not in self._cut:
                self._cut[id_] = choose_subcells(
                    self._glasses[id_], self._plan.crystallization, glass.condition.seed
                )
                if not len(self._cut[id_]):
                    reason = f"{id_}: no subcell of the wanted composition"
                    self._point.status.failures.append(reason)
        cut = {id_: self._cut[id_] for id_ in sorted(self._cut.keys() & set(glass_ids))}
        return Pool({id_: subcells for id_, subcells in cut.items() if len(subcells)})

    def _alone(self, pool: Pool, reason: str) -> Iterator[Sequence[Work]]:
        """The teacher relaxes all."""
        LOG.warning("%s: %s", self._plan.run_id, reason)
        write_alone(self._plan, self._point.destination, len(pool), reason)
        adopt_samples(self._point.lake, self._point.destination)
        yield from self._by_one(pool)

    def _by_one(self, pool: Pool) -> Iterator[Sequence[Work]]:
        """One potential relaxes all; the scouts first, where they tell what is hopeless."""
        potential = self._point.potentials[self._plan.screening]
        yield from self._scouted(pool, self._plan.screening_table, potential)

    def _scouted(
        self, pool: Pool, table: str, potential: Shared, student: str | None = None
    ) -> Iterator[Sequence[Work]]:
        """Relax all; some first, where they tell what is hopeless.

        Under a student that is what is hopeless by its own energies, which may all be too high, and
        by the teacher's, since a student may have false minima.
        """
        distance = self._plan.crystallization.hopeless
        if distance is None:
            yield self._relaxing(pool, table, potential, student)
            return
        scouts = self._school.training
        if not student:
            _, scouts = pool.samples(0, [control_size(len(pool))], seed_of(self._plan))
        yield self._relaxing(scouts, table, potential, student)
        self._point.status.finish(-len(scouts), -scouts.n_atoms)  # which are counted again
        tables = [table, "sampled"] if student else [table]
        ceilings = ceilings_by(self._point.lake, tables, _ids(scouts), distance)
        yield self._relaxing(pool, table, potential, student, ceilings)

    def _relaxing(
        self,
        pool: Pool,
        table: str,
        potential: Shared,
        student: str | None = None,
        ceilings: Ceilings | None = None,
    ) -> list[GlassWork]:
        """Queues of the subcells that a table does not hold yet."""
        point, plan = self._point, self._plan
        left = pool.without(ids_in(point.lake, table, student))
        point.status.finish(len(pool) - len(left), pool.n_atoms - left.n_atoms)
        for glass_id, subcells in left.glasses.items():
            point.subcells_left[glass_id] = len(subcells)
        return [
            GlassWork(
                plan,
                glass_id,
                subcells,
                potential.potential,
                point.destination,
                potential.cutoff,
                student,
                ceilings,
            )
            for glass_id, subcells in left.glasses.items()
        ]

    def _judgement(self, student: Potential, round_: int, pool: Pool) -> list[JudgeUnit]:
        point = self._point
        query = "SELECT count(*) FROM judged WHERE student = $student"
        [(n_judged,)] = point.lake.sql(query, {"student": student.fingerprint}).fetchall()
        if n_judged:
            return []
        teacher, densest = point.potentials[self._plan.potential], _densest(pool)
        return [
            JudgeUnit(
                self._plan,
                point.destination,
                student.fingerprint,
                round_,
                self._plan.glass_shapes(densest, teacher.cutoff),
                self._plan.glass_shapes(densest, student.cutoff),
                teacher.potential,
            )
        ]

    def _weighing(self, student: Potential, pool: Pool, settings: SelfTaught) -> list[WeighUnit]:
        point = self._point
        teacher, fingerprint = point.potentials[self._plan.potential], student.fingerprint
        shapes = self._plan.glass_shapes(_densest(pool), teacher.cutoff)
        ids = to_weigh(point.lake, settings, fingerprint)
        return [
            WeighUnit(
                self._plan,
                point.destination,
                fingerprint,
                tuple(ids[start : start + WEIGHED]),
                shapes,
                teacher.potential,
            )
            for start in range(0, len(ids), WEIGHED)
        ]

    def _mistakes(self, student: str, round_: int, pool: Pool) -> list[MistakesUnit]:
        point = self._point
        made = lessons.labelled_parts(point.destination.store, self._plan.run_id, round_ + 1)
        if MISTAKES in made:
            return []
        teacher = self._point.potentials[self._plan.potential]
        shapes = self._plan.glass_shapes(_densest(pool), teacher.cutoff)
        unit = MistakesUnit(
            self._plan, point.destination, student, round_, shapes, teacher.potential
        )
        return [unit]

    def _proof(self, student: str) -> str | None:
        """The verdict on a student; None if there is none yet."""
        query = "SELECT verdict FROM proof WHERE student = $student"
        rows = self._point.lake.sql(query, {"student": student}).fetchall()
        return rows[0][0] if rows else None

    def _is_proved(self, student: str, pool: Pool) -> bool:
        """Whether there is a proof of just what there is: of this pool, and all that was chosen."""
        parameters = {"student": student, "pool": len(pool)}
        return bool(self._point.lake.sql(PROVED, parameters).fetchall())

    def _is_alone(self) -> bool:
        """Whether the teacher does all, since no student could be trained or would pay."""
        query = "SELECT 1 FROM proof WHERE verdict = $alone"
        return bool(self._point.lake.sql(query, {"alone": ALONE}).fetchall())


def _ids(pool: Pool) -> list[str]:
    return [id_ for glass in pool.glasses.items() for id_ in subcell_ids(*glass)]


def _densest(pool: Pool) -> Structure:
    """The densest glass, whose shapes have room for those of any."""
    glasses = (subcells.glass for subcells in pool.glasses.values())
    return min(glasses, key=lambda glass: glass.volume / len(glass))
