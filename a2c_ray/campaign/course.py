"""The course of a run that decides what to do next by what it has found, step by step.

In a cascade that teaches itself the teacher relaxes two samples of the pool; a student learns from
the ways of one of them, then from what the teacher says of its own ways, and screens the pool; the
teacher evaluates once what is low, and refines what the student's errors leave open; the other
sample tells what was lost, and a student that has lost too much learns on. Where hopeless
relaxations are given up, some subcells are relaxed before all others, to tell what is hopeless.
Each step queues what the lake does not hold yet of it, so that a course that is begun anew goes on
where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from pymatgen.core import Structure

from a2c_ray.campaign import lessons
from a2c_ray.campaign.agenda import CellQueue
from a2c_ray.campaign.destination import digest
from a2c_ray.campaign.glass_work import GlassWork
from a2c_ray.campaign.judge_unit import JudgeUnit
from a2c_ray.campaign.lesson_units import (
    CONTROL,
    MISTAKES,
    TRAINING,
    ExploreUnit,
    MistakesUnit,
    SampleUnit,
)
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point, Shared
from a2c_ray.campaign.pool import Pool, control_size
from a2c_ray.campaign.proof_unit import ADOPTED, ProofUnit, adopt_samples, write_alone
from a2c_ray.campaign.refine_unit import REFINED, TaughtSelectUnit
from a2c_ray.campaign.rows import subcell_ids
from a2c_ray.campaign.scouts import ceilings_by
from a2c_ray.campaign.selection import to_weigh
from a2c_ray.campaign.train_unit import TrainUnit
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.campaign.weigh_unit import WeighUnit
from a2c_ray.crystallize.cutting import choose_subcells, unit_shapes
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.lake import remove_parts
from a2c_ray.lake.schemas import ALONE, KEPT, POOR
from a2c_ray.potentials.nequip.storage import BrokenPotentialError
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.ceilings import Ceilings
from a2c_ray.relaxation.shapes import Shape

LOG = logging.getLogger(__name__)

PIECE = 8
"""Subcells of a unit of a sample."""

WEIGHED = 250
"""Screened cells of a unit that the teacher weighs."""

EXPLORED = 3
"""Times as many subcells as are learnt from at first are gone through by each student but the
last: the teacher looks at their ways, and need not go them."""

MORE_ROUNDS = 1
"""Of training, for a student that fails: it learns where it was most wrong, and screens again."""

PROVED = """
SELECT 1 FROM proof WHERE student = $student AND pool = $pool
    AND n_selected = (SELECT count(*) FROM relaxed WHERE alike IS NOT NULL)
    AND NOT EXISTS (FROM sampled ANTI JOIN relaxed USING (subcell_id))
