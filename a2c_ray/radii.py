"""How close two atoms of a composition can be expected to come.

Ions of opposite charge touch at the sum of their ionic radii. Ions of equal charge, and neutral
atoms, keep further apart: cations of a few tenths of an ångström would otherwise be allowed to
coincide. For these the larger of ionic and covalent sum is taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from a2c_ray.cells import MAX_ATOMIC_NUMBER
from a2c_ray.compositions import formula_unit

if TYPE_CHECKING:
    from pymatgen.core import Composition


MOST_WAYS, MOST_COMBINATIONS = 100_000, 1_000_000
"""Distributions of charges within and between elements that are tried; about a second."""


def contact_distances(composition: Composition) -> np.ndarray:
    """Summed radii of every pair of elements of a composition.

    Oxidation states are pymatgen's most likely guess, ionic radii are Shannon's averages for it,
    covalent radii Cordero's (Dalton Trans. 2832 (2008)). Without a charge-balanced guess, or
    without a radius for a charge, covalent radii serve.

    Args:
        composition: of the whole cell.

    Returns:
        Å, symmetric, `[MAX_ATOMIC_NUMBER + 1, MAX_ATOMIC_NUMBER + 1]`; zero for other elements.
    """
    charges = oxidation_states(composition)
    distances = np.zeros((MAX_ATOMIC_NUMBER + 1,) * 2)
    for a, b in itertools.product(composition.elements, repeat=2):
        za, zb = atomic_numbers[a.symbol], atomic_numbers[b.symbol]
        covalent = covalent_radii[za] + covalent_radii[zb]
        ionic = ionic_radius(a.symbol, charges) + ionic_radius(b.symbol, charges)
        opposite = charges.get(a.symbol, 0.0) * charges.get(b.symbol, 0.0) < 0
        distances[za, zb] = ionic if opposite else max(ionic, covalent)
    return distances


def oxidation_states(composition: Composition) -> dict[str, float]:
    """Most likely charge of each element; empty if no guess balances.

    Nor is there one where a guess would take long: pymatgen tries all distributions of charges over
    the atoms of a formula, and over the elements, which for metallic glasses of many elements takes
    from minutes to days, and finds that metals do not balance.
    """
    return dict(_charges(formula_unit(composition)))


@lru_cache(maxsize=256)
def _charges(formula: Composition) -> tuple[tuple[str, float], ...]:
    ways = combinations = 1
    for element, amount in formula.items():
        states = element.icsd_oxidation_states or element.oxidation_states
        ways += math.comb(round(amount) + max(0, len(states) - 1), round(amount))
        span = max(states, default=0) - min(states, default=0)
        combinations *= round(amount) * span + 1
    if ways > MOST_WAYS or combinations > MOST_COMBINATIONS:
        return ()
    guesses = formula.oxi_state_guesses()
    return tuple(guesses[0].items()) if guesses else ()


def ionic_radius(symbol: str, charges: dict[str, float]) -> float:
    """Shannon radius of an element in its charge state, Å; covalent if there is none."""
    from pymatgen.core import Element

    # Guessed charges may be fractions, which no charge in the table is.
    radii: Mapping[Any, float] = Element(symbol).ionic_radii
    return float(radii.get(charges.get(symbol, 0), covalent_radii[atomic_numbers[symbol]]))
