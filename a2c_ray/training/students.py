"""How the student of a run is trained: a small network that knows all that the run will meet."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.training.batches import MAX_STRATA
from a2c_ray.training.fitting import Recipe
from a2c_ray.training.labelled import DataError, Labelled
from a2c_ray.training.loss import LossWeights
from a2c_ray.training.networks import Architecture, Parameters, new_network
from a2c_ray.training.session import Training

ARCHITECTURE = Architecture(
    species=None,
    layers=2,
    irreps="32x0e+16x1e+8x2e",
    l_max=2,
    cutoff=4.5,
    n_basis=8,
    radial_hidden=(32, 8),
    envelope_power=6,
    readout_hidden=16,
    self_connection="linear",
)
"""Of a dense composition. What was tried is in `tests/benchmarks/README.md`."""

NEIGHBORS = 20
"""That an atom has at least, on average, as far as `CUTOFFS` allow: dilute compositions have long
bonds."""

CUTOFFS = (ARCHITECTURE.cutoff, 6.0)
"""Å; the shortest and the longest."""

BATCH_SIZE = 16

HELD_OUT = 0.1
"""Of the ways that structures lie on, by which the student's weights are chosen."""

FEWEST = 20
"""Structures that a student can be trained on."""

FEWEST_STEPS, MOST_STEPS, ATOMS_PER_STEP = 2_000, 4_000, 50
"""Gradient steps of the last round: of TiO2 and GeTe the errors in minima of the teacher fall by a
tenth to a third between 2,000 and 4,000."""

EXPLORING = 0.3
"""Of them, those of a round whose student only finds out where it leads itself."""

LONG = 500
"""Gradient steps from which it pays to compile for cells of several sizes."""

ROUND_STEPS, ROUND_EPOCHS = 200, 5
"""Gradient steps between two validations, each of which leaves a checkpoint, and epochs at most."""

FIRST_RATE, LATER_RATE = 1e-2, 5e-3
"""Learning rates of a new network, and of one that has learnt before."""


def steps_for(n_atoms: int, is_last: bool) -> int:
    """Gradient steps of a round that are worth their time.

    Args:
        n_atoms: of all subcells that are to be screened.
        is_last: whether they are screened by what comes of it; others only explore.
    """
    steps = min(MOST_STEPS, max(FEWEST_STEPS, n_atoms // ATOMS_PER_STEP))
    return steps if is_last else round(EXPLORING * steps)


def student_training(
    structures: Sequence[Labelled],
    n_steps: int,
    seed: int,
    provenance: dict[str, str],
    start: tuple[NequIPConfig, Parameters] | None = None,
) -> Training:
    """Data, network and recipe.

    Args:
        structures: to learn from; some of them are held out, whole ways at a time.
        n_steps: gradient steps, about.
        seed: of weights, order and split.
        provenance: kept with the student.
        start: a student that goes on learning; None for a new one.

    Raises:
        DataError: there are too few structures.
    """
    if len(structures) < FEWEST:
        raise DataError(f"{len(structures)} structures are too few for a student ({FEWEST})")
    trained, held_out = split_by_way(structures, HELD_OUT, seed)
    config, parameters = start or new_network(architecture_for(trained), trained, seed)
    per_epoch = math.ceil(len(trained) / BATCH_SIZE)
    recipe = Recipe(
        epochs=max(1, round(n_steps / per_epoch)),
        batch_size=BATCH_SIZE,
        learning_rate=LATER_RATE if start else FIRST_RATE,
        weights=LossWeights(stress=1.0),
        averaging=0.99,
        max_gradient_norm=1.0,
    )
    return Training(
        config=config,
        parameters=parameters,
        train=trained,
        validation=held_out,
        recipe=recipe,
        seed=seed,
        round_steps=ROUND_STEPS,
        patience=None,
        provenance=provenance,
        max_strata=MAX_STRATA if n_steps >= LONG else 1,
        round_epochs=ROUND_EPOCHS,
    )


def architecture_for(structures: Sequence[Labelled]) -> Architecture:
    """A network whose atoms see enough neighbours in dilute structures, too."""
    volumes = [s.cell.volume / len(s.cell.numbers) for s in structures]
    radius = math.cbrt(NEIGHBORS * float(np.median(volumes)) * 3 / (4 * math.pi))
    shortest, longest = CUTOFFS
    return replace(ARCHITECTURE, cutoff=round(min(max(radius, shortest), longest), 1))


def way_of(structure: Labelled) -> str:
    """On which relaxation or trajectory a structure lies: its source up to the step."""
    return structure.source.rpartition(" step ")[0] or structure.source


def split_by_way(
    structures: Sequence[Labelled], share: float, seed: int
) -> tuple[list[Labelled], list[Labelled]]:
    """Hold out whole ways, at random; every composition, and so every element, stays in training.

    Args:
        structures: all.
        share: of the ways.
        seed: of the draw.

    Returns:
        What is trained on, and what is held out, of which there is at least one way.

    Raises:
        DataError: no way can be held out.
    """
    ways: dict[str, list[Labelled]] = defaultdict(list)
    for structure in structures:
        ways[way_of(structure)].append(structure)
    left: dict[object, int] = defaultdict(int)
    for members in ways.values():
        left[members[0].composition] += 1
    names = sorted(ways)
    wanted = max(1, round(share * len(ways)))
    held_out: set[str] = set()
    for k in np.random.default_rng(seed).permutation(len(names)):
        composition = ways[names[k]][0].composition
        if len(held_out) < wanted and left[composition] > 1:
            left[composition] -= 1
            held_out.add(names[k])
    if not held_out:
        raise DataError(f"none of {len(ways)} ways can be held out: each has its own composition")
    return (
        [s for name in names if name not in held_out for s in ways[name]],
        [s for name in names if name in held_out for s in ways[name]],
    )