"""

Work = CampaignUnit | CellQueue


class Course:
    """What a point does once its glasses are made.

    Args:
        point: it is.
        share: puts a potential where actors can take it.
    """

    def __init__(self, point: Point, share: Callable[[Potential], Shared]) -> None:
        self._point, self._plan, self._share = point, point.plan, share
        self._glasses: dict[str, Structure] = {}
        self._steps = self._all_steps()

    def add_glass(self, glass_id: str, structure: Structure) -> None:
        """A glass that is made."""
        self._glasses[glass_id] = structure

    def next_step(self) -> Sequence[Work]:
        """What is to do of the next step that is not done; nothing once all are."""
        return next((step for step in self._steps if step), ())

    def _all_steps(self) -> Iterator[Sequence[Work]]:
        settings, point = self._plan.self_taught, self._point
        if not self._has_all_glasses():
            return
        lessons.clean_up(point.destination.store, self._plan.run_id)
        pool = self._pool()
        if not len(pool):
            return
        point.status.find(len(pool), pool.n_atoms)
        if settings is None:
            yield from self._by_one(pool)
            return
        teacher = self._plan.potential.name
        if len(pool) < settings.least_pool:
            reason = (
                f"a pool of {len(pool)} subcells does not pay for a student "
                f"(crystallize.cascade_least_pool={settings.least_pool}): {teacher} relaxes all"
            )
            yield from self._alone(pool, reason)
            return
        if self._is_alone():  # as was decided before
            adopt_samples(point.lake, point.destination)
            yield from self._by_one(pool)
            return
        explored = [EXPLORED * settings.training] * (settings.rounds - 1)
        control, training, *others = pool.samples(
            settings.control or control_size(len(pool)),
            [settings.training, *explored],
            _seed(self._plan),
        )
        if not len(training):
            reason = (
                f"a control sample of {len(control)} leaves none of {len(pool)} subcells to learn "
                f"from (crystallize.cascade_control={settings.control}): {teacher} relaxes all"
            )
            yield from self._alone(pool, reason)
            return
        yield self._sampling(TRAINING, training)
        work = self._work_alone(len(pool))
        if not work:
            reason = f"nothing of {self._plan.run_id}'s training sample was relaxed: repeat it"
            point.status.failures.append(reason)
            return
        if work < settings.least_work:
            reason = (
                f"alone {teacher} evaluates about {work:.2g} atoms, too few to pay for a student "
                f"(crystallize.cascade_least_work={settings.least_work:g}): it relaxes all"
            )
            yield from self._alone(pool, reason)
            return
        control_units = self._sampling(CONTROL, control)
        for round_ in range(1, settings.rounds + 1):
            if self._student(round_) is None:
                # The last training takes longest; the other actors have this to do meanwhile.
                meanwhile = control_units if round_ == settings.rounds else []
                yield [self._training(round_, pool), *meanwhile]
            elif round_ == settings.rounds:
                yield control_units
            student = self._student(round_)
            if student is None:
                yield from self._alone(pool, f"no student could be trained: {teacher} relaxes all")
                return
            if round_ < settings.rounds:
                yield self._exploration(round_, others[round_ - 1], student.cutoff)
        last = settings.rounds + MORE_ROUNDS
        for round_ in range(settings.rounds, last + 1):
            if self._student(round_ + 1) is not None:
                continue
            student = self._student(round_)
            if student is None:
                break
            yield from self._screening(settings, student, round_, pool, training)
            if self._proof(student.fingerprint) == KEPT or not self._is_left(pool):
                return
            point.status.find(len(pool), pool.n_atoms)
            if round_ < last:
                yield self._mistakes(student.fingerprint, round_, pool)
                yield [self._training(round_ + 1, pool)]
        yield from self._by_one(pool)

    def _screening(
        self,
        settings: SelfTaught,
        student: Potential,
        round_: int,
        pool: Pool,
        scouts: Pool,
    ) -> Iterator[Sequence[Work]]:
        """A student relaxes all; the teacher refines what is low, and sees what is lost."""
        plan, point, fingerprint = self._plan, self._point, student.fingerprint
        is_last = round_ == settings.rounds + MORE_ROUNDS
        self._forget_others(fingerprint)
        yield from self._scouted(pool, "screened", self._share(student), fingerprint, scouts)
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
        return len(pool.without(self._ids_in("relaxed"))) > 0

    def _has_all_glasses(self) -> bool:
        """Whether every glass is made, or known not to become one.

        What is drawn from the pool depends on all of it.
        """
        made = {row[0] for row in self._point.lake.sql("SELECT glass_id FROM amorphous").fetchall()}
        missing = [g.glass_id for g in self._plan.glasses if g.crystallize]
        missing = [glass_id for glass_id in missing if glass_id not in made]
        if missing:
            self._point.status.failures.append(
                f"{', '.join(missing)} not made, without which nothing is chosen from the subcells "
                "of all glasses: repeat the command"
            )
        return not missing

    def _pool(self) -> Pool:
        """All subcells of all glasses, in their order."""
        wanted = {g.glass_id: g.condition.seed for g in self._plan.glasses if g.crystallize}
        cut: dict[str, Subcells] = {}
        for glass_id in sorted(self._glasses.keys() & wanted.keys()):
            subcells = choose_subcells(
                self._glasses[glass_id], self._plan.crystallization, wanted[glass_id]
            )
            if len(subcells):
                cut[glass_id] = subcells
            else:
                reason = f"{glass_id}: no subcell of the wanted composition"
                self._point.status.failures.append(reason)
        self._point.status.glasses_cut = len(cut)
        return Pool(cut)

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
        self,
        pool: Pool,
        table: str,
        potential: Shared,
        student: str | None = None,
        scouts: Pool | None = None,
    ) -> Iterator[Sequence[Work]]:
        """Relax all; some first, where they tell what is hopeless, drawn if none are given.

        Under a student that is what is hopeless by its own energies, which may all be too high, and
        by the teacher's, since a student may have false minima.
        """
        distance = self._plan.crystallization.hopeless
        if distance is None:
            yield self._relaxing(pool, table, potential, student)
            return
        if scouts is None:
            _, scouts = pool.samples(0, [control_size(len(pool))], _seed(self._plan))
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
        left = pool.without(self._ids_in(table, student))
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

    def _sampling(self, sample: str, pool: Pool) -> list[SampleUnit]:
        teacher = self._point.potentials[self._plan.potential]
        return [
            SampleUnit(
                self._plan,
                self._point.destination,
                sample,
                glass_id,
                subcells,
                self._shapes(subcells, teacher.cutoff),
                teacher.potential,
            )
            for glass_id, subcells in self._not_sampled(sample, pool).pieces(PIECE)
        ]

    def _not_sampled(self, sample: str, pool: Pool) -> Pool:
        """Those of a sample that are not relaxed, or whose ways are not kept though they should."""
        done = self._ids_in("sampled")
        if sample == TRAINING:
            store, run_id = self._point.destination.store, self._plan.run_id
            kept = lessons.labelled_parts(store, run_id, 1)
            pieces = (subcell_ids(*piece) for piece in pool.pieces(PIECE))
            done -= {id_ for ids in pieces if digest(ids) not in kept for id_ in ids}
        return pool.without(done)

    def _training(self, round_: int, pool: Pool) -> TrainUnit:
        to = self._point.destination
        return TrainUnit(self._plan, to, round_, len(pool), _seed(self._plan))

    def _exploration(self, round_: int, pool: Pool, cutoff: float) -> list[ExploreUnit]:
        point, teacher = self._point, self._point.potentials[self._plan.potential]
        units = [
            ExploreUnit(
                self._plan,
                point.destination,
                round_,
                glass_id,
                subcells,
                self._shapes(subcells, teacher.cutoff),
                self._shapes(subcells, cutoff),
                teacher.potential,
            )
            for glass_id, subcells in pool.pieces(EXPLORED * PIECE)
        ]
        made = lessons.labelled_parts(point.destination.store, self._plan.run_id, round_ + 1)
        return [unit for unit in units if unit.labels not in made]

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
                self._shapes(densest, teacher.cutoff),
                self._shapes(densest, student.cutoff),
                teacher.potential,
            )
        ]

    def _weighing(self, student: Potential, pool: Pool, settings: SelfTaught) -> list[WeighUnit]:
        point = self._point
        teacher, fingerprint = point.potentials[self._plan.potential], student.fingerprint
        shapes = self._shapes(_densest(pool), teacher.cutoff)
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
        shapes = self._shapes(_densest(pool), teacher.cutoff)
        unit = MistakesUnit(
            self._plan, point.destination, student, round_, shapes, teacher.potential
        )
        return [unit]

    def _work_alone(self, pool: int) -> float:
        """What the teacher would evaluate without a student, atoms, by the training sample."""
        query = """
            SELECT coalesce(avg((steps + 1) * n_atoms), 0) FROM sampled WHERE sample = $sample
        """
        [(of_subcell,)] = self._point.lake.sql(query, {"sample": TRAINING}).fetchall()
        return pool * of_subcell

    def _student(self, round_: int) -> Potential | None:
        choice, run_id = self._plan.potential, self._plan.run_id
        store = self._point.destination.store
        try:
            return lessons.read_student(store, run_id, round_, choice.name, choice.kernels)
        except BrokenPotentialError as error:
            LOG.warning("%s: it is set aside, and trained again", error)
            lessons.set_student_aside(store, run_id, round_)
            return None

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

    def _ids_in(self, table: str, student: str | None = None) -> set[str]:
        """Subcells that a table holds; of `screened` those that a student has relaxed."""
        of_student = "WHERE student = $student" if student else ""
        query = f"SELECT subcell_id FROM {table} {of_student}"
        parameters = {"student": student} if student else None
        return {row[0] for row in self._point.lake.sql(query, parameters).fetchall()}

    def _shapes(self, subcells: Subcells, cutoff: float) -> tuple[Shape, ...]:
        glass = subcells.glass
        return unit_shapes(
            self._plan.crystallization, self._plan.composition, cutoff, glass.volume / len(glass)
        )


def _ids(pool: Pool) -> list[str]:
    return [id_ for glass in pool.glasses.items() for id_ in subcell_ids(*glass)]


def _densest(pool: Pool) -> Subcells:
    """Subcells of the densest glass, whose shapes have room for those of any."""
    return min(pool.glasses.values(), key=lambda s: s.glass.volume / len(s.glass))


def _seed(plan: Plan) -> int:
    """Of all draws of a run: that of its first glass."""
    return plan.glasses[0].condition.seed
