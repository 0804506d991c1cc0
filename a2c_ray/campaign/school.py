"""How the student of a point comes to know what it is to screen.

The teacher relaxes two samples of the pool: one that a student learns from, the ways and all, and
one that it never sees, by which it is judged. Then, round by round, the student relaxes other
subcells, and learns from what the teacher says of its ways. Of many glasses it learns from those
that are melted first, while the others still melt.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import digest
from a2c_ray.campaign.done import ids_in
from a2c_ray.campaign.lesson_units import CONTROL, TRAINING, ExploreUnit, LessonUnit, SampleUnit
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.pool import Pool, control_size
from a2c_ray.campaign.rows import subcell_ids
from a2c_ray.campaign.train_unit import TrainUnit
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.potentials.nequip.storage import BrokenPotentialError
from a2c_ray.potentials.potential import Potential

LOG = logging.getLogger(__name__)

PIECE = 8
"""Subcells of a unit of a sample."""

EXPLORED = 3
"""Times as many subcells as are learnt from at first are gone through by each student but the
last: the teacher looks at their ways, and need not go them."""


class School:
    """The lessons of a point.

    Args:
        point: whose student it is.

    Attributes:
        has_begun: whether samples are drawn.
        is_passed: whether the student of the last round is there.
        refusal: why there is to be no student; None if there is, or nothing is known yet.
        training: subcells whose ways are learnt from first.
    """

    def __init__(self, point: Point) -> None:
        self._point, self._plan = point, point.plan
        self._pool, self._control, self._n_control = Pool({}), Pool({}), 0
        self.training = Pool({})
        self.refusal: str | None = None
        self.has_begun = self.is_passed = False

    def steps(self, pool: Pool, size: int) -> Iterator[Sequence[LessonUnit]]:
        """What a student does to pass, step by step.

        Args:
            pool: subcells to learn from.
            size: of the pool that is to be screened, of which this is a part; or about that.
        """
        settings, teacher = self._settings, self._plan.potential.name
        self.has_begun, self._pool = True, pool
        if size < settings.least_pool:
            self.refusal = (
                f"a pool of {size} subcells does not pay for a student "
                f"(crystallize.cascade_least_pool={settings.least_pool}): {teacher} relaxes all"
            )
            return
        self._n_control = settings.control or control_size(size)
        explored = [EXPLORED * settings.training] * (settings.rounds - 1)
        self._control, self.training, *others = pool.samples(
            round(self._n_control * len(pool) / size),
            [settings.training, *explored],
            seed_of(self._plan),
        )
        if not len(self.training):
            self.refusal = (
                f"a control sample of {len(self._control)} leaves none of {len(pool)} subcells "
                f"to learn from (crystallize.cascade_control={settings.control}): "
                f"{teacher} relaxes all"
            )
            return
        yield self._sampling(TRAINING, self.training)
        work = self._work_alone(size)
        if not work:
            reason = f"nothing of {self._plan.run_id}'s training sample was relaxed: repeat it"
            self._point.status.failures.append(reason)
            return
        if work < settings.least_work:
            self.refusal = (
                f"alone {teacher} evaluates about {work:.2g} atoms, too few to pay for a student "
                f"(crystallize.cascade_least_work={settings.least_work:g}): it relaxes all"
            )
            return
        control_units = self._sampling(CONTROL, self._control)
        pool_atoms = round(pool.n_atoms * size / len(pool))
        for round_ in range(1, settings.rounds + 1):
            if self.student(round_) is None:
                # The last training takes longest; the other actors have this to do meanwhile.
                meanwhile = control_units if round_ == settings.rounds else []
                yield [self.training_of(round_, pool_atoms), *meanwhile]
            student = self.student(round_)
            if student is None:
                self.refusal = f"no student could be trained: {teacher} relaxes all"
                return
            if round_ < settings.rounds:
                yield self._exploration(round_, others[round_ - 1], student.cutoff)
        self.is_passed = True

    def control_units(self, pool: Pool) -> list[SampleUnit]:
        """What is not relaxed yet of the sample that judges the student.

        Args:
            pool: to be screened; of glasses that were not learnt from it has its share of them.
        """
        unseen = Pool({g: s for g, s in pool.glasses.items() if g not in self._pool.glasses})
        n_unseen = self._n_control - len(self._control)
        (drawn,) = unseen.samples(n_unseen, [], seed_of(self._plan))
        return self._sampling(CONTROL, Pool({**self._control.glasses, **drawn.glasses}))

    def training_of(self, round_: int, pool_atoms: int) -> TrainUnit:
        """The training of a round.

        Args:
            round_: from 1.
            pool_atoms: of the pool that is to be screened, or about that.
        """
        to = self._point.destination
        return TrainUnit(self._plan, to, round_, pool_atoms, seed_of(self._plan))

    def student(self, round_: int) -> Potential | None:
        """The student of a round; None if it is still to be trained."""
        choice, run_id = self._plan.potential, self._plan.run_id
        store = self._point.destination.store
        try:
            return lessons.read_student(store, run_id, round_, choice.name, choice.kernels)
        except BrokenPotentialError as error:
            LOG.warning("%s: it is set aside, and trained again", error)
            lessons.set_student_aside(store, run_id, round_)
            return None

    @property
    def _settings(self) -> SelfTaught:
        settings = self._plan.self_taught
        if settings is None:
            raise ValueError(f"run {self._plan.run_id} trains no student")
        return settings

    def _sampling(self, sample: str, pool: Pool) -> list[SampleUnit]:
        teacher = self._point.potentials[self._plan.potential]
        return [
            SampleUnit(
                self._plan,
                self._point.destination,
                sample,
                glass_id,
                subcells,
                self._plan.glass_shapes(subcells.glass, teacher.cutoff),
                teacher.potential,
            )
            for glass_id, subcells in self._not_sampled(sample, pool).pieces(PIECE)
        ]

    def _not_sampled(self, sample: str, pool: Pool) -> Pool:
        """Those of a sample that are not relaxed, or whose ways are not kept though they should."""
        done = ids_in(self._point.lake, "sampled")
        if sample == TRAINING:
            store, run_id = self._point.destination.store, self._plan.run_id
            kept = lessons.labelled_parts(store, run_id, 1)
            pieces = (subcell_ids(*piece) for piece in pool.pieces(PIECE))
            done -= {id_ for ids in pieces if digest(ids) not in kept for id_ in ids}
        return pool.without(done)

    def _exploration(self, round_: int, pool: Pool, cutoff: float) -> list[ExploreUnit]:
        point, teacher = self._point, self._point.potentials[self._plan.potential]
        units = [
            ExploreUnit(
                self._plan,
                point.destination,
                round_,
                glass_id,
                subcells,
                self._plan.glass_shapes(subcells.glass, teacher.cutoff),
                self._plan.glass_shapes(subcells.glass, cutoff),
                teacher.potential,
            )
            for glass_id, subcells in pool.pieces(EXPLORED * PIECE)
        ]
        made = lessons.labelled_parts(point.destination.store, self._plan.run_id, round_ + 1)
        return [unit for unit in units if unit.labels not in made]

    def _work_alone(self, size: int) -> float:
        """What the teacher would evaluate without a student, atoms, by the training sample."""
        query = """
            SELECT coalesce(avg((steps + 1) * n_atoms), 0) FROM sampled WHERE sample = $sample
        """
        [(of_subcell,)] = self._point.lake.sql(query, {"sample": TRAINING}).fetchall()
        return size * of_subcell


def seed_of(plan: Plan) -> int:
    """Of all draws of a run: that of its first glass."""
    return plan.glasses[0].condition.seed
