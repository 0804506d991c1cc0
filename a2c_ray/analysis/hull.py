"""Composition space: formation energies of what emerged, and the metastable hull of these alone.

Energies are relative to end members that have emerged themselves, so that no outside data enter
(a²c paper, Fig. 3 and Supplementary Fig. 4). pymatgen constructs the hull.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from pymatgen.analysis.phase_diagram import CompoundPhaseDiagram, PDEntry, TransformedPDEntry
from pymatgen.core import Composition

from a2c_ray.errors import InputError

ON_HULL = 1e-6
"""eV/atom; entries so close to the hull are on it."""


class HullError(InputError):
    """Entries and end members that have no hull; the message says what could be chosen."""


class Emerged(NamedTuple):
    """A structure that emerged.

    composition: of it.
    energy_per_atom: eV.
    label: for figures, such as its space group.
    """

    composition: Composition
    energy_per_atom: float
    label: str = ""


class HullPoint(NamedTuple):
    """Where an entry stands.

    formula: reduced.
    label: see `Emerged`.
    fractions: of atoms that are in each end member; their sum is 1.
    formation_energy: relative to the end members, eV/atom.
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


@dataclass(frozen=True)
class Hull:
    """Formation energies and the hull of the lowest entry of each composition.

    end_members: reduced formulas.
    points: those between the end members, by their fractions.
    outside: reduced formulas that the end members do not make up.
    """

    end_members: tuple[str, ...]
    points: tuple[HullPoint, ...]
    outside: tuple[str, ...]
    _diagram: CompoundPhaseDiagram

    @property
    def stable(self) -> list[HullPoint]:
        """Points on the hull."""
        return [point for point in self.points if point.is_stable]

    @cached_property
    def facets(self) -> list[tuple[HullPoint, ...]]:
        """Corners of each facet: the end members of a decomposition."""
        points = {point.formula: point for point in self.points}
        entries = self._diagram.qhull_entries
        return [
            tuple(points[_formula(entries[k])] for k in facet) for facet in self._diagram.facets
        ]

    def fractions(self, composition: str | Composition) -> tuple[float, ...]:
        """Share of the atoms of a composition in each end member.

        Raises:
            HullError: the end members do not make it up.
        """
        plain = _without_charges(composition)
        found = _fractions(plain, self.end_members)
        if found is None:
            raise HullError(
                f"{plain.reduced_formula} is not between {' and '.join(self.end_members)}"
            )
        return found

    def decomposition(self, composition: str | Composition) -> dict[str, float]:
        """Phases of the hull that a composition decomposes into, and the share of atoms in each.

        Raises:
            HullError: the end members do not make it up.
        """
        self.fractions(composition)
        mapping = self._diagram.species_mapping
        wanted = PDEntry(_without_charges(composition), 0.0)
        transformed = TransformedPDEntry(wanted, mapping).composition
        shares = self._diagram.get_decomposition(transformed)
        return {_formula(entry): float(share) for entry, share in shares.items()}


def hull(entries: Iterable[Emerged], end_members: Sequence[str] = ()) -> Hull:
    """The metastable hull of what emerged.

    Args:
        entries: of which the lowest of each composition count; oxidation states are ignored.
        end_members: formulas between which compositions are looked at; by default the elements,
            and instead of one that did not emerge what emerged richest in it.

    Raises:
        HullError: an end member has not emerged, the end members depend on each other, or there
            is only one composition.
    """
    entries = [e._replace(composition=_without_charges(e.composition)) for e in entries]
    for entry in entries:
        if not math.isfinite(entry.energy_per_atom):
            raise HullError(
                f"{entry.composition.reduced_formula} has an energy of {entry.energy_per_atom}"
            )
    lowest: dict[str, Emerged] = {}
    for entry in sorted(entries, key=lambda entry: entry.energy_per_atom):
        lowest.setdefault(entry.composition.reduced_formula, entry)
    if len(lowest) < 2:
        raise HullError(f"a hull needs two compositions; what emerged is {_listed(lowest)}")
    ends = _checked(end_members or _default_end_members(lowest), lowest)
    fractions = {f: _fractions(entry.composition, ends) for f, entry in lowest.items()}
    inside = {formula: shares for formula, shares in fractions.items() if shares is not None}
    diagram = CompoundPhaseDiagram(
        [_pd_entry(lowest[formula]) for formula in inside],
        [Composition(end).fractional_composition for end in ends],
    )
    points = [
        HullPoint(
            formula=formula,
            label=lowest[formula].label,
            fractions=inside[formula],
            formation_energy=float(diagram.get_form_energy_per_atom(entry)),
            above_hull=_above_hull(diagram, entry),
        )
        for entry in diagram.all_entries
        for formula in [_formula(entry)]
    ]
    return Hull(
        end_members=ends,
        points=tuple(sorted(points, key=lambda point: point.fractions[1:])),
        outside=tuple(sorted(set(lowest) - set(inside))),
        _diagram=diagram,
    )


