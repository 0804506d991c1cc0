"""Rank relaxed subcells: the distinct crystals of each composition, lowest energy first.

The lowest is the prediction, together with what lies within 2 meV/atom of it (a²c paper, Methods:
"either the absolute lowest energy [...] or practically degenerate within 1-2 meV/atom").
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymatgen.core import Structure

from a2c_ray.analysis import twins
from a2c_ray.analysis.dimensionality import dimensionality
from a2c_ray.analysis.grouping import Candidate, group_alike
from a2c_ray.analysis.holes import MOST_HOLES, are_holes, lowest_of_crowd
from a2c_ray.analysis.polymorphs import Match, Polymorph, identify
from a2c_ray.analysis.stacking import stacking_variant
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.errors import InputError
from a2c_ray.relaxation.batching import Relaxed

DEGENERATE = 0.002
"""eV/atom."""

SAME_PLACE = 0.01
"""Å, up to which atoms are folded into one of a smaller cell, at their mean. The energy of a
product is that of its own cell: of silicon, 0.3 meV/atom above one that is folded so far."""


@dataclass(frozen=True)
class Product:
    """A distinct crystal that emerged.

    structure: of its lowest-energy subcell.
    formula: reduced.
    energy_per_atom: by which it is ranked, eV; of those under pressure the enthalpy.
    delta: above the lowest product of the same composition, eV/atom; negative of holes of the
        potential (`holes`).
    volume_per_atom: Å³.
    space_groups: symbol at each tolerance in Å.
    match: published polymorph, if one matches.
    variant_of: otherwise, one that it differs from in the stacking of its layers only.
    dimensionality: in which it holds together, "3D" of crystals.
    members: keys of the candidates that reached it, lowest first.
    """

    structure: Structure
    formula: str
    energy_per_atom: float
    delta: float
    volume_per_atom: float
    space_groups: dict[float, str]
    match: Match | None
    variant_of: Polymorph | None
    dimensionality: str
    members: tuple[Any, ...]

    @property
    def space_group(self) -> str:
        """Symbol at the loosest tolerance."""
        return self.space_groups[TOLERANCES[-1]]

    @property
    def is_degenerate(self) -> bool:
        """Whether it is the lowest, or within 2 meV/atom of it."""
        return 0.0 <= self.delta <= DEGENERATE

    @property
    def n_subcells(self) -> int:
        """Subcells that reached it."""
        return len(self.members)


def rank(
    relaxed: Iterable[Relaxed],
    window: float = 0.05,
    max_products: int = 20,
    pressure: float = 0.0,
) -> list[Product]:
    """Products of relaxed subcells, by composition, lowest energy first.

    Args:
        relaxed: of any outcomes; only sound ones count.
        window: how far above the lowest of a composition to look, eV/atom.
        max_products: distinct crystals kept of a composition.
        pressure: that they were relaxed under, eV/Å³; enthalpies are ranked then.
    """
    sound = (r for r in relaxed if r.outcome.is_valid)
    return rank_candidates(
        (Candidate(r.structure, r.enthalpy_per_atom(pressure), r.index) for r in sound),
        window,
        max_products,
    )


def rank_candidates(
    candidates: Iterable[Candidate], window: float = 0.05, max_products: int = 20
) -> list[Product]:
    """As `rank`, of any relaxed structures."""
    return [
        product
        for formula, groups in lowest_distinct(candidates, window, max_products)
        for product in products_of(formula, groups)
    ]


def products_of(formula: str, groups: Sequence[list[Candidate]]) -> list[Product]:
    """Products of one composition.

    Args:
        formula: reduced.
        groups: of candidates that are alike, the first of which has what counts as the lowest.
    """
    return [_product(formula, group, groups[0][0].energy_per_atom) for group in groups]


def lowest_distinct(
    candidates: Iterable[Candidate], window: float, max_groups: int
) -> Iterator[tuple[str, list[list[Candidate]]]]:
    """The lowest candidates of each composition, grouped by structure, the lowest group first.

    After them come some holes of the potential (`holes`), if there are any.

    Args:
        candidates: relaxed structures.
        window: how far above the lowest of a composition that is no outlier to look, eV/atom.
        max_groups: kept of a composition.

    Raises:
        InputError: an energy is not finite, which would be lower than none and higher than none,
            or the window is no number of at least 0.
    """
    if not window >= 0:
        raise InputError(f"window must be at least 0 eV/atom, not {window}")
    by_formula: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if not math.isfinite(candidate.energy_per_atom):
            raise InputError(f"{candidate.key} has an energy of {candidate.energy_per_atom}")
        by_formula[candidate.structure.composition.reduced_formula].append(candidate)
    for formula in sorted(by_formula):
        group = sorted(by_formula[formula], key=lambda c: c.energy_per_atom)
        energies = np.array([candidate.energy_per_atom for candidate in group])
        is_hole = are_holes([candidate.structure for candidate in group], energies)
        is_near = ~is_hole & (energies <= lowest_of_crowd(energies, formula) + window)
        near, holes = ([group[k] for k in np.flatnonzero(chosen)] for chosen in (is_near, is_hole))
        yield formula, group_alike(near, max_groups) + group_alike(holes, MOST_HOLES)


def unlike_twin(products: Sequence[Product], k: int) -> str:
    """In what a product differs from an earlier one of the same energy and space group, if any.

    Args:
        products: by composition, lowest energy first.
        k: which of them.
    """
    product = products[k]
    for earlier in reversed(products[:k]):
        apart = abs(product.energy_per_atom - earlier.energy_per_atom)
        if earlier.formula != product.formula or apart > twins.TWIN_ENERGY:
            return ""
        if earlier.space_group == product.space_group:
            return twins.difference(product.structure, earlier.structure)
    return ""


def _product(formula: str, members: list[Candidate], lowest: float) -> Product:
    best = members[0]
    match = identify(best.structure)
    primitive = best.structure.get_primitive_structure(tolerance=SAME_PLACE)
    return Product(
        structure=primitive,
        formula=formula,
        energy_per_atom=best.energy_per_atom,
        delta=best.energy_per_atom - lowest,
        volume_per_atom=best.structure.volume / len(best.structure),
        space_groups=space_groups(best.structure),
        match=match,
        variant_of=None if match else stacking_variant(best.structure),
        dimensionality=dimensionality(primitive),
        members=tuple(member.key for member in members),
    )
