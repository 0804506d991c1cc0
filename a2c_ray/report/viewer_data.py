"""What the viewer of the report draws: structures, colours, radii and bonds, as JSON."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml
from ase.data import atomic_numbers, covalent_radii
from pymatgen.core import Composition, Structure

from a2c_ray.radii import ionic_radius, oxidation_states

BALL = 0.45
"""Radius of a drawn atom over its covalent radius."""

STRETCH = 1.2
"""Longest bond that is drawn over the sum of the radii."""


class Shown(NamedTuple):
    """A structure that the viewer can show.

    key: identifies it; links of the page name it.
    title, note: for people.
    structure: drawn.
    """

    key: str
    title: str
    note: str
    structure: Structure


def viewer_json(shown: Sequence[Shown], composition: Composition) -> str:
    """All that the viewer needs, to be put into a script element.

    Args:
        shown: structures; the first is shown when the page opens.
        composition: of the system, whose charges decide what is bonded.
    """
    elements = sorted({site.specie.symbol for s in shown for site in s.structure})
    index = {element: k for k, element in enumerate(elements)}
    data = {
        "elements": [_element(symbol) for symbol in elements],
        "bondLengths": bond_lengths(elements, composition),
        "structures": [_structure(s, index) for s in shown],
    }
    # A closing tag inside of a script element would end it.
    return json.dumps(data, separators=(",", ":")).replace("</", "<\\/")


def bond_lengths(elements: Sequence[str], composition: Composition) -> list[list[float]]:
    """Longest bond between each two elements, Å; 0 where ions of like charge do not bond.

    Args:
        elements: symbols.
        composition: without charges that balance, all elements may bond.
    """
    charges = oxidation_states(composition)
    lengths = [[0.0] * len(elements) for _ in elements]
    for (i, a), (j, b) in itertools.product(enumerate(elements), repeat=2):
        is_ionic = charges.get(a, 0.0) != 0.0 and charges.get(b, 0.0) != 0.0
        if is_ionic and charges[a] * charges[b] > 0:
            continue
        covalent = covalent_radii[atomic_numbers[a]] + covalent_radii[atomic_numbers[b]]
        ionic = ionic_radius(a, charges) + ionic_radius(b, charges) if is_ionic else 0.0
        lengths[i][j] = round(STRETCH * float(max(covalent, ionic)), 3)
    return lengths


@cache
def _colors() -> dict[str, str]:
    """VESTA's colour of each element; Jmol's of magnesium and fluorine are one green."""
    text = files("pymatgen.vis").joinpath("ElementColorSchemes.yaml").read_text(encoding="utf-8")
    schemes = yaml.safe_load(text)
    return {symbol: "#{:02x}{:02x}{:02x}".format(*rgb) for symbol, rgb in schemes["VESTA"].items()}


def _element(symbol: str) -> dict[str, Any]:
    number = atomic_numbers[symbol]
    return {
        "symbol": symbol,
        "color": _colors().get(symbol, "#808080"),
        "radius": round(BALL * float(covalent_radii[number]), 3),
    }


def _structure(shown: Shown, index: dict[str, int]) -> dict[str, Any]:
    structure = shown.structure
    return {
        "key": shown.key,
        "title": shown.title,
        "note": shown.note,
        "lattice": [round(x, 4) for x in structure.lattice.matrix.ravel().tolist()],
        "species": [index[site.specie.symbol] for site in structure],
        "frac": [round(x, 4) for x in structure.frac_coords.ravel().tolist()],
    }
