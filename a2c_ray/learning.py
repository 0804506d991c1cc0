"""A training from start to finish, with what a user sees of it."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from a2c_ray.distillation import Draw, draw_labelled
from a2c_ray.errors import FINISHED, INTERRUPTED, InputError
from a2c_ray.figures.learning_curve import learning_curve_figure
from a2c_ray.figures.style import write_figure
from a2c_ray.potentials.loading import load_potential, network_folder
from a2c_ray.potentials.nequip.energy import nequip_potential
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import load_nequip
from a2c_ray.potentials.potential import Potential
from a2c_ray.results import RunResults
from a2c_ray.training.fitting import Recipe
from a2c_ray.training.label_files import read_labels, write_labels
from a2c_ray.training.labelled import Labelled, check_labelled
from a2c_ray.training.networks import (
    Architecture,
    Parameters,
    adjusted_network,
    check_species,
    count_parameters,
    new_network,
)
from a2c_ray.training.readers import read_data_sets
from a2c_ray.training.session import Outcome, Training, train
from a2c_ray.training.splitting import split_by_composition
from a2c_ray.training_display import TrainingDisplay

SMALL = 100
"""Structures with which a network that is trained further is tried before."""


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

    training = prepare(plan, console)
    n_train, n_validation = len(training.train), len(training.validation)
    tell(
        f"{count_parameters(training.config):,} parameters, {n_train} structures to train on, "
        f"{n_validation} to validate with"
    )
    with TrainingDisplay(console) as display, _ctrl_c_stops(display):
        if plan.address is None:
            outcome = train(training, plan.output, display.report)
        else:
            from a2c_ray.cluster.training import train_on_cluster

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


def describe(outcome: Outcome) -> Iterator[str]:
    """What came out, line by line."""
    best, last = outcome.best, outcome.history[-1]
    yield f"{outcome.reason} after {last['step']} steps ({last['epoch']:.4g} epochs)"
    yield (
        f"validation: energy {1000 * best['validation_energy_mae']:.3g} meV/atom, forces "
        f"{1000 * best['validation_forces_mae']:.3g} meV/Å (mean absolute errors, at step "
        f"{best['step']})"
    )
    yield f"potential:  {outcome.potential}"


def prepare(plan: TrainingPlan, console: Console) -> Training:
    """Data and network of a training."""
    structures = gather(plan, console)
    check_labelled(structures)
    if plan.validation:
        trained, held_out = structures, read_data_sets(plan.validation)
    else:
        indices = split_by_composition(structures, plan.validation_share, plan.seed)
        trained, held_out = ([structures[k] for k in some] for some in indices)
    config, parameters, origin = begin(plan, trained)
    check_species(held_out, config.species)
    return Training(
        config=config,
        parameters=parameters,
        train=trained,
        validation=held_out,
        recipe=plan.recipe,
        seed=plan.seed,
        round_steps=plan.round_steps,
        patience=plan.patience,
        provenance={
            "source": origin,
            "training_data": ", ".join(plan.train) or _described(plan.distillation),
        },
    )


def begin(plan: TrainingPlan, structures: list[Labelled]) -> tuple[NequIPConfig, Parameters, str]:
    """The network before its first step, and where it comes from."""
    if plan.start is None:
        return *new_network(plan.architecture, structures, plan.seed), "trained from random weights"
    config, parameters, fingerprint = load_nequip(network_folder(plan.start))
    potential = nequip_potential(plan.start, config, parameters, fingerprint, "float32")
    tried = structures[:: max(1, len(structures) // SMALL)]
    potential.check_elements([z for structure in tried for z in structure.cell.numbers])
    results = potential.evaluate([structure.cell.structure for structure in tried])
    energies = [result.energy for result in results]
    parameters = adjusted_network(config, parameters, tried, energies)
    return config, parameters, f"trained from {plan.start} ({fingerprint})"


def gather(plan: TrainingPlan, console: Console) -> list[Labelled]:
    """The structures to learn from; what a teacher has labelled is kept for the next time."""
    if plan.distillation is None:
        return read_data_sets(plan.train)
    asked = plan.distillation
    results = RunResults.open(asked.lake, asked.run)
    teacher = _teacher(asked, results)
    text = repr((results.run_id, asked.draw, teacher.fingerprint, plan.seed))
    path = plan.output / f"labels-{hashlib.sha256(text.encode()).hexdigest()[:8]}.parquet"

    def tell(text: str) -> None:
        console.print(f"{text} ...", highlight=False, soft_wrap=True)

    if not path.exists():
        write_labels(draw_labelled(results, teacher, asked.draw, plan.seed, tell), path)
    return read_labels(path)  # to the last bit what a resumed training will read


def _teacher(asked: Distillation, results: RunResults) -> Potential:
    from a2c_ray.campaign.planning import ranking_choice

    if asked.teacher is not None:
        return load_potential(asked.teacher)
    return load_potential(*ranking_choice(results.settings))


def _described(asked: Distillation | None) -> str:
    if asked is None:
        raise InputError("no data to train on")
    return f"run {asked.run or 'latest'} of {asked.lake}, labelled by {asked.teacher or 'its own'}"


@contextmanager
def _ctrl_c_stops(display: TrainingDisplay) -> Iterator[None]:
    """Ctrl-C ends after the step under way; a second one ends at once."""

    def handle(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        display.stop()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
