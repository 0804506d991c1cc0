"""Whether the sites of a CIF block are all its atoms, and what they are called.

Hydrogens may be stated without positions, and where sites have labels only, CO1 may be carbon or
cobalt: pymatgen takes it for cobalt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pymatgen.core import Element

HYDROGEN = {"D": "H", "T": "H"}
"""Isotopes, which a label or a formula may name."""

WITH_HYDROGEN = re.compile(r"[Ww]at\w*|OH\d*")
"""Labels of water and hydroxide ions that have one position."""


def check_sites(data: Mapping[str, Any], elements: Iterable[str]) -> None:
    """Check that a block's sites are what its formula, or their labels, say.

    Args:
        data: of the block, by lower-case tags.
        elements: of the atoms that were read.

    Raises:
        ValueError: something is missing, or may be another element.
    """
    there, stated = set(elements), _elements(str(data.get("_chemical_formula_sum", "")))
    labels = _column(data, "_atom_site_label")
    attached = any(map(_number, _column(data, "_atom_site_attached_hydrogens")))
    if attached or ("H" not in there and any(map(WITH_HYDROGEN.fullmatch, labels))):
        raise ValueError("hydrogen atoms that have no positions")
    if stated and stated != there:
        raise ValueError(f"sites of {_listed(there)}, but a formula of {_listed(stated)}")
    if stated or _column(data, "_atom_site_type_symbol"):
        return
    for label in labels:
        if choices := _readings(label):
            raise ValueError(
                f"site {label!r} may be {choices}: give _atom_site_type_symbol, or the formula"
            )


def _readings(label: str) -> str:
    """The elements that a label may stand for, in words; "" if one only."""
    letters = re.match(r"[A-Za-z]*", label)
    first, second = (letters[0] if letters else "")[:1], (letters[0] if letters else "")[1:2]
    both = first + second.lower()
    if second.isupper() and Element.is_valid_symbol(both) and Element.is_valid_symbol(first):
        return f"{both} or {first}"
    if first == "T" and (both == "T" or not Element.is_valid_symbol(both)):
        return "tritium or any tetrahedral site"
    return ""


def _elements(formula: str) -> set[str]:
    """Of a formula in which they are apart; none if it cannot be read."""
    words = [re.fullmatch(r"([A-Z][a-z]?)[\d.()]*", word) for word in formula.split()]
    symbols = {word[1] for word in words if word}
    if not all(words) or not all(map(Element.is_valid_symbol, symbols)):
        return set()
    return {HYDROGEN.get(symbol, symbol) for symbol in symbols}


def _column(data: Mapping[str, Any], tag: str) -> list[str]:
    """Values of a loop, or the one value."""
    values = data.get(tag, [])
    return [str(value) for value in ([values] if isinstance(values, str) else values)]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _listed(symbols: set[str]) -> str:
    return ", ".join(sorted(symbols))
