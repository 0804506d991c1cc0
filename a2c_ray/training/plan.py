"""What one training has to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from a2c_ray.training.fitting import Recipe
from a2c_ray.training.networks import (
    Architecture,
)


@dataclass(frozen=True)
class Distillation:
    """Learning from a teacher.

    lake, run: what structures are drawn from; the latest run if it is None.
    teacher: name of a potential; None for that of the run.
    draw: how much of what.
    """

    lake: str
    run: str | None
    teacher: str | None
    draw: Draw


@dataclass(frozen=True)
class TrainingPlan:
    """What one `a2c train` has to do.

    output: folder of all results.
    seed: of weights, order and split.
    train, validation: data sets; a share of the former is held out where there is none.
    validation_share: of the structures.
    distillation: instead of data sets; or None.
    start: potential to begin with, or None for a new network.
    architecture: of a new network.
    recipe, round_steps, patience: see `Training`.
    address: of a Ray cluster; None for this process.
    cpus, gpus: of an actor on it.
    """

    output: Path
    seed: int
    train: tuple[str, ...]
    validation: tuple[str, ...]
    validation_share: float
    distillation: Distillation | None
    start: str | None
    architecture: Architecture
    recipe: Recipe
    round_steps: int
    patience: int | None
    address: str | None
    cpus: int
    gpus: float


@dataclass(frozen=True)
class Draw:
    """How much is drawn from a run, at random; all of it where there is less.

    glasses: amorphous structures.
    snapshots: of the molecular dynamics.
    relaxed: relaxed subcells.
    trajectories: subcells that the teacher relaxes anew, being watched.
    frames: taken from each trajectory, at even steps.
    max_steps: of a trajectory.
    """

    glasses: int
    snapshots: int
    relaxed: int
    trajectories: int
    frames: int
    max_steps: int
