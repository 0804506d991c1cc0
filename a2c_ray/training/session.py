"""One training from beginning to end: it validates, checkpoints, stops early, and resumes.

A training proceeds in rounds. After each, the averaged weights are validated, the metrics get a
row, a checkpoint is written; and where validation has improved, so is the potential.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from a2c_ray.cache import use_compilation_cache
from a2c_ray.errors import OperationError
from a2c_ray.potentials.nequip.energy import nequip_model
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import save_nequip
from a2c_ray.training.batches import MAX_STRATA, Batches, stratify
from a2c_ray.training.checkpoints import Checkpoints, History
from a2c_ray.training.fitting import (
    FitState,
    Recipe,
    device_mesh,
    first_state,
    make_optimizer,
    make_step,
    make_validate,
    replicate,
)
from a2c_ray.training.labelled import Labelled, check_labelled
from a2c_ray.training.loss import Sums
from a2c_ray.training.metrics import COLUMNS, write_metrics


class DivergedError(OperationError):
    """A training whose loss is not finite any more."""


@dataclass(frozen=True)
class Training:
    """What is to be trained.

    config, parameters: the network at the beginning.
    train, validation: labelled structures.
    recipe: how it is fitted.
    seed: of the order of the structures.
    round_steps: gradient steps of a round, at most.
    patience: rounds without improvement after which training stops; None for never.
    provenance: of the result, kept with it.
    max_strata: sizes that structures are padded to; each makes compiling longer.
    round_epochs: epochs of a round, at most.
    """

    config: NequIPConfig
    parameters: dict[str, Any]
    train: Sequence[Labelled]
    validation: Sequence[Labelled]
    recipe: Recipe
    seed: int
    round_steps: int
    patience: int | None
    provenance: dict[str, str]
    max_strata: int = MAX_STRATA
    round_epochs: int = 1


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended.

    potential: folder of the best potential.
    history: metrics of all rounds.
    reason: "finished", "early stop" or "interrupted".
    """

    potential: Path
    history: History
    reason: str

    @property
    def best(self) -> dict[str, float]:
        """Metrics of the round whose weights were kept."""
        return min(self.history, key=lambda row: row["validation_loss"])


Report = Callable[[int, int, History], bool]
"""Called with steps taken, steps planned and the metrics so far; True stops the training."""


def train(training: Training, folder: Path, report: Report = lambda *_: False) -> TrainingResult:
    """Fit a network, or go on where an earlier call with the same arguments was ended.

    Args:
        training: what to do.
        folder: for the potential, the checkpoints and `metrics.csv`.
        report: called after each step.

    Raises:
        DataError: a structure cannot be trained on.
        CheckpointError: the folder holds a damaged checkpoint, or one of another training.
        DivergedError: the loss is not finite.
        OperationError: it was stopped before the first round ended.
    """
    check_labelled(training.train)
    check_labelled(training.validation)
    use_compilation_cache()
    session = _Session(training, folder)
    try:
        return session.run(report)
    finally:
        session.checkpoints.close()


