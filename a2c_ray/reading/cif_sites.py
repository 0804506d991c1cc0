"""Whether the sites of a CIF block are all its atoms, and what they are called.

Hydrogens may be stated without positions, and where sites have labels only, CO1 may be carbon or
cobalt: pymatgen takes it for cobalt. It takes vacancies (Va) for vanadium, leaves out sites whose
occupancy is not stated, and puts those without coordinates at the origin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pymatgen.core import Element
from pymatgen.io.cif import CifBlock, str2float

from a2c_ray.units import counted

SITE = "_atom_site_"
LABEL, TYPE, OCCUPANCY = f"{SITE}label", f"{SITE}type_symbol", f"{SITE}occupancy"
FRACTIONS = tuple(f"{SITE}fract_{x}" for x in "xyz")
CELL = (
    *(f"_cell_length_{x}" for x in "abc"),
    *(f"_cell_angle_{x}" for x in ("alpha", "beta", "gamma")),
)
ORIGIN = f"{SITE}calc_flag"
FORMULA, UNITS = "_chemical_formula_sum", "_cell_formula_units_z"

UNSTATED = ("?", ".")
"""Values that say nothing."""

DUMMY = "dum"
"""Origin of a site that is no atom."""

HYDROGEN = {"D": "H", "T": "H"}
"""Isotopes, which a label or a formula may name."""

WITH_HYDROGEN = re.compile(r"[Ww]at\w*|OH\d*")
"""Labels of water and hydroxide ions that have one position."""

ION = re.compile(r"([A-Za-z][a-z]?)[\d.]*[+-]?[\d.]*|([A-Z]{2})(\d?[+-]\d?)?")
"""Type symbols of an element, and its charge if any."""

OTHER_TYPES = {"Cval", "Siv", "Sival", "OW", "HW", "Ow", "Hw"}
"""Of scattering factors, and of water."""

NO_ELEMENTS = {"T", "RE"}
"""Type symbols of tetrahedral sites and of rare earths."""

LAST = 99
"""Atomic number of the last element of which there are crystals: NH4 is not nihonium."""

OPEN_LABELS = {
    **dict.fromkeys(("RE", "REE"), "Re or any rare earth"),
    **dict.fromkeys(("Va", "Vac", "VAC"), "V or a vacancy"),
}
"""What labels of these letters may stand for."""

ROUNDING = 0.5
"""Atoms of a cell by which a formula may be wrong."""


def check_numbers(block: CifBlock) -> None:
    """Check that what must be numbers are numbers.

    Raises:
        ValueError: names the first that is not.
    """
    for tag in (*CELL, *FRACTIONS, OCCUPANCY):
        unstated = () if tag in CELL else UNSTATED
        for value in _column(block.data, tag):
            if value not in unstated and not _is_number(value):
                raise ValueError(f"{tag} is {value!r}, which is no number")


def complete_sites(block: CifBlock) -> Iterator[str]:
    """Leave out sites that are no atoms, and write what goes without saying; yields remarks.

    Args:
        block: to be changed; its sites are columns afterwards, even of one that is in no loop.
    """
    data = block.data
    in_loop = next((loop for loop in block.loops if LABEL in loop), None)
    tags = in_loop or [t for t, v in data.items() if t.startswith(SITE) and isinstance(v, str)]
    for tag in tags:
        data[tag] = _column(data, tag)
    if ORIGIN in tags and DUMMY in data[ORIGIN]:
        atoms = [k for k, origin in enumerate(data[ORIGIN]) if origin != DUMMY]
        yield f"left out {counted(len(data[ORIGIN]) - len(atoms), 'dummy site')}"
        data |= {tag: [data[tag][k] for k in atoms] for tag in tags}
    if OCCUPANCY in tags:
        data[OCCUPANCY] = ["1" if share in UNSTATED else share for share in data[OCCUPANCY]]
        if empty := sum(str2float(share) == 0 for share in data[OCCUPANCY]):
            yield f"left out {counted(empty, 'site')} of occupancy 0"


def check_written(data: Mapping[str, Any]) -> None:
    """Check that sites are of elements, and have positions.

    Args:
        data: of the block, by lower-case tags.

    Raises:
        ValueError: one is not, or an occupancy is no share.
    """
    labels, types = _column(data, LABEL), _column(data, TYPE)
    for label, share in zip(labels, _column(data, OCCUPANCY), strict=False):
        if not str2float(share) >= 0:
            raise ValueError(f"site {label!r} has an occupancy of {share}")
    for tag in FRACTIONS:
        for label, value in zip(labels, _column(data, tag), strict=False):
            if value in UNSTATED:
                raise ValueError(f"site {label!r} has no position: {tag} is {value!r}")
    for label, symbol in zip(labels, types, strict=False):
        if not _is_ion(symbol):
            raise ValueError(f"site {label!r} is of type {symbol!r}, which is no element")
    for label in [] if types else labels:
        if not label[:1].isalpha() or label.startswith("OH"):  # which pymatgen leaves out
            raise ValueError(f"site {label!r} does not name one element: give {TYPE}")


def check_sites(data: Mapping[str, Any], elements: Iterable[str]) -> None:
    """Check that a block's sites are what its formula, or their labels, say.

    Args:
        data: of the block, by lower-case tags.
        elements: of the atoms that were read.

    Raises:
        ValueError: something is missing, or may be another element.
    """
    there, stated = set(elements), set(_counts(str(data.get(FORMULA, ""))))
    labels = _column(data, LABEL)
    attached = any(map(_number, _column(data, "_atom_site_attached_hydrogens")))
    if attached or ("H" not in there and any(map(WITH_HYDROGEN.fullmatch, labels))):
        raise ValueError("hydrogen atoms that have no positions")
    if stated and stated != there:
        raise ValueError(f"sites of {_listed(there)}, but a formula of {_listed(stated)}")
    if stated or _column(data, TYPE):
        return
    for label in labels:
        if choices := _readings(label):
            raise ValueError(f"site {label!r} may be {choices}: give {TYPE}, or the formula")


def unlike_formula(data: Mapping[str, Any], symbols: Iterable[str]) -> Iterator[str]:
    """A remark where the atoms of a cell are not as many as its formula says.

    Args:
        data: of the block, by lower-case tags.
        symbols: of all atoms.
    """
    formula, z = str(data.get(FORMULA, "")), str(data.get(UNITS, ""))
    there, stated, n_units = Counter(symbols), _counts(formula), _number(z)
    if not stated or not n_units:
        return
    is_of_cell = not any(count % n_units for count in stated.values())  # as pymatgen writes it
    unlike = [_differences(there, stated, n) for n in ((n_units, 1) if is_of_cell else (n_units,))]
    if all(unlike):
        yield f"{unlike[0]}, by the formula '{formula}' and Z = {z}: are sites missing?"


def _differences(there: Mapping[str, int], formula: Mapping[str, float], n_units: int) -> str:
    """Elements of which there are more or fewer atoms than some formula units hold, in words."""
    expected = {symbol: n_units * count for symbol, count in formula.items()}
    unlike = [s for s in expected if abs(expected[s] - there[s]) > ROUNDING]
    return ", ".join(f"{there[s]} {s} instead of {expected[s]:g}" for s in unlike)


def _is_ion(symbol: str) -> bool:
    """Whether a type symbol is an element with or without a charge."""
    if symbol in OTHER_TYPES or symbol in NO_ELEMENTS:
        return symbol in OTHER_TYPES
    found = ION.fullmatch(symbol)
    element = (found[1] or found[2]).title() if found else ""
    return Element.is_valid_symbol(element) and Element(element).Z <= LAST


def _readings(label: str) -> str:
    """The elements that a label may stand for, in words; "" if one only."""
    match = re.match(r"[A-Za-z]*", label)
    letters = match[0] if match else ""
    if letters in OPEN_LABELS:
        return OPEN_LABELS[letters]
    first, second = letters[:1], letters[1:2]
    both = first + second.lower()
    if second.isupper() and Element.is_valid_symbol(both) and Element.is_valid_symbol(first):
        return f"{both} or {first}"
    if first == "T" and (both == "T" or not Element.is_valid_symbol(both)):
        return "tritium or any tetrahedral site"
    return ""


def _counts(formula: str) -> dict[str, float]:
    """Atoms of a formula in which elements are apart; none if it cannot be read."""
    words = [re.fullmatch(r"([A-Z][a-z]?)(\d*\.?\d*)[\d.()]*", word) for word in formula.split()]
    if not all(words) or not all(Element.is_valid_symbol(word[1]) for word in words if word):
        return {}
    counts: dict[str, float] = {}
    for word in filter(None, words):
        symbol = HYDROGEN.get(word[1], word[1])
        counts[symbol] = counts.get(symbol, 0.0) + float(word[2] or 1)
    return counts


def _column(data: Mapping[str, Any], tag: str) -> list[str]:
    """Values of a loop, or the one value."""
    values = data.get(tag, [])
    return [str(value) for value in ([values] if isinstance(values, str) else values)]


def _is_number(text: str) -> bool:
    try:
        str2float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _listed(symbols: set[str]) -> str:
    return ", ".join(sorted(symbols))
