"""Which of many relaxed structures are the same crystal; processes share the compositions."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from joblib import Parallel, cpu_count, delayed
from pymatgen.core import Composition, Element, Structure

from a2c_ray.analysis.grouping import Candidate, group_alike
from a2c_ray.analysis.symmetry import LostAtomsError, check_finite
from a2c_ray.errors import InputError

MANY = 20_000
"""Structures from which it pays to start other processes, which takes some seconds."""


def distinct(
    structures: Sequence[Structure],
    energies: Sequence[float] | None = None,
    processes: int | None = None,
) -> list[list[int]]:
    """Which of many relaxed structures are the same crystal, whatever their cells.

    Structures of different compositions, or that differ by 4 % in volume or by 3 meV/atom in
    energy, are different; of others StructureMatcher's verdict counts.

    Args:
        structures: of any compositions, taken one after another: what makes them as they are asked
            for need not hold them.
        energies: of each, eV/atom, which save most comparisons; None if they are not known.
        processes: to which the compositions are given, by joblib; None for all processors where
            there are many structures.

    Returns:
        Places of the structures of each crystal, the lowest (without energies the densest) first;
        crystals by formula, in the same order.

    Raises:
        InputError: there is not one finite energy for each structure, or a structure is not finite.
    """
    if energies is not None and len(energies) != len(structures):
        raise InputError(f"{len(energies)} energies of {len(structures)} structures")
    if processes is not None and processes < 1:
        raise InputError(f"processes must be at least 1, not {processes}")
    heaps: dict[str, _Heap] = defaultdict(_Heap)
    for k, structure in enumerate(structures):
        energy = 0.0 if energies is None else float(energies[k])
        _check(structure, energy, k)
        heaps[_reduced(tuple(sorted(structure.atomic_numbers)))].add(k, structure, energy)
    n_processes = processes or (cpu_count() if len(structures) >= MANY else 1)
    largest_first = sorted(heaps, key=lambda formula: -len(heaps[formula].sizes))
    found = Parallel(n_jobs=max(1, min(n_processes, len(heaps))))(
        delayed(_groups)(heaps.pop(formula).stacked(), energies is None)
        for formula in largest_first
    )
    groups = dict(zip(largest_first, found, strict=True))
    return [group for formula in sorted(groups) for group in groups[formula]]


@dataclass(frozen=True)
class _Stack:
    """Structures of one composition as arrays.

    places: of the structures among all.
    energies: eV/atom.
    lattices: rows are lattice vectors, Å, `[S, 3, 3]`.
    starts: of each structure's atoms, and the end of the last, `[S + 1]`.
    numbers, coords: of all atoms, `[N]`, and fractional, `[N, 3]`.
    """

    places: np.ndarray
    energies: np.ndarray
    lattices: np.ndarray
    starts: np.ndarray
    numbers: np.ndarray
    coords: np.ndarray

    def candidates(self, by_volume: bool) -> Iterator[Candidate]:
        """In the order in which they are grouped: the lowest, or the densest, first."""
        volumes = np.abs(np.linalg.det(self.lattices)) / np.diff(self.starts)
        spans = list(pairwise(self.starts.tolist()))
        for k in np.argsort(volumes if by_volume else self.energies, kind="stable").tolist():
            atoms = slice(*spans[k])
            structure = Structure(
                self.lattices[k], self.numbers[atoms].tolist(), self.coords[atoms]
            )
            yield Candidate(structure, float(self.energies[k]), int(self.places[k]))


class _Heap:
    """The same while they are collected, without an object for each of a million."""

    def __init__(self) -> None:
        self.places, self.sizes, self.numbers = array("q"), array("q"), array("q")
        self.energies, self.lattices, self.coords = array("d"), array("d"), array("d")

    def add(self, place: int, structure: Structure, energy: float) -> None:
        self.places.append(place)
        self.sizes.append(len(structure))
        self.numbers.extend(structure.atomic_numbers)
        self.energies.append(energy)
        self.lattices.frombytes(np.asarray(structure.lattice.matrix, float).tobytes())
        self.coords.frombytes(np.asarray(structure.frac_coords, float).tobytes())

    def stacked(self) -> _Stack:
        """As arrays."""
        return _Stack(
            np.array(self.places),
            np.array(self.energies),
            np.array(self.lattices).reshape(-1, 3, 3),
            np.cumsum([0, *self.sizes]),
            np.array(self.numbers),
            np.array(self.coords).reshape(-1, 3),
        )


def _groups(stack: _Stack, by_volume: bool) -> list[list[int]]:
    """Places of the structures of each crystal of one composition."""
    groups = group_alike(stack.candidates(by_volume), by_volume=by_volume)
    return [[candidate.key for candidate in group] for group in groups]


def _check(structure: Structure, energy: float, place: int) -> None:
    try:
        check_finite(structure)
    except LostAtomsError as error:
        raise InputError(f"structure {place}: {error}") from error
    if not math.isfinite(energy):
        raise InputError(f"structure {place} has an energy of {energy}")


@lru_cache(maxsize=1024)
def _reduced(numbers: tuple[int, ...]) -> str:
    """Formula of some atoms."""
    return Composition(Counter(Element.from_Z(z).symbol for z in numbers)).reduced_formula
