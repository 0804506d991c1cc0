"""Formation energies of what emerged, and its hull: nothing that did not emerge counts.

The hull is metastable: phases that no subcell of a glass reaches may lie below it (a²c paper, Fig. 3
and Supplementary Fig. 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np
from pymatgen.analysis.phase_diagram import (
    CompoundPhaseDiagram,
    PDEntry,
    TransformedPDEntry,
    TransformedPDEntryError,
)
from pymatgen.analysis.reaction_calculator import ReactionError
from pymatgen.core import Composition

from a2c_ray.errors import InputError

ON_HULL = 1e-6
"""eV/atom; phases this close to the hull are on it."""

MOST_NAMED = 8
"""Formulas that a message lists."""


class EndMemberError(InputError):
    """End members between which there is no hull."""


class OutsideError(InputError):
    """A composition that is no mixture of the end members."""


class Emerged(NamedTuple):
    """A crystal that emerged.

    composition: of any number of formula units.
    energy: eV/atom.
    label: such as its space group, for figures.
    """

    composition: Composition
    energy: float
    label: str = ""

    @property
    def formula(self) -> str:
        """Reduced."""
        return self.composition.reduced_formula


class Phase(NamedTuple):
    """A crystal that emerged, among the others.

    formula: reduced.
    label: as given.
    fractions: of its atoms, in each end member.
    formation_energy: from the end members, eV/atom.
    above_hull: distance to the hull, eV/atom.
    """

    formula: str
    label: str
    fractions: tuple[float, ...]
    formation_energy: float
    above_hull: float

    @property
    def is_stable(self) -> bool:
        """Whether it is on the hull."""
        return self.above_hull < ON_HULL


class Share(NamedTuple):
    """A phase of a mixture, and the fraction of the mixture's atoms that are in it."""

    phase: Phase
    fraction: float


@dataclass(frozen=True)
class PhaseSpace:
    """What emerged of the mixtures of some end members.

    end_members: reduced formulas.
    phases: all of them, by index in what was given.
    outside: crystals that are no mixture of the end members.
    tie_lines: indices of phases that the hull has an edge between.
    """

    end_members: tuple[str, ...]
    phases: dict[int, Phase]
    outside: tuple[Emerged, ...]
    tie_lines: tuple[tuple[int, int], ...]
    _diagram: CompoundPhaseDiagram = field(repr=False, compare=False)

    @property
    def lowest(self) -> list[Phase]:
        """The lowest phase of each composition, by composition."""
        lowest: dict[str, Phase] = {}
        for phase in sorted(self.phases.values(), key=lambda phase: phase.formation_energy):
            lowest.setdefault(phase.formula, phase)
        return sorted(lowest.values(), key=lambda phase: phase.fractions, reverse=True)

    def fractions(self, composition: Composition | str) -> tuple[float, ...]:
        """Fractions of the atoms of a composition in each end member.

        Raises:
            OutsideError: it is no mixture of them.
        """
        return _fractions(self._diagram, self._entry(composition))

    def decomposition(self, composition: Composition | str) -> list[Share]:
        """The mixture of phases that is lowest in energy at a composition.

        Raises:
            OutsideError: the composition is no mixture of the end members.
        """
        mixture = self._diagram.get_decomposition(self._entry(composition).composition)
        return [Share(self.phases[entry.attribute], float(x)) for entry, x in mixture.items()]

    def _entry(self, composition: Composition | str) -> TransformedPDEntry:
        entry = PDEntry(Composition(composition), 0.0)
        try:
            return TransformedPDEntry(entry, self._diagram.species_mapping)
        except (ReactionError, TransformedPDEntryError) as error:
            raise OutsideError(
                f"{entry.composition.reduced_formula} is no mixture of "
                f"{', '.join(self.end_members)}"
            ) from error


