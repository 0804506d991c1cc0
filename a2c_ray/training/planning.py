"""From settings to the plan of a training."""

from __future__ import annotations

from pathlib import Path

from ase.data import atomic_numbers

from a2c_ray.config.settings import ConfigError, Settings
from a2c_ray.config.training_settings import ALL_ELEMENTS
from a2c_ray.training.fitting import Recipe
from a2c_ray.training.loss import LossWeights
from a2c_ray.training.networks import Architecture
from a2c_ray.training.plan import Distillation, Draw, TrainingPlan

HEAVIEST = 94
"""Of all elements: those that the paper's potential knows."""


def plan_training(settings: Settings) -> TrainingPlan:
    """What a training has to do.

    Args:
        settings: checked.

    Raises:
        ConfigError: there is nothing to learn from, or two things.
    """
    distilled = "distill.lake" in settings
    if distilled == (settings["data.train"] is not None):
        raise ConfigError("give one of data.train=FILE and +distill=run to learn from")
    return TrainingPlan(
        output=Path(settings["output"]),
        seed=settings["seed"],
        train=_paths(settings["data.train"]),
        validation=_paths(settings["data.validation"]),
        validation_share=settings["data.validation_share"],
        distillation=_distillation(settings) if distilled else None,
        start=settings["network.start"],
        architecture=_architecture(settings),
        recipe=Recipe(
            epochs=settings["optimizer.epochs"],
            batch_size=settings["optimizer.batch_size"],
            learning_rate=settings["optimizer.learning_rate"],
            weights=LossWeights(
                energy=settings["loss.energy"],
                forces=settings["loss.forces"],
                stress=settings["loss.stress"],
                delta=settings["loss.delta"],
            ),
            averaging=settings["optimizer.averaging"],
            max_gradient_norm=settings["optimizer.max_gradient_norm"],
        ),
        round_steps=settings["rounds.steps"],
        patience=settings["rounds.patience"],
        address=settings["cluster.address"],
        cpus=settings["cluster.cpus"],
        gpus=settings["cluster.gpus"],
    )


def _architecture(settings: Settings) -> Architecture:
    return Architecture(
        species=_species(settings["network.elements"]),
        layers=settings["network.layers"],
        irreps=settings["network.irreps"],
        l_max=settings["network.l_max"],
        cutoff=settings["network.cutoff"],
        n_basis=settings["network.n_basis"],
        radial_hidden=tuple(settings["network.radial_hidden"]),
        envelope_power=settings["network.envelope_power"],
        readout_hidden=settings["network.readout_hidden"],
        self_connection=settings["network.self_connection"],
    )


def _species(elements: str | list[str] | None) -> tuple[int, ...] | None:
    if elements is None:
        return None
    if elements == ALL_ELEMENTS:
        return tuple(range(1, HEAVIEST + 1))
    return tuple(sorted({atomic_numbers[symbol] for symbol in elements}))


def _distillation(settings: Settings) -> Distillation:
    amounts = {name: settings[f"distill.{name}"] for name in Draw.__dataclass_fields__}
    return Distillation(
        lake=settings["distill.lake"],
        run=settings["distill.run"],
        teacher=settings["distill.teacher"],
        draw=Draw(**amounts),
    )


def _paths(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)
