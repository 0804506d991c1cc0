"""A training from start to finish, with what a user sees of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console

from a2c_ray.errors import FINISHED, INTERRUPTED
from a2c_ray.figures.learning_curve import learning_curve_figure
from a2c_ray.figures.style import write_figure
from a2c_ray.recompute.distillation import gather
from a2c_ray.terminal.console import stop_signals_call
from a2c_ray.terminal.training_progress import TrainingDisplay
from a2c_ray.training.networks import count_parameters
from a2c_ray.training.plan import TrainingPlan
from a2c_ray.training.preparation import prepare
from a2c_ray.training.session import TrainingResult, train
from a2c_ray.units import GPA_PER_EV_A3


def learn(plan: TrainingPlan, console: Console, command: str) -> int:
    """Train a potential, or go on with its training.

    Args:
        plan: what to do.
        console: to show progress and results on.
        command: that repeats, and so resumes, it.

    Returns:
        Exit status: 0, or 130 if it was interrupted.

    Raises:
        InputError: the data, the network or the teacher cannot be used.
        OperationError: the training diverged, or a checkpoint is damaged.
    """

    def tell(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    training = prepare(plan, gather(plan, tell))
    n_train, n_validation = len(training.train), len(training.validation)
    tell(
        f"{count_parameters(training.config):,} parameters, {n_train} structures to train on, "
        f"{n_validation} to validate with"
    )
    n_stresses = sum(structure.stress is not None for structure in training.train)
    if training.recipe.weights.stress > 0 and n_stresses < n_train:
        tell(f"stress: {n_stresses or 'none'} of the {n_train} have one; loss.stress acts on these")
    with TrainingDisplay(console) as display, stop_signals_call(display.stop):
        if plan.address is None:
            outcome = train(training, plan.output, display.report)
        else:
            from a2c_ray.training.remote import train_on_cluster

            outcome = train_on_cluster(training, plan, display.report)
    curve = plan.output / "learning_curve.pdf"
    write_figure(learning_curve_figure(outcome.history), curve)
    if outcome.reason == "interrupted":
        tell(f"Interrupted; the last round is kept. Resume with: {command}")
        return INTERRUPTED
    for line in describe(outcome):
        tell(line)
    tell(f"curve:      {curve}")
    return FINISHED


def describe(outcome: TrainingResult) -> Iterator[str]:
    """What came out, line by line."""
    best, last = outcome.best, outcome.history[-1]
    stress_mae = GPA_PER_EV_A3 * best["validation_stress_mae"]
    stress = f", stress {stress_mae:.3g} GPa" if math.isfinite(stress_mae) else ""
    yield f"{outcome.reason} after {last['step']} steps ({last['epoch']:.4g} epochs)"
    yield (
        f"validation: energy {1000 * best['validation_energy_mae']:.3g} meV/atom, forces "
        f"{1000 * best['validation_forces_mae']:.3g} meV/Å{stress} (mean absolute errors, at step "
        f"{best['step']})"
    )
    yield f"potential:  {outcome.potential}"