def phase_space(emerged: Iterable[Emerged], end_members: Sequence[str] = ()) -> PhaseSpace:
    """Formation energies and hull of what emerged.

    Args:
        emerged: any number of each composition.
        end_members: formulas, the lowest of which are the references; by default the elements, and
            instead of one that did not emerge what emerged richest in it.

    Raises:
        EndMemberError: nothing emerged, or not an end member, or one is a mixture of the others.
    """
    emerged = list(emerged)
    members = _given(emerged, end_members) if end_members else _richest(emerged)
    diagram = CompoundPhaseDiagram(
        [
            PDEntry(one.composition, one.energy * one.composition.num_atoms, attribute=k)
            for k, one in enumerate(emerged)
        ],
        members,
    )
    inside = sorted(diagram.all_entries, key=lambda entry: entry.attribute)
    phases = {
        entry.attribute: Phase(
            formula=emerged[entry.attribute].formula,
            label=emerged[entry.attribute].label,
            fractions=_fractions(diagram, entry),
            formation_energy=float(diagram.get_form_energy_per_atom(entry)),
            above_hull=max(0.0, float(diagram.get_e_above_hull(entry))),
        )
        for entry in inside
    }
    corners = [
        sorted(diagram.qhull_entries[corner].attribute for corner in facet)
        for facet in diagram.facets
    ]
    return PhaseSpace(
        end_members=tuple(member.reduced_formula for member in members),
        phases=phases,
        outside=tuple(one for k, one in enumerate(emerged) if k not in phases),
        tie_lines=tuple(sorted({edge for facet in corners for edge in combinations(facet, 2)})),
        _diagram=diagram,
    )


def _given(emerged: list[Emerged], formulas: Sequence[str]) -> list[Composition]:
    """End members that were chosen, if they emerged and span a space."""
    members: list[Composition] = []
    there = {one.formula for one in emerged}
    for formula in formulas:
        try:
            member = Composition(formula)
        except ValueError as error:
            raise EndMemberError(f"end member {formula!r} is no formula") from error
        if member.reduced_formula not in there:
            raise EndMemberError(
                f"{formula} cannot be an end member, as it did not emerge; of what did, these are "
                f"lowest in energy: {_lowest_formulas(emerged)}"
            )
        if not _is_independent(members, member):
            before = ", ".join(member.reduced_formula for member in members)
            raise EndMemberError(f"end member {formula} is a mixture of others: {before}")
        members.append(member)
    return members


def _richest(emerged: list[Emerged]) -> list[Composition]:
    """What emerged richest in each element, the least electronegative first."""
    if not emerged:
        raise EndMemberError("nothing has emerged, so there is no hull")
    members: list[Composition] = []
    compositions = {
        one.formula: one.composition for one in sorted(emerged, key=lambda one: one.energy)
    }
    for element in sorted({e for one in emerged for e in one.composition.elements}):
        richest = max(
            compositions.values(), key=lambda c: (c.get_atomic_fraction(element), c in members)
        )
        if _is_independent(members, richest):
            members.append(richest)
    return members


def _is_independent(members: list[Composition], another: Composition) -> bool:
    """Whether a composition is not in the space that others span."""
    compositions = [*members, another]
    elements = {element for composition in compositions for element in composition.elements}
    rows = [[c.get_atomic_fraction(element) for element in elements] for c in compositions]
    return np.linalg.matrix_rank(rows, tol=1e-6) == len(compositions)


def _fractions(diagram: CompoundPhaseDiagram, entry: TransformedPDEntry) -> tuple[float, ...]:
    return tuple(float(entry.composition.get_atomic_fraction(e)) for e in diagram.elements)


def _lowest_formulas(emerged: list[Emerged]) -> str:
    by_energy = sorted(emerged, key=lambda one: one.energy)
    formulas = list(dict.fromkeys(one.formula for one in by_energy))
    more = ", ..." if len(formulas) > MOST_NAMED else ""
    return ", ".join(formulas[:MOST_NAMED]) + more or "nothing"
