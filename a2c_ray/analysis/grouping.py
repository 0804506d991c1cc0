"""Group relaxed cells by the crystal that they are.

Cells are compared if their energies and their volumes are close: at first sight by laying many upon
one at once (`superposition`), then, where that says nothing, as pymatgen's StructureMatcher does
(`fitting`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import spglib
from pymatgen.core import Structure

from a2c_ray.analysis.fitting import all_fits, fits
from a2c_ray.analysis.reduced_cell import ReducedCell, compared_in, niggli_cell, smallest
from a2c_ray.analysis.superposition import lie_upon
from a2c_ray.analysis.symmetry import TOLERANCES, spglib_cell
from a2c_ray.analysis.twins import TWIN_ENERGY

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


def group_alike(
    candidates: Iterable[Candidate], max_groups: float = math.inf, by_volume: bool = False
) -> list[list[Candidate]]:
    """Group candidates of one composition by structure, which is that of a group's lowest.

    Args:
        candidates: sorted by energy.
        max_groups: once so many are found, candidates that match none of them are dropped.
        by_volume: whether they are sorted by volume, all of one energy.

    Returns:
        Groups by their lowest member; members keep their order.
    """
    grouping = _Grouping(max_groups, by_volume)
    for candidate in candidates:
        grouping.add(candidate)
    return grouping.finish()


class _Grouping:
    """Takes candidates of one composition in their order, and looks at many at once.

    Args:
        max_groups, by_volume: see `group_alike`.
    """

    def __init__(self, max_groups: float, by_volume: bool) -> None:
        self._max_groups, self._by_volume = max_groups, by_volume
        self._waiting: list[_Compared] = []
        self._groups: list[_Group] = []
        self._open: list[_Group] = []

    def add(self, candidate: Candidate) -> None:
        """The next one."""
        self._waiting.append(_Compared(candidate))
        if len(self._waiting) == TOGETHER:
            self._look()

    def finish(self) -> list[list[Candidate]]:
        """Groups, once all candidates are there."""
        self._look()
        return [group.members for group in self._groups]

    def _look(self) -> None:
        chunk, self._waiting = self._waiting, []
        if not chunk:
            return
        self._open = [group for group in self._open if group.is_open(chunk[0], self._by_volume)]
        volumes = np.array([compared.volume for compared in chunk])
        for group in self._open:
            group.mark_plain(chunk, volumes)
        for k, compared in enumerate(chunk):
            known = _group_of(compared, self._open)
            if known is not None:
                known.add(compared.candidate)
            elif len(self._groups) < self._max_groups:
                new = _Group(compared)
                new.mark_plain(chunk[k + 1 :], volumes[k + 1 :])
                self._groups.append(new)
                self._open.append(new)


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

    @property
    def is_without_symmetry(self) -> bool:
        """Whether there is no symmetry to be made exact, a smaller cell included."""
        found = self.symmetry
        return (
            found is not None
            and found.number == 1
            and len(found.std_types) == len(self.reduced.numbers)
        )

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

    def mark_plain(self, chunk: Sequence[_Compared], volumes: np.ndarray) -> None:
        """Tell those candidates that are this crystal at first sight.

        Args:
            chunk: the candidates.
            volumes: of them, per atom, Å³.
        """
        crystal = self.lowest.reduced
        n_atoms = len(crystal.numbers)
        near = [chunk[k] for k in np.flatnonzero(_are_alike(volumes, self.lowest.volume)).tolist()]
        of_size = [(compared, compared.of_size(n_atoms)) for compared in near]
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
    volumes = np.array([group.lowest.volume for group in near])
    alike = [near[k] for k in np.flatnonzero(_are_alike(one.volume, volumes)).tolist()]
    fitting = all_fits(one.reduced, [group.lowest.reduced for group in alike])
    found = zip(alike, fitting, strict=True)
    return next((g for g, is_one in found if is_one or _are_twins(one, g.lowest)), None)


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
    if one.is_without_symmetry and lowest.is_without_symmetry:
        return False  # as before
    return fits(one.symmetrized, lowest.symmetrized)


def _are_alike(volume: np.ndarray | float, of_group: np.ndarray | float) -> np.ndarray:
    """Whether volumes per atom are, Å³."""
    return np.abs(volume - of_group) < SAME_VOLUME * of_group


def _volume(structure: Structure) -> float:
    """Å³ an atom."""
    # Structure.volume would take a fifth of the time of all comparisons.
    return abs(float(np.linalg.det(structure.lattice.matrix))) / len(structure)
