"""Rank relaxed subcells: the distinct crystals of each composition, lowest energy first.

The lowest is the prediction, together with what lies within 2 meV/atom of it (a²c paper, Methods:
"either the absolute lowest energy [...] or practically degenerate within 1-2 meV/atom").
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Structure

from a2c_ray.analysis import twins
from a2c_ray.analysis.matching import matched_cell, matcher
from a2c_ray.analysis.polymorphs import Match, Polymorph, identify
from a2c_ray.analysis.stacking import stacking_variant
from a2c_ray.analysis.superposition import Ground, ground, is_plainly
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.errors import InputError
from a2c_ray.relaxation.batching import Relaxed

DEGENERATE = 0.002
"""eV/atom."""

SAME_ENERGY = 0.003
"""eV/atom; structures further apart are not compared: they are distinct."""

SAME_VOLUME = 0.04
"""Relative difference of volumes per atom, likewise."""


class Candidate(NamedTuple):
    """A relaxed structure to be ranked.

    structure: relaxed.
    energy_per_atom: by which it is ranked, eV; of those under pressure the enthalpy.
    key: identifies it to the caller.
    """

    structure: Structure
    energy_per_atom: float
    key: Any


@dataclass(frozen=True)
class Product:
    """A distinct crystal that emerged.

    structure: of its lowest-energy subcell.
    formula: reduced.
    energy_per_atom: by which it is ranked, eV; of those under pressure the enthalpy.
    delta: above the lowest product of the same composition, eV/atom.
    volume_per_atom: Å³.
    space_groups: symbol at each tolerance in Å.
    match: published polymorph, if one matches.
    variant_of: otherwise, one that it differs from in the stacking of its layers only.
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
    members: tuple[Any, ...]

    @property
    def space_group(self) -> str:
        """Symbol at the loosest tolerance."""
        return self.space_groups[TOLERANCES[-1]]

    @property
    def is_degenerate(self) -> bool:
        """Whether it is the lowest, or within 2 meV/atom of it."""
        return self.delta <= DEGENERATE

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
        _product(formula, group, groups[0][0].energy_per_atom)
        for formula, groups in lowest_distinct(candidates, window, max_products)
        for group in groups
    ]


def distinct_products(
    formula: str, candidates: Iterable[Candidate], max_products: int
) -> list[Product]:
    """Products of one composition; of all candidates that are alike one structure is kept.

    Args:
        formula: reduced.
        candidates: near the lowest, sorted by energy.
        max_products: distinct crystals that are kept.
    """
    groups = distinct(candidates, matcher(), max_products)
    return [_product(formula, group, groups[0][0].energy_per_atom) for group in groups]


def lowest_distinct(
    candidates: Iterable[Candidate], window: float, max_groups: int
) -> Iterator[tuple[str, list[list[Candidate]]]]:
    """The lowest candidates of each composition, grouped by structure, the lowest group first.

    Args:
        candidates: relaxed structures.
        window: how far above the lowest of a composition to look, eV/atom.
        max_groups: kept of a composition.

    Raises:
        InputError: an energy is not finite, which would be lower than none and higher than none.
    """
    by_formula: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if not math.isfinite(candidate.energy_per_atom):
            raise InputError(f"{candidate.key} has an energy of {candidate.energy_per_atom}")
        by_formula[candidate.structure.composition.reduced_formula].append(candidate)
    for formula in sorted(by_formula):
        group = sorted(by_formula[formula], key=lambda c: c.energy_per_atom)
        lowest = group[0].energy_per_atom
        near = [c for c in group if c.energy_per_atom <= lowest + window]
        yield formula, distinct(near, matcher(), max_groups)


def distinct(
    candidates: Iterable[Candidate], compare: StructureMatcher, max_groups: int
) -> list[list[Candidate]]:
    """Group candidates of one composition by structure, which is that of a group's lowest.

    Args:
        candidates: sorted by energy.
        compare: decides whether two structures are one, for those whose energies and volumes
            are close.
        max_groups: once so many are found, candidates that match none of them are dropped.

    Returns:
        Groups by their lowest member; members keep their order.
    """
    groups: list[list[Candidate]] = []
    crystals: list[_Compared] = []
    for candidate in candidates:
        compared = _Compared(candidate)
        for k in reversed(range(len(groups))):
            if _alike(candidate, groups[k]) and _are_one(compared, crystals[k], compare):
                lowest = groups[k][0]
                groups[k].append(candidate._replace(structure=lowest.structure))
                break
        else:
            if len(groups) < max_groups:
                groups.append([candidate])
                crystals.append(compared)
    return groups


@dataclass(frozen=True)
class _Compared:
    """A candidate, and what is made of it once it is compared."""

    candidate: Candidate

    @cached_property
    def reduced(self) -> Structure:
        return matched_cell(self.candidate.structure)

    @cached_property
    def ground(self) -> Ground | None:
        return ground(self.reduced)


def _are_one(one: _Compared, lowest: _Compared, compare: StructureMatcher) -> bool:
    if lowest.ground is not None and is_plainly(one.candidate.structure, lowest.ground):
        return True
    fits = compare.fit(one.reduced, lowest.reduced, skip_structure_reduction=True)
    return bool(fits) or _are_twins(one.candidate, lowest.candidate, compare)


def _alike(candidate: Candidate, group: list[Candidate]) -> bool:
    """Cheap tests before structures are compared; energies against the group's highest."""
    volume = candidate.structure.volume / len(candidate.structure)
    reference = group[0].structure.volume / len(group[0].structure)
    return (
        candidate.energy_per_atom - group[-1].energy_per_atom < SAME_ENERGY
        and abs(volume - reference) < SAME_VOLUME * reference
    )


def _are_twins(candidate: Candidate, lowest: Candidate, compare: StructureMatcher) -> bool:
    """Whether crystals of one energy and space group are one once their symmetry is exact."""
    one, other = candidate.structure, lowest.structure
    is_twin = abs(candidate.energy_per_atom - lowest.energy_per_atom) < twins.TWIN_ENERGY
    coarse = TOLERANCES[-1:]
    if not is_twin or space_groups(one, coarse) != space_groups(other, coarse):
        return False
    return twins.are_one(one, other, compare)


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
    primitive = best.structure.get_primitive_structure(tolerance=0.1)
    return Product(
        structure=primitive,
        formula=formula,
        energy_per_atom=best.energy_per_atom,
        delta=best.energy_per_atom - lowest,
        volume_per_atom=best.structure.volume / len(best.structure),
        space_groups=space_groups(best.structure),
        match=match,
        variant_of=None if match else stacking_variant(best.structure),
        members=tuple(member.key for member in members),
    )
