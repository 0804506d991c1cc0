"""Formulas, space groups and numbers as a page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from pymatgen.util.string import unicodeify, unicodeify_spacegroup

from a2c_ray.units import plural_of


@dataclass(frozen=True)
class Fact:
    """A name and a value, both for people."""

    name: str
    value: str


def formula_text(formula: str) -> str:
    """With subscripts: MgF₂."""
    return unicodeify(formula)


def space_group_text(symbol: str) -> str:
    """With subscripts and overlines: P4₂/mnm."""
    return unicodeify_spacegroup(symbol)


def number_text(value: float, digits: int) -> str:
    """With a minus sign instead of a hyphen, and spaces between thousands."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", "\u2212")


def count_text(number: int, noun: str) -> str:
    """Such as "1 glass" and "2 subcells"."""
    return f"{number_text(number, 0)} {noun if number == 1 else plural_of(noun)}"
