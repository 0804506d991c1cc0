"""Group relaxed cells by the crystal that they are.

Cells are compared if their energies and their volumes are close: at first sight by laying many upon
one at once (`superposition`), then, where that says nothing, as pymatgen's StructureMatcher does
(`fitting`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import spglib
from pymatgen.core import Composition, Element, Structure

from a2c_ray.analysis.fitting import fits
from a2c_ray.analysis.reduced_cell import ReducedCell, compared_in, niggli_cell, smallest
from a2c_ray.analysis.superposition import lie_upon
from a2c_ray.analysis.symmetry import TOLERANCES, LostAtomsError, check_finite, spglib_cell
from a2c_ray.analysis.twins import TWIN_ENERGY
from a2c_ray.errors import InputError

SAME_ENERGY = 0.003
"""eV/atom; structures further apart are not compared: they are distinct."""

SAME_VOLUME = 0.04
"""Relative difference of volumes per atom, likewise."""

TOGETHER = 256
"""Candidates that are laid upon each crystal at once."""


class Candidate(NamedTuple):
    """A relaxed structure to be ranked.

    structure: relaxed.
    energy_per_atom: by which it is ranked, eV; of those under pressure the enthalpy.
    key: identifies it to the caller.
    """

    structure: Structure
    energy_per_atom: float
    key: Any


def distinct(
    structures: Sequence[Structure], energies: Sequence[float] | None = None
) -> list[list[int]]:
    """Which of many relaxed structures are the same crystal, whatever their cells.

    Structures of different compositions, or that differ by 4 % in volume or by 3 meV/atom in
    energy, are different; of others StructureMatcher's verdict counts.

    Args:
        structures: of any compositions, taken one after another: what makes them as they are asked
            for need not hold them.
        energies: of each, eV/atom, which save most comparisons; None if they are not known.

    Returns:
        Places of the structures of each crystal, the lowest (without energies the densest) first;
        crystals by formula, in the same order.

    Raises:
        InputError: there is not one finite energy for each structure, or a structure is not finite.
    """
    if energies is not None and len(energies) != len(structures):
        raise InputError(f"{len(energies)} energies of {len(structures)} structures")
    by_formula: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for k, structure in enumerate(structures):
        rank = _volume(structure) if energies is None else float(energies[k])
        try:
            check_finite(structure)
        except LostAtomsError as error:
            raise InputError(f"structure {k}: {error}") from error
        if not math.isfinite(rank):
            raise InputError(f"structure {k} has an energy of {rank}")
        by_formula[_reduced(tuple(sorted(structure.atomic_numbers)))].append((rank, k))
    groups: list[list[int]] = []
    for formula in sorted(by_formula):
        candidates = (
            Candidate(structures[k], 0.0 if energies is None else rank, k)
            for rank, k in sorted(by_formula[formula])
        )
        alike = group_alike(candidates, by_volume=energies is None)
        groups += [[candidate.key for candidate in group] for group in alike]
    return groups


def group_alike(
    candidates: Iterable[Candidate],
    max_groups: float = math.inf,
    by_volume: bool = False,
) -> list[list[Candidate]]:
    """Group candidates of one composition by structure, which is that of a group's lowest.

    Args:
        candidates: sorted by energy; or by volume, all of one energy.
        max_groups: once so many are found, candidates that match none of them are dropped.
        by_volume: how they are sorted.

    Returns:
        Groups by their lowest member; members keep their order.
    """
    groups: list[_Group] = []
    open_groups: list[_Group] = []
    ordered = iter(candidates)
    while chunk := [_Compared(candidate) for candidate in islice(ordered, TOGETHER)]:
        open_groups = [g for g in open_groups if g.is_open(chunk[0], by_volume)]
        for group in open_groups:
            group.mark_plain(chunk)
        for k, compared in enumerate(chunk):
            known = _group_of(compared, open_groups)
            if known is not None:
                known.add(compared.candidate)
            elif len(groups) < max_groups:
                new = _Group(compared)
                new.mark_plain(chunk[k + 1 :])
                groups.append(new)
                open_groups.append(new)
    return [group.members for group in groups]


@dataclass(eq=False)
class _Compared:
    """A candidate, and what is made of it once it is compared.

    candidate: it is.
    plainly: the groups whose crystal it is at first sight.
    """

    candidate: Candidate
    plainly: set[_Group] = field(default_factory=set)

    @cached_property
    def volume(self) -> float:
        """Å³ an atom."""
        return _volume(self.candidate.structure)

    @cached_property
    def reduced(self) -> ReducedCell:
        """In the cell that StructureMatcher compares."""
        return compared_in(self.candidate.structure, self.niggli)

    @cached_property
    def symmetry(self) -> spglib.SpglibDataset | None:
        """At the loosest tolerance, if spglib finds any; it takes as long as many comparisons."""
        return spglib.get_symmetry_dataset(spglib_cell(self.candidate.structure), TOLERANCES[-1])

    @cached_property
    def symmetrized(self) -> ReducedCell:
        """The same once its symmetry is made exact."""
        if self.symmetry is None:
            return self.reduced
        found = self.symmetry
        exact = Structure(found.std_lattice, found.std_types.tolist(), found.std_positions)
        return compared_in(exact, niggli_cell(exact))

    @cached_property
    def niggli(self) -> ReducedCell | None:
        """In a cell as large as it is given in."""
        return niggli_cell(self.candidate.structure)

    @cached_property
    def smallest(self) -> ReducedCell | None:
        """In a primitive cell."""
        return None if self.niggli is None else smallest(self.niggli)

    def of_size(self, n_atoms: int) -> ReducedCell | None:
        """In a cell of so many atoms, if there is one."""
        given = len(self.candidate.structure)
        if given == n_atoms:
            return self.niggli
        small = self.smallest if given % n_atoms == 0 else None
        return small if small is not None and len(small.numbers) == n_atoms else None


class _Group:
    """Candidates that are one crystal: that of the lowest, with which the group begins."""

    def __init__(self, lowest: _Compared) -> None:
        self.lowest = lowest
        self.members = [lowest.candidate]

    @property
    def highest(self) -> float:
        """Energy of its highest member, eV/atom."""
        return self.members[-1].energy_per_atom

    def is_open(self, next_one: _Compared, by_volume: bool) -> bool:
        """Whether one of the candidates to come may be near, in their order."""
        if by_volume:
            return next_one.volume < (1 + SAME_VOLUME) * self.lowest.volume
        return next_one.candidate.energy_per_atom - self.highest < SAME_ENERGY

    def add(self, candidate: Candidate) -> None:
        """Take in one more; of its structure only that of the lowest is kept."""
        self.members.append(candidate._replace(structure=self.members[0].structure))

    def is_near(self, volume: float) -> bool:
        """Whether a volume per atom is alike, Å³."""
        return abs(volume - self.lowest.volume) < SAME_VOLUME * self.lowest.volume

    def mark_plain(self, chunk: Sequence[_Compared]) -> None:
        """Tell those candidates that are this crystal at first sight."""
        crystal = self.lowest.reduced
        n_atoms = len(crystal.numbers)
        of_size = [(c, c.of_size(n_atoms)) for c in chunk if self.is_near(c.volume)]
        sized = [(compared, small) for compared, small in of_size if small is not None]
        plain = lie_upon([small for _, small in sized], crystal)
        for (compared, _), is_plain in zip(sized, plain, strict=True):
            if is_plain:
                compared.plainly.add(self)


def _group_of(one: _Compared, groups: Sequence[_Group]) -> _Group | None:
    """The last of the groups whose crystal a candidate is, if any.

    Energies are compared with a group's highest, and volumes, before structures are.
    """
    energy = one.candidate.energy_per_atom
    near = [g for g in reversed(groups) if energy - g.highest < SAME_ENERGY]
    plain = next((group for group in near if group in one.plainly), None)
    if plain is not None:
        return plain
    alike = (group for group in near if group.is_near(one.volume))
    return next((group for group in alike if _are_one(one, group.lowest)), None)


def _are_one(one: _Compared, lowest: _Compared) -> bool:
    return fits(one.reduced, lowest.reduced) or _are_twins(one, lowest)


def _are_twins(one: _Compared, lowest: _Compared) -> bool:
    """Whether crystals of one energy and space group are one once their symmetry is exact.

    Comparisons of cells as they are relaxed may fail, since the smallest cell of one of them is
    not found.
    """
    apart = abs(one.candidate.energy_per_atom - lowest.candidate.energy_per_atom)
    if apart >= TWIN_ENERGY or one.symmetry is None or lowest.symmetry is None:
        return False
    if one.symmetry.number != lowest.symmetry.number:
        return False
    return fits(one.symmetrized, lowest.symmetrized)


def _volume(structure: Structure) -> float:
    """Å³ an atom."""
    # Structure.volume would take a fifth of the time of all comparisons.
    return abs(float(np.linalg.det(structure.lattice.matrix))) / len(structure)


@lru_cache(maxsize=1024)
def _reduced(numbers: tuple[int, ...]) -> str:
    """Formula of some atoms."""
    return Composition(Counter(Element.from_Z(z).symbol for z in numbers)).reduced_formula
