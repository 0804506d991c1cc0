"""Every setting of a training by its dotted name, and the values it may have.

The defaults, with a comment each, are in `conf/train.yaml`, `conf/train/` and `conf/distill/`.
"""

from __future__ import annotations

from ase.data import atomic_numbers

from a2c_ray.config.settings import (
    TEXT,
    Rule,
    Schema,
    choice,
    integer,
    integer_within,
    number,
    one_or_more,
    optional,
    positive,
)

MOST_DEGREE, MOST_CUTOFF = 12, 20.0
"""Of spherical harmonics, and Å, as in `potentials/nequip/network.py`."""

ALL_ELEMENTS = "all"
"""Stands for the elements 1 to 94."""

ELEMENTS = Rule(
    lambda x: (
        x == ALL_ELEMENTS
        or (isinstance(x, list) and bool(x) and all(_is_symbol(symbol) for symbol in x))
    ),
    "symbols of elements, e.g. [Mg,F], or all",
)
SHARE = Rule(
    lambda x: isinstance(x, int | float) and 0 < x < 1, "a number between 0 and 1, both excluded"
)
WIDTHS = Rule(
    lambda x: isinstance(x, list) and bool(x) and all(integer(1).accepts(n) for n in x),
    "a list of whole numbers of at least 1, e.g. [64,64]",
)

TRAINING_RULES: dict[str, Rule] = {
    "output": TEXT,
    "seed": integer(0),
    "data.train": optional(one_or_more(TEXT)),
    "data.validation": optional(one_or_more(TEXT)),
    "data.validation_share": SHARE,
    "network.start": optional(TEXT),
    "network.elements": optional(ELEMENTS),
    "network.layers": integer(1),
    "network.irreps": TEXT,
    "network.l_max": integer_within(0, MOST_DEGREE),
    "network.cutoff": positive(" (Å)", MOST_CUTOFF),
    "network.n_basis": integer(1),
    "network.radial_hidden": WIDTHS,
    "network.envelope_power": integer(2),
    "network.readout_hidden": integer(1),
    "network.self_connection": choice("species", "linear"),
    "loss.energy": number(0, ""),
    "loss.forces": number(0, ""),
    "loss.stress": number(0, ""),
    "loss.delta": positive(""),
    "optimizer.epochs": integer(1),
    "optimizer.batch_size": integer(1),
    "optimizer.learning_rate": positive(""),
    "optimizer.averaging": Rule(
        lambda x: isinstance(x, int | float) and 0 <= x < 1, "a number from 0 to below 1"
    ),
    "optimizer.max_gradient_norm": optional(positive("")),
    "rounds.steps": integer(1),
    "rounds.patience": optional(integer(1)),
    "cluster.address": optional(TEXT),
    "cluster.cpus": integer(1),
    "cluster.gpus": number(0, ""),
}

DISTILLATION_RULES: dict[str, Rule] = {
    "distill.lake": TEXT,
    "distill.run": optional(TEXT),
    "distill.teacher": optional(TEXT),
    "distill.glasses": integer(0),
    "distill.snapshots": integer(0),
    "distill.relaxed": integer(0),
    "distill.trajectories": integer(0),
    "distill.frames": integer(2),
    "distill.max_steps": integer(1),
}

GROUPS = ("train", "distill")

TRAINING = Schema("train", TRAINING_RULES, GROUPS)
DISTILLATION = Schema("train", TRAINING_RULES | DISTILLATION_RULES, GROUPS)


def training_schema(overrides: list[str]) -> Schema:
    """The settings there are, which depends on whether there is a teacher."""
    distilled = any(text.startswith(("+distill=", "distill=")) for text in overrides)
    return DISTILLATION if distilled else TRAINING


def _is_symbol(text: object) -> bool:
    return text in atomic_numbers and text != "X"
