"""Every setting of a campaign by its dotted name, and the values it may have.

The defaults, with a comment each, are in `conf/`.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from a2c_ray.compositions import parse_composition
from a2c_ray.errors import InputError
from a2c_ray.units import LEAST_VOLUME

Settings = dict[str, Any]
"""Value of each dotted name, e.g. `settings["melt_quench.t_high"]`."""


LEAST_SECRET = 8
"""Characters; shorter values of variables are in many settings by chance."""

_SECRET = re.compile("PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|(^|_)KEY(_|$)|APIKEY")


class ConfigError(InputError):
    """A setting that cannot be used; the message is one line that says what would be."""


class Rule(NamedTuple):
    """What a setting may be.

    accepts: a test.
    words: the same in words.
    fault: what is wrong with a value that is not accepted; empty if there is no more to say.
    """

    accepts: Callable[[Any], bool]
    words: str
    fault: Callable[[Any], str] = lambda _: ""


def integer(minimum: int) -> Rule:
    """A whole number, at least `minimum`."""
    return Rule(lambda x: _is_int(x) and x >= minimum, f"a whole number of at least {minimum}")


def integer_within(minimum: int, maximum: int) -> Rule:
    """A whole number between two, which are included."""
    return Rule(
        lambda x: _is_int(x) and minimum <= x <= maximum,
        f"a whole number from {minimum} to {maximum}",
    )


def number(minimum: float, unit: str) -> Rule:
    """A finite number, at least `minimum`."""
    return Rule(lambda x: _is_number(x) and x >= minimum, f"a number of at least {minimum:g}{unit}")


def positive(unit: str, maximum: float = math.inf) -> Rule:
    """A finite number above zero, and not above a maximum."""
    most = f" of up to {maximum:g}" if maximum < math.inf else ""
    return Rule(lambda x: _is_number(x) and 0 < x <= maximum, f"a positive number{most}{unit}")


def any_number(unit: str) -> Rule:
    """A finite number."""
    return Rule(lambda x: _is_number(x), f"a number{unit}")


def optional(rule: Rule) -> Rule:
    """What another rule accepts, or null."""
    return Rule(lambda x: x is None or rule.accepts(x), f"{rule.words}, or null")


def one_or_more(rule: Rule) -> Rule:
    """What another rule accepts, or a list of such values, which spans a grid."""
    return Rule(
        lambda x: (
            rule.accepts(x) or (isinstance(x, list) and bool(x) and all(map(rule.accepts, x)))
        ),
        f"{rule.words}, or a list of such",
    )


def choice(*values: Any) -> Rule:
    """One of a few values."""
    return Rule(lambda x: x in values, "one of " + ", ".join(str(v) for v in values))


TEXT = Rule(lambda x: isinstance(x, str) and x.strip() != "", "a text")
NAME = Rule(
    lambda x: TEXT.accepts(x) and x.isprintable() and not {"/", "\\"} & set(x) and len(x) <= 100,
    "a name of at most 100 printable characters, without slashes: it becomes that of a folder",
)
DISPERSION = Rule(
    lambda x: isinstance(x, bool) or x == "zero",
    "true (damping of Becke and Johnson), zero (zero damping) or false",
)
FLAG = Rule(lambda x: isinstance(x, bool), "true or false")
THREE_STAGES = Rule(
    lambda x: (
        isinstance(x, list) and len(x) == 3 and all(_is_int(n) and n >= 0 for n in x) and sum(x) > 0
    ),
    "three whole numbers of steps: melt, quench, equilibrate",
)
FORMULA = Rule(
    lambda x: isinstance(x, str) and not _fault_of_formula(x),
    "a chemical formula, e.g. TiO2, of more than rare gases",
    lambda x: _fault_of_formula(x) if isinstance(x, str) else "",
)
PRODUCTS = Rule(
    lambda x: isinstance(x, list) and all(isinstance(p, dict) and "name" in p for p in x),
    "a list of {name, space_group}",
)

AMOUNTS = Rule(
    lambda x: isinstance(x, dict) and all(_is_number(n) and n > 0 for n in x.values()),
    "names of Ray resources with an amount each, e.g. {highmem: 1}",
)

FACTORY = Rule(lambda x: isinstance(x, str) and all(x.partition(":")), "module:function")
ARGUMENTS = Rule(
    lambda x: (
        isinstance(x, dict) and all(isinstance(v, str | int | float | bool) for v in x.values())
    ),
    "names of arguments with a value each, e.g. {asap_cutoff: true}",
)

AUTO = "auto"
"""A cascade whose cheap potential the run trains itself."""

PAIR = Rule(
    lambda x: x == AUTO or (isinstance(x, list) and len(x) == 2 and all(map(TEXT.accepts, x))),
    "two potentials, the cheap one first, e.g. [student,sevennet-0], or auto",
)
SHARE = Rule(lambda x: _is_number(x) and 0.5 <= x < 1, "a number from 0.5 to below 1")

RULES: dict[str, Rule] = {
    "seed": integer(0),
    "preset": TEXT,
    "system.name": NAME,
    "system.formula": FORMULA,
    "system.t_high": optional(one_or_more(positive(" (K)"))),
    "system.t_low": positive(" (K)"),
    "system.volume_per_atom": optional(one_or_more(number(LEAST_VOLUME, " Å³"))),
    "system.density": optional(one_or_more(positive(" (g/cm³)"))),
    "system.n_max": integer(1),
    "system.n_grid": integer(1),
    "system.stoichiometry": FLAG,
    "system.replicas": integer(1),
    "system.glasses": optional(integer(0)),
    "system.products": PRODUCTS,
    "potential.name": TEXT,
    "potential.dtype": choice("float32", "float64"),
    "potential.factory": optional(FACTORY),
    "potential.arguments": ARGUMENTS,
    "potential.zbl": FLAG,
    "potential.d3": DISPERSION,
    "lake.path": TEXT,
    "melt_quench.n_atoms": integer(1),
    "melt_quench.t_high": optional(one_or_more(positive(" (K)"))),
    "melt_quench.t_low": positive(" (K)"),
    "melt_quench.density": optional(one_or_more(positive(" (g/cm³)"))),
    "melt_quench.volume_per_atom": optional(one_or_more(number(LEAST_VOLUME, " Å³"))),
    "melt_quench.max_conditions": optional(integer(1)),
    "melt_quench.steps": THREE_STAGES,
    "melt_quench.timestep_fs": positive(" (fs)"),
    "melt_quench.thermostat_steps": integer(1),
    "melt_quench.settle_steps": integer(0),
    "melt_quench.ensemble": choice("nvt", "npt"),
    "melt_quench.relax_steps": integer(0),
    "melt_quench.replicas": integer(1),
    "melt_quench.independent": FLAG,
    "crystallize.n_grid": integer_within(1, 50),
    "crystallize.max_atoms": integer(1),
    "crystallize.stoichiometry": FLAG,
    "crystallize.min_distance": number(0, " (Å)"),
    "crystallize.glasses": optional(integer(0)),
    "crystallize.max_subcells": optional(integer(1)),
    "crystallize.optimizer": choice("lbfgs", "fire"),
    "crystallize.max_steps": integer(1),
    "crystallize.force_tol": positive(" (eV/Å)"),
    "crystallize.stress_tol": positive(" (eV/Å³)"),
    "crystallize.pressure": any_number(" (GPa)"),
    "crystallize.max_shapes": integer(1),
    "crystallize.cascade": optional(PAIR),
    "crystallize.cascade_window": number(0, " (eV/atom)"),
    "crystallize.cascade_products": integer(1),
    "crystallize.cascade_confidence": SHARE,
    "crystallize.cascade_least_pool": integer(1),
    "crystallize.cascade_least_work": number(0, " (atoms times steps)"),
    "crystallize.cascade_control": optional(integer(1)),
    "crystallize.cascade_training": integer(1),
    "crystallize.cascade_rounds": integer(1),
    "crystallize.cascade_steps": optional(integer(1)),
    "crystallize.hopeless": optional(number(0, " (eV/atom)")),
    "rank.window": number(0, " (eV/atom)"),
    "rank.max_products": integer(1),
    "cluster.address": optional(TEXT),
    "cluster.actors": optional(integer(1)),
    "cluster.cpus": integer(1),
    "cluster.gpus": optional(number(0, "")),
    "cluster.resources": AMOUNTS,
    "cluster.cpu_actors": optional(integer(0)),
    "cluster.unit_s": positive(" (s)"),
    "cluster.write_s": number(0, " (s)"),
    "cluster.unit_replicas": optional(integer(1)),
    "cluster.patience_s": optional(positive(" (s)")),
    "cluster.kernels": choice("auto", "xla", "numba", "e3j"),
    "cluster.dashboard": FLAG,
}


class Schema(NamedTuple):
    """The settings of one command.

    config: name of the file in `conf/` that composition begins with.
    rules: of each setting.
    groups: folders of `conf/` from which one file each is taken.
    """

    config: str
    rules: Mapping[str, Rule]
    groups: tuple[str, ...]


CAMPAIGN = Schema("config", RULES, ("system", "potential", "preset", "cluster"))

SIZED = ("melt_quench", "system")
"""Sections that may give a volume or density; the first that does is followed."""


def check_values(settings: Settings, schema: Schema) -> None:
    """Refuse settings that are unknown, missing or out of range, or that would give away a secret.

    Raises:
        ConfigError: names the setting, the value and what would be accepted.
    """
    rules, secrets = schema.rules, _secrets()
    for name, value in settings.items():
        if name not in rules:
            raise unknown_key(name, schema)
        for variable, secret in secrets.items():
            if secret in str(value):
                raise ConfigError(
                    f"{name} holds what the environment variable {variable} does: settings are "
                    "recorded in the lake, and shown"
                )
        if not rules[name].accepts(value):
            fault = rules[name].fault(value)
            reason = f" ({fault})" if fault else ""
            raise ConfigError(f"{name}={_shown(value)}: expected {rules[name].words}{reason}")
    missing = [name for name in rules if name not in settings]
    if missing:
        raise ConfigError(f"no value for {missing[0]}: expected {rules[missing[0]].words}")


def check_settings(settings: Settings) -> None:
    """Refuse settings of a campaign that are unknown, out of range or at odds.

    Raises:
        ConfigError: names the setting, the value and what would be accepted.
    """
    check_values(settings, CAMPAIGN)
    for section in SIZED:
        volume = settings[f"{section}.volume_per_atom"]
        density = settings[f"{section}.density"]
        if volume is not None and density is not None:
            raise ConfigError(
                f"{section}.volume_per_atom={_shown(volume)} and {section}.density="
                f"{_shown(density)}: give one of the two"
            )
    t_low, t_high = settings["melt_quench.t_low"], settings["melt_quench.t_high"]
    hottest = t_high if isinstance(t_high, list) else [t_high]
    if any(t is not None and t < t_low for t in hottest):
        raise ConfigError(
            f"melt_quench.t_low={_shown(t_low)} is above melt_quench.t_high={_shown(t_high)}: "
            "a quench does not heat"
        )


def unknown_key(name: str, schema: Schema) -> ConfigError:
    """The error for a name that is neither a setting nor a group.

    It tells the closest name that is, or all of the same section, or else the sections.
    """
    known = [*schema.rules, *schema.groups]
    close = difflib.get_close_matches(name, known, n=1)
    section = name.split(".")[0]
    within = [rule for rule in schema.rules if rule.startswith(f"{section}.")]
    sections = sorted({rule.split(".")[0] for rule in schema.rules})
    hint = (
        f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(within or sections)}"
    )
    return ConfigError(f"unknown config key {name!r}; {hint}")


def _secrets() -> dict[str, str]:
    """Environment variables that are secret by their names."""
    return {
        name: value
        for name, value in os.environ.items()
        if len(value) >= LEAST_SECRET and _SECRET.search(name)
    }


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _fault_of_formula(text: str) -> str:
    try:
        parse_composition(text)
    except ValueError as error:
        return str(error)
    return ""


def _shown(value: Any) -> str:
    text = "null" if value is None else str(value)
    return text if text.isprintable() else repr(text)
