"""Data and network of a training, before its first step."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from a2c_ray.errors import InputError
from a2c_ray.potentials.loading import network_folder
from a2c_ray.potentials.nequip.energy import nequip_potential
from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.storage import load_nequip
from a2c_ray.training.labelled import Labelled, check_labelled
from a2c_ray.training.networks import (
    Parameters,
    adjusted_network,
    check_species,
    new_network,
)
from a2c_ray.training.plan import Distillation, TrainingPlan
from a2c_ray.training.readers import read_data_sets
from a2c_ray.training.session import Training
from a2c_ray.training.splitting import split_by_composition

SMALL = 100
"""Structures with which a network that is trained further is tried before, at least, if there are
so many."""

FOR_EACH_ELEMENT = 4
"""As many for each element in any case: each has a reference energy of its own."""

INDEPENDENT = 1e-3
"""Of a composition of length 1, what others do not combine to, at least."""

Composition = tuple[tuple[int, int], ...]
"""Atomic numbers and reduced counts."""


def prepare(plan: TrainingPlan, structures: list[Labelled]) -> Training:
    """Data and network of a training.

    Args:
        plan: what to do.
        structures: to learn from; a share of them is held out if the plan names no others.

    Raises:
        DataError: a structure cannot be trained on, or there are too few.
    """
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
    tried = representative(structures)
    potential.check_elements([z for structure in tried for z in structure.cell.numbers])
    results = potential.evaluate([structure.cell.structure for structure in tried])
    energies = [result.energy for result in results]
    parameters = adjusted_network(config, parameters, tried, energies)
    return config, parameters, f"trained from {plan.start} ({fingerprint})"


def representative(structures: Sequence[Labelled]) -> list[Labelled]:
    """Some structures of each composition in turn, and enough to tell every element's energy.

    The compositions chosen have as many independent ones among them as there are.
    """
    groups: dict[Composition, deque[Labelled]] = {}
    for structure in structures:
        groups.setdefault(structure.composition, deque()).append(structure)
    elements = {z for composition in groups for z, _ in composition}
    most = min(len(structures), max(SMALL, FOR_EACH_ELEMENT * len(elements)))
    chosen: list[Labelled] = []
    while len(chosen) < most:
        for group in groups.values():
            if group and len(chosen) < most:
                chosen.append(group.popleft())
    known = dict.fromkeys(structure.composition for structure in chosen)
    further = [one for one in _independent([*known, *groups]) if one not in known]
    return chosen + [groups[composition][0] for composition in further]


def _independent(compositions: Sequence[Composition]) -> Iterator[Composition]:
    """Compositions that are no combinations of those before."""
    elements = sorted({z for composition in compositions for z, _ in composition})
    axes = np.zeros((0, len(elements)))  # an orthonormal basis of the compositions so far
    for composition in compositions:
        if len(axes) == len(elements):
            return
        counts = dict(composition)
        row = np.array([counts.get(z, 0) for z in elements], float)
        row /= np.linalg.norm(row)
        row -= axes.T @ (axes @ row)
        if np.linalg.norm(row) > INDEPENDENT:
            row -= axes.T @ (axes @ row)  # twice, for rounding
            axes = np.vstack([axes, row / np.linalg.norm(row)])
            yield composition


def _described(asked: Distillation | None) -> str:
    if asked is None:
        raise InputError("no data to train on")
    return f"run {asked.run or 'latest'} of {asked.lake}, labelled by {asked.teacher or 'its own'}"
