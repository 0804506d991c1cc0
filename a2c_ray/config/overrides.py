"""Overrides of settings, as they are written on a command line."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, OverrideParseException

from a2c_ray.compositions import SUBSCRIPTS
from a2c_ray.config.settings import CAMPAIGN, ConfigError, Schema, unknown_key

OPEN_ENDED = ("hydra.", "hydra/", "cluster.resources.", "potential.arguments.")
"""Beginnings of names that are not ours to know."""

BRACKETS = (("[", "]"), ("(", ")"), ("{", "}"))

_OF_FORMULA = "system.formula="

_NUMBERS = re.compile(r"(?<=[=,(\[ ])(inf|nan)(?=[,)\] ]|$)", re.IGNORECASE)
"""Compounds of indium and of sodium among the values of an override."""


def with_formulas(overrides: list[str]) -> list[str]:
    """Overrides whose formulas are texts to Hydra: InF would be infinity, and SiO₂ unreadable."""
    return [
        _NUMBERS.sub(r'"\1"', text.translate(SUBSCRIPTS)) if text.startswith(_OF_FORMULA) else text
        for text in overrides
    ]


def with_own_system(overrides: list[str]) -> list[str]:
    """`system=custom` is meant where a formula is given and no system."""
    keys = [override.partition("=")[0] for override in overrides]
    if "system.formula" in keys and "system" not in keys:
        return ["system=custom", *overrides]
    return overrides


def check_overrides(overrides: list[str], schema: Schema) -> None:
    """Refuse, before Hydra does at length, what is no override or names no setting.

    Raises:
        ConfigError: in one line, what is wrong and what would be accepted.
    """
    for text in overrides:
        override = parse_override(text)
        name = override.key_or_group
        rules = schema.rules
        known = name in rules or name in schema.groups or name.startswith(OPEN_ENDED)
        if not known and not any(rule.startswith(f"{name}.") for rule in rules):
            raise unknown_key(name, schema)
        if override.is_sweep_override():
            listed = _as_list(text, schema)
            hint = f"; or write a list: {listed}" if listed else ""
            needed = "which needs -m" if schema is CAMPAIGN else "which only `a2c run` takes"
            raise ConfigError(f"{text}: a sweep, {needed}{hint}")


def _as_list(sweep: str, schema: Schema) -> str:
    """The values of a sweep as a list; empty if the setting takes none."""
    key, _, values = sweep.partition("=")
    with suppress(HydraException):
        override = OverridesParser.create().parse_overrides([f"{key}=[{values}]"])[0]
        rule = schema.rules.get(override.key_or_group)
        if rule is not None and rule.accepts(override.value()):
            return f"{key}=[{values}]"
    return ""


def parse_override(text: str) -> Override:
    """One override in Hydra's grammar.

    Raises:
        ConfigError: it is none.
    """
    try:
        return OverridesParser.create().parse_overrides([text])[0]
    except OverrideParseException as error:
        key, equals, value = text.partition("=")
        if key.startswith("-"):
            plain = text.lstrip("-")
            raise ConfigError(f"cannot read {text!r}: settings have no dashes: {plain}") from error
        for left, right in BRACKETS:
            if value.count(left) != value.count(right):
                raise ConfigError(
                    f"cannot read {text!r}: its {left} and {right} do not match in number; "
                    "what has blanks needs quotes"
                ) from error
        if equals and key:
            quoted = shlex.quote(f'{key}="{value}"')
            raise ConfigError(
                f"cannot read {text!r}: a value with parentheses, brackets or = needs quotes of "
                f"its own: {quoted}"
            ) from error
        raise ConfigError(f"cannot read {text!r}: expected key=value") from error