class _Session:
    """The compiled programs, batches and checkpoints of a training."""

    def __init__(self, training: Training, folder: Path) -> None:
        recipe, mesh = training.recipe, device_mesh()
        self.training, self.folder, self.mesh = training, folder, mesh
        model = nequip_model(training.config)
        cutoff, n_devices = training.config.cutoff, mesh.size
        strata = stratify(training.train, cutoff, training.max_strata)
        self.batches = Batches(training.train, strata, recipe.batch_size, training.seed, n_devices)
        held_out = stratify(training.validation, cutoff, training.max_strata)
        self.held_out = Batches(training.validation, held_out, recipe.batch_size, None, n_devices)
        self.n_steps = recipe.epochs * self.batches.per_epoch
        most = training.round_epochs * self.batches.per_epoch
        self.round_steps = min(training.round_steps, most)
        optimizer = make_optimizer(recipe, self.n_steps)
        capacities = [stratum.capacity for stratum in strata]
        self.step = make_step(model, capacities, recipe, optimizer, mesh)
        capacities = [stratum.capacity for stratum in held_out]
        self.validate = make_validate(model, capacities, recipe.weights, mesh)
        self.first = first_state(training.parameters, optimizer)
        self.checkpoints = Checkpoints(folder / "checkpoints", identity(training))

    def run(self, report: Report) -> TrainingResult:
        state, history = self.checkpoints.restore(self.first) or (self.first, [])
        state = replicate(state, self.mesh)
        batches = self.batches.from_step(int(state.step))
        while int(state.step) < self.n_steps and not self.is_stuck(history):
            n_done = int(state.step)
            stop = min(n_done + self.round_steps, self.n_steps)
            sums: list[Sums] = []
            for step in range(n_done, stop):
                state, one = self.step(state, next(batches))
                sums.append(one)
                if report(step + 1, self.n_steps, history):
                    return self.end(history, "interrupted")
            history = [*history, self.metrics(state, sums)]
            self.keep(state, history)
        return self.end(history, "early stop" if self.is_stuck(history) else "finished")

    def is_stuck(self, history: History) -> bool:
        """Whether validation has not improved for as many rounds as are granted."""
        if self.training.patience is None or not history:
            return False
        losses = [row["validation_loss"] for row in history]
        return len(losses) - 1 - int(np.argmin(losses)) >= self.training.patience

    def metrics(self, state: FitState, trained: Sequence[Sums]) -> dict[str, float]:
        """The row of a round.

        Raises:
            DivergedError: a loss is not finite.
        """
        validated = [self.validate(state.averaged, batch) for batch in self.held_out.epoch()]
        step = int(state.step)
        epoch = step / self.batches.per_epoch
        rate = self.training.recipe.learning_rate * (1.0 - step / self.n_steps)
        train, validation = _means(trained), _means(validated)
        if not np.isfinite(train["loss"] + validation["loss"]):
            raise DivergedError(
                f"the loss is not finite at step {step}: lower optimizer.learning_rate or set "
                f"optimizer.max_gradient_norm; the checkpoints are in {self.checkpoints.folder}"
            )
        values = {f"train_{name}": value for name, value in train.items()}
        values |= {f"validation_{name}": value for name, value in validation.items()}
        values |= {"step": step, "epoch": epoch, "learning_rate": rate}
        return {name: values[name] for name in COLUMNS}

    def keep(self, state: FitState, history: History) -> None:
        """Write what a round has led to; the checkpoint last, which makes the round count."""
        if history[-1]["validation_loss"] <= min(row["validation_loss"] for row in history):
            weights = jax.device_get(state.averaged)
            provenance = self.training.provenance | {"step": str(int(state.step))}
            save_nequip(self.potential, self.training.config, weights, provenance)
        self.checkpoints.save(state, history)
        write_metrics(history, self.folder)

    def end(self, history: History, reason: str) -> TrainingResult:
        if not history:
            raise OperationError("the training was stopped before its first round had ended")
        return TrainingResult(self.potential, history, reason)

    @property
    def potential(self) -> Path:
        """Folder of the best potential so far."""
        return self.folder / "potential"


def identity(training: Training) -> str:
    """What a checkpoint is only good for: settings, beginning and data of a training."""
    sha = hashlib.sha256()
    settings = (
        training.config,
        training.recipe,
        training.seed,
        training.round_steps,
        training.round_epochs,
        len(training.train),  # the rest is only validated with
    )
    sha.update(repr(settings).encode())
    for leaf in jax.tree.leaves(training.parameters):
        sha.update(np.ascontiguousarray(leaf, np.float64).tobytes())
    for structure in (*training.train, *training.validation):
        stress = np.zeros(0) if structure.stress is None else structure.stress
        for values in (*structure.cell, structure.energy, structure.forces, stress):
            array = np.ascontiguousarray(values, np.float64)
            sha.update(repr(array.shape).encode() + array.tobytes())
    return sha.hexdigest()


def _means(sums: Sequence[Sums]) -> dict[str, float]:
    """Means over structures of what batches have summed; NaN for a stress that nobody knows."""
    total = jax.tree.map(lambda *terms: float(np.sum(terms, dtype=np.float64)), *sums)
    return {
        "loss": total.loss / total.n,
        "energy_mae": total.energy_error / total.n,
        "forces_mae": total.forces_error / total.n,
        "stress_mae": total.stress_error / total.n_stress if total.n_stress else float("nan"),
    }
