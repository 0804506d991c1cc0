"""Chemical formulas: read, and made into whole numbers of formula units."""

from __future__ import annotations

import math
import re

import numpy as np
from pymatgen.core import Composition, Element

ISOTOPES = ("D", "T")
"""That pymatgen takes for elements, with masses of their own, and then for hydrogen."""

SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
"""And the digits that pymatgen reads."""

GLASS_FORMERS, MOST_OF_THEM = frozenset(map(Element, ("B", "C", "Si", "P", "Ge"))), 0.3
"""Small atoms that metals remain metals with, up to so much of them; glasses of such alloys hold a
fifth (D. E. Polk, Acta Metall. 20, 485, 1972)."""

NO_ATOMS = re.compile(r"(?<![\d.])0+(\.0*)?(?![\d.])")
"""An amount of nothing, which pymatgen leaves out: O of Zn0O."""


def whole_formula_units(composition: str | Composition, n_atoms: int = 100) -> Composition:
    """The whole number of formula units closest to `n_atoms`, the smaller of two as close.

    Raises:
        ValueError: the composition does not parse, or n_atoms is below 1.
    """
    if n_atoms < 1:
        raise ValueError(f"n_atoms must be at least 1, not {n_atoms}")
    reduced = formula_unit(parse_composition(composition))
    size = reduced.num_atoms
    units = max(1, int(np.ceil(n_atoms / size - 0.5)))
    return reduced * units


def is_metallic(composition: Composition) -> bool:
    """Whether it consists of metals and at most some atoms that form glasses with them."""
    formers = sum(composition.get_atomic_fraction(element) for element in GLASS_FORMERS)
    others = [element for element in composition.elements if element not in GLASS_FORMERS]
    return formers <= MOST_OF_THEM and all(element.is_metal for element in others)


def formula_unit(composition: Composition) -> Composition:
    """The smallest whole numbers of atoms: LiO of Li2O2, which pymatgen does not reduce further."""
    reduced = composition.reduced_composition
    return reduced / (math.gcd(*(round(amount) for amount in reduced.values())) or 1)


def cell_formula(composition: Composition) -> str:
    """All atoms of a cell without spaces, not reduced: Ti33O66."""
    return composition.formula.replace(" ", "")


def parse_composition(text: str | Composition) -> Composition:
    """A composition of whole numbers of atoms.

    Raises:
        ValueError: it is none, or a rare gas.
    """
    try:
        composition = Composition(text)
    except (ValueError, KeyError) as error:
        plain = str(text).translate(SUBSCRIPTS)
        hint = f": write {plain}" if plain != text else ""
        raise ValueError(f"{text!r} is not a chemical formula{hint}") from error
    whole = all(
        isinstance(element, Element) and amount == round(amount)
        for element, amount in composition.items()
    )
    pure = [element for element in composition if isinstance(element, Element)]
    isotopes = [element.name for element in pure if element.name in ISOTOPES]
    if isotopes:
        raise ValueError(f"{text!r} holds {isotopes[0]}: write H, no potential knows isotopes")
    if pure and all(element.is_noble_gas for element in pure):
        raise ValueError(f"{text!r} is a rare gas, which becomes no glass")
    if not composition or not whole or NO_ATOMS.search(str(text)):
        raise ValueError(f"{text!r} is not a chemical formula of whole numbers of atoms")
    return composition
