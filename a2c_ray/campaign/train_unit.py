"""A unit that trains the student of a run.

What trains is imported where it is done: other actors, and the driver, need not wait for it.
"""

from __future__ import annotations

import logging
import tarfile
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.lesson_units import LessonUnit
from a2c_ray.cluster.unit import OnProgress, Stage
from a2c_ray.lake.schemas import TABLES
from a2c_ray.potentials.nequip.storage import load_nequip
from a2c_ray.potentials.zbl import SUFFIX
from a2c_ray.training.labelled import Labelled

if TYPE_CHECKING:
    from a2c_ray.training.checkpoints import History
    from a2c_ray.training.session import TrainingResult

LOG = logging.getLogger(__name__)

CHECKPOINT_S = 30.0
"""Least time between two checkpoints of a training in the lake, s."""


@dataclass(frozen=True, eq=False)
class TrainUnit(LessonUnit):
    """The training of a round.

    round_: from 1.
    pool_atoms: of all subcells that the student is to screen, or about that.
    seed: of the training.
    """

    round_: int
    pool_atoms: int
    seed: int

    lesson = "training"
    potential = None
    stage = Stage.TRAINING
    leaves_checkpoints = True

    def __str__(self) -> str:
        return f"training of student {self.round_} of {self.plan.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> None:
        """Train, from where an earlier actor has come to, and keep the student."""
        from a2c_ray.training.networks import count_parameters

        to, started = self.destination, time.monotonic()
        structures = lessons.all_labels(to.store, to.run_id, self.round_)
        with tempfile.TemporaryDirectory() as folder:
            result = self._train(structures, Path(folder), on_progress)
            config, _, fingerprint = load_nequip(result.potential)
            best = result.best
            row = {
                "round": self.round_,
                "student": fingerprint + SUFFIX,  # as it screens
                "n_labels": len(structures),
                "n_compositions": len({s.composition for s in structures}),
                "n_parameters": count_parameters(config),
                "steps": int(result.history[-1]["step"]),
                "energy_mae": best["validation_energy_mae"],
                "forces_mae": best["validation_forces_mae"],
                "wall_s": time.monotonic() - started,
            }
            curve = [self._learnt(at) for at in result.history]
            to.write("learning", f"{self.round_}", curve)
            to.write("students", f"{self.round_}", [row])
            with to.writing():
                lessons.keep_student(to.store, to.run_id, self.round_, result.potential)
        to.remove_checkpoint(self._checkpoint)

    def _learnt(self, at: dict[str, float]) -> dict[str, Any]:
        """A row of `learning`."""
        names = [column.name for column in TABLES["learning"] if column.name in at]
        return {name: at[name] for name in names} | {"round": self.round_, "step": int(at["step"])}

    @property
    def _checkpoint(self) -> str:
        return f"student-{self.round_}.tar"

    def _train(
        self, structures: list[Labelled], folder: Path, on_progress: OnProgress
    ) -> TrainingResult:
        from a2c_ray.training.checkpoints import CheckpointError
        from a2c_ray.training.session import train
        from a2c_ray.training.students import steps_for, student_training

        course = self.plan.self_taught
        if course is None:
            raise ValueError(f"run {self.run_id} trains no student")
        start = None
        if self.round_ > 1:
            before = folder / "before"
            lessons.copy_student(self.destination.store, self.run_id, self.round_ - 1, before)
            start = load_nequip(before)[:2]
        source = f"taught by {self.plan.potential.name} in run {self.run_id}, round {self.round_}"
        training = student_training(
            structures,
            course.steps or steps_for(self.pool_atoms, self.round_ >= course.rounds),
            self.seed,
            {"source": source},
            start,
        )
        keep = _Keeper(self.destination, self._checkpoint, folder / "training", on_progress)
        content = self.destination.read_checkpoint(self._checkpoint)
        if content is not None:
            try:
                lessons.unpack(content, folder / "training")
                return train(training, folder / "training", keep)
            except (CheckpointError, OSError, tarfile.TarError) as error:
                LOG.warning("%s begins anew: %s", self, error)
        return train(training, folder / "anew", replace(keep, folder=folder / "anew"))


@dataclass
class _Keeper:
    """Says how far a training is, and keeps its checkpoints in the lake.

    destination, name: of the checkpoint.
    folder: of the training.
    on_progress: called after each step.
    kept, n_rounds: when the last was kept, and how many rounds it holds.
    """

    destination: Destination
    name: str
    folder: Path
    on_progress: OnProgress
    kept: float = 0.0
    n_rounds: int = 0

    def __call__(self, step: int, n_steps: int, history: History) -> bool:
        self.on_progress(step, n_steps)
        if len(history) > self.n_rounds and time.monotonic() - self.kept > CHECKPOINT_S:
            self.destination.write_checkpoint(self.name, lessons.packed(self.folder))
            self.kept, self.n_rounds = time.monotonic(), len(history)
        return False