def _without_charges(composition: str | Composition) -> Composition:
    """Of elements, which pymatgen's diagrams tell from their ions."""
    return Composition(composition).remove_charges()


def _pd_entry(entry: Emerged) -> PDEntry:
    return PDEntry(entry.composition, entry.energy_per_atom * entry.composition.num_atoms)


def _formula(entry: Any) -> str:
    """Reduced formula of an entry of a diagram, which has it in terms of the end members."""
    return entry.original_entry.composition.reduced_formula


def _above_hull(diagram: CompoundPhaseDiagram, entry: Any) -> float:
    """Distance to the hull, eV/atom."""
    energy = diagram.get_e_above_hull(entry, allow_negative=True)
    if energy is None:
        raise ValueError(f"pymatgen finds no decomposition of {_formula(entry)}")
    return float(energy)


def _default_end_members(lowest: dict[str, Emerged]) -> list[str]:
    """What emerged richest in each element: the element itself, if it emerged."""
    ends: list[str] = []
    for element in sorted({e for entry in lowest.values() for e in entry.composition.elements}):
        richest = max(lowest, key=lambda f: lowest[f].composition.get_atomic_fraction(element))
        if _are_independent([*ends, richest]):
            ends.append(richest)
    return ends


def _are_independent(ends: Sequence[str]) -> bool:
    return np.linalg.matrix_rank(_columns(ends), tol=1e-6) == len(ends)


def _checked(end_members: Sequence[str], lowest: dict[str, Emerged]) -> tuple[str, ...]:
    ends = tuple(_reduced(end) for end in end_members)
    missing = [end for end in ends if end not in lowest]
    if missing:
        raise HullError(f"{', '.join(missing)} did not emerge; what did is {_listed(lowest)}")
    if len(ends) < 2 or not _are_independent(ends):
        raise HullError(f"end members must be two or more independent ones, not {', '.join(ends)}")
    return ends


def _reduced(formula: str) -> str:
    try:
        return Composition(formula).reduced_formula
    except ValueError:
        raise HullError(f"the end member {formula!r} is no formula") from None


def _fractions(composition: Composition, ends: Sequence[str]) -> tuple[float, ...] | None:
    """Share of the atoms in each end member; None if these do not make up the composition."""
    elements = sorted({e for end in ends for e in Composition(end).elements})
    if not set(composition.elements) <= set(elements):
        return None
    target = np.array([composition.get_atomic_fraction(e) for e in elements])
    columns = _columns(ends)
    shares = np.linalg.lstsq(columns, target, rcond=None)[0]
    exact = np.allclose(columns @ shares, target, atol=1e-8)
    return tuple(shares.clip(0.0).tolist()) if exact and shares.min() > -1e-8 else None


def _columns(ends: Sequence[str]) -> np.ndarray:
    """Atomic fractions of the end members, `[n_elements, n_ends]`."""
    compositions = [Composition(end) for end in ends]
    elements = sorted({element for c in compositions for element in c.elements})
    return np.array([[c.get_atomic_fraction(e) for c in compositions] for e in elements])


def _listed(formulas: Iterable[str], most: int = 12) -> str:
    names = sorted(formulas)
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
