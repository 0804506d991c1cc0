"""The library of published polymorphs of the paper's systems, and matching against it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml
from pymatgen.core import Composition, Lattice, Structure

from a2c_ray.analysis.matching import Template, compared_cell, rms_displacement, template
from a2c_ray.analysis.symmetry import crystal
from a2c_ray.errors import InputError

LOG = logging.getLogger(__name__)

ODD_CELL = (ValueError, ArithmeticError, IndexError)
"""What numerical routines raise on cells far from any crystal's; other errors are bugs."""


@dataclass(frozen=True)
class Polymorph:
    """One entry of the library.

    system: of the paper.
    name: common name or structure type.
    formula: reduced.
    role: "product" if the paper names it as a crystallization product, else "competitor".
    is_published: whether its structure was; others are of a type that was proposed, or of another
        composition.
    space_group, space_group_number: symbol and number.
    structure: conventional cell.
    """

    system: str
    name: str
    formula: str
    role: str
    is_published: bool
    space_group: str
    space_group_number: int
    structure: Structure


class Match(NamedTuple):
    """A polymorph that a structure matches, and the rms displacement over (V/n)^(1/3)."""

    polymorph: Polymorph
    rms: float


class UnknownPolymorphError(InputError):
    """A name that does not tell one polymorph of the library."""


@cache
def polymorphs() -> tuple[Polymorph, ...]:
    """The whole library."""
    return tuple(_polymorph(k) for k in range(len(_records())))


@cache
def polymorphs_of(formula: str) -> tuple[Polymorph, ...]:
    """What the library holds of one reduced formula."""
    elements = {element.symbol for element in Composition(formula)}
    same_elements = (
        _polymorph(k)
        for k, record in enumerate(_records())
        if {site["element"] for site in record["sites"]} == elements
    )
    return tuple(p for p in same_elements if p.formula == formula)


def polymorph_named(name: str) -> Polymorph:
    """One entry of the library.

    Raises:
        UnknownPolymorphError: none or more than one has this name.
    """
    found = [k for k, record in enumerate(_records()) if record["name"] == name]
    if len(found) > 1:
        systems = ", ".join(_records()[k]["system"] for k in found)
        raise UnknownPolymorphError(f"{systems} have a polymorph {name!r} each: give its structure")
    if not found:
        names = [record["name"] for record in _records()]
        close = ", ".join(get_close_matches(name, names, n=5, cutoff=0.2))
        raise UnknownPolymorphError(f"no polymorph {name!r} in the library; similar are: {close}")
    return _polymorph(found[0])


def polymorph_of_system(system: str, name: str) -> Polymorph | None:
    """An entry of one of the paper's systems; None if the library lacks it."""
    wanted = (k for k, r in enumerate(_records()) if (r["system"], r["name"]) == (system, name))
    return next(map(_polymorph, wanted), None)


def identify(structure: Structure) -> Match | None:
    """The polymorph that a structure matches best, if any.

    The same as asking `matcher()` for the smallest rms displacement over the library, but most
    structures are told apart by what takes no comparison of atoms.
    """
    known = _known(structure.composition.reduced_formula)
    if not known:
        return None
    try:
        return min(_matches(structure, known), key=lambda match: match.rms, default=None)
    except ODD_CELL:
        LOG.warning("cannot compare with the polymorphs: %s", structure, exc_info=True)
        return None


def _matches(structure: Structure, known: Sequence[tuple[Polymorph, Template]]) -> Iterator[Match]:
    primitive = compared_cell(structure)
    for polymorph, reduced in known:
        rms = rms_displacement(primitive, reduced)
        if rms is not None:
            yield Match(polymorph, rms)


@cache
def _known(formula: str) -> tuple[tuple[Polymorph, Template], ...]:
    return tuple((p, template(p.structure)) for p in polymorphs_of(formula))


@cache
def _records() -> list[dict[str, Any]]:
    text = files("a2c_ray.analysis").joinpath("polymorphs.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def _polymorph(index: int) -> Polymorph:
    record = _records()[index]
    lattice = Lattice.from_parameters(
        *(record[key] for key in ("a", "b", "c", "alpha", "beta", "gamma"))
    )
    sites = record["sites"]
    structure = crystal(
        str(record["space_group"]),
        lattice,
        [site["element"] for site in sites],
        [[site["x"], site["y"], site["z"]] for site in sites],
    )
    return Polymorph(
        system=record["system"],
        name=record["name"],
        formula=structure.composition.reduced_formula,
        role=record["role"],
        is_published=record["confidence"] != "low",
        space_group=str(record["space_group"]),
        space_group_number=record["space_group_number"],
        structure=structure,
    )
