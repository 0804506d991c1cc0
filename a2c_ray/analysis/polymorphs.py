"""The library of published polymorphs of the paper's systems, and matching against it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Composition, Lattice, Structure

LENGTH_TOL, SITE_TOL, ANGLE_TOL = 0.2, 0.3, 5.0
"""pymatgen's defaults: fractional length, fraction of (V/n)^(1/3), degrees. Volumes are scaled to
be equal, since a potential's lattice constants are not the experiment's."""


@dataclass(frozen=True)
class Polymorph:
    """One entry of the library.

    system: of the paper.
    name: common name or structure type.
    formula: reduced.
    role: "product" if the paper names it as a crystallization product, else "competitor".
    space_group, space_group_number: symbol and number.
    structure: conventional cell.
    """

    system: str
    name: str
    formula: str
    role: str
    space_group: str
    space_group_number: int
    structure: Structure


class Match(NamedTuple):
    """A polymorph that a structure matches, and the rms displacement over (V/n)^(1/3)."""

    polymorph: Polymorph
    rms: float


def matcher() -> StructureMatcher:
    """Compares crystal structures whatever their cell, scale and orientation."""
    return StructureMatcher(ltol=LENGTH_TOL, stol=SITE_TOL, angle_tol=ANGLE_TOL)


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


def identify(structure: Structure) -> Match | None:
    """The polymorph that a structure matches best, if any."""
    compare = matcher()
    matches = []
    for polymorph in polymorphs_of(structure.composition.reduced_formula):
        distance = compare.get_rms_dist(structure, polymorph.structure)
        if distance is not None:
            matches.append(Match(polymorph, float(distance[0])))
    return min(matches, key=lambda match: match.rms, default=None)


@cache
def _records() -> list[dict[str, Any]]:
    text = files("a2c_ray.analysis").joinpath("polymorphs.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def _polymorph(index: int) -> Polymorph:
    record = _records()[index]
    lattice = Lattice.from_parameters(
        *(record[key] for key in ("a", "b", "c", "alpha", "beta", "gamma"))
    )
    sites = record["sites"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Full symbol not available")  # short ones are fine
        structure = Structure.from_spacegroup(
            record["space_group"],
            lattice,
            [site["element"] for site in sites],
            [[site["x"], site["y"], site["z"]] for site in sites],
            tol=0.02,
        )
    structure = Structure(
        structure.lattice, structure.species, structure.frac_coords, to_unit_cell=True
    )
    structure.merge_sites(tol=0.1, mode="delete")  # images of one site on both sides of a face
    return Polymorph(
        system=record["system"],
        name=record["name"],
        formula=structure.composition.reduced_formula,
        role=record["role"],
        space_group=str(record["space_group"]),
        space_group_number=record["space_group_number"],
        structure=structure,
    )
