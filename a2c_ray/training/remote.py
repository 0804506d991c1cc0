"""A training in a Ray actor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import ray

from a2c_ray.cluster.nodes import start_ray
from a2c_ray.cluster.worker import actor_class, environment
from a2c_ray.errors import InputError, OperationError
from a2c_ray.training.checkpoints import History
from a2c_ray.training.session import Training, TrainingResult, train

if TYPE_CHECKING:
    from a2c_ray.training.plan import TrainingPlan
    from a2c_ray.training.session import Report

LOOK_S = 0.5
"""Seconds between two looks at the actor."""

RESTARTS = 3
"""Of an actor that is lost; its training goes on from the last checkpoint."""


@ray.remote
class Trainer:
    """Trains one network."""

    def __init__(self) -> None:
        self._progress: tuple[int, int, History] = (0, 1, [])
        self._stopped = False

    def train(self, training: Training, folder: str) -> TrainingResult:
        """Train, or go on with it."""
        return train(training, Path(folder), self._report)

    def progress(self) -> tuple[int, int, History]:
        """Steps taken, steps planned, metrics; answers while training."""
        return self._progress

    def stop(self) -> None:
        """End after the step under way."""
        self._stopped = True

    def _report(self, step: int, n_steps: int, history: History) -> bool:
        self._progress = (step, n_steps, history)
        return self._stopped


def train_on_cluster(training: Training, plan: TrainingPlan, report: Report) -> TrainingResult:
    """Train in an actor, which is started again if it is lost.

    Args:
        training: what to do.
        plan: where; its output folder must be reachable from the actor's node.
        report: called now and then; True stops the training.

    Raises:
        NoClusterError: there is no cluster at the address.
        OperationError: the actor was lost too often, or the training failed.
    """
    start_ray(plan.address)
    try:
        variables = environment(plan.cpus, plan.gpus > 0)
        trainer_class = actor_class(Trainer)
        trainer = trainer_class.options(
            num_cpus=plan.cpus,
            num_gpus=plan.gpus,
            max_concurrency=2,
            max_restarts=RESTARTS,
            max_task_retries=RESTARTS,
            runtime_env={"env_vars": variables},
        ).remote()
        result = trainer.train.remote(ray.put(training), str(plan.output.resolve()))
        while not ray.wait([result], timeout=LOOK_S)[0]:
            if report(*ray.get(trainer.progress.remote())):
                trainer.stop.remote()
        return ray.get(result)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, InputError | OperationError):
            raise error.cause from error
        raise OperationError(f"the training failed: {error.cause}") from error
    except ray.exceptions.RayActorError as error:
        raise OperationError(
            "the training's actor was lost; the same command resumes from the last checkpoint"
        ) from error
    finally:
        ray.shutdown()
