"""Random cells with the symmetry of a space group, in which low crystals are found far sooner.

Source of the idea: Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011), section 4.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import spglib

from a2c_ray.cells import Cell

N_GROUPS = 230

BETA = 15.0
"""Degrees; standard deviation of the monoclinic angle around 90."""

MERGING = 3.0
"""Å; images of an atom within a random distance up to this are merged, on a special position."""

SAME = 1e-3
"""Å; positions that are closer are one."""

APART = 0.5
"""Å; atoms that begin closer cannot be pushed apart without breaking the symmetry."""

TRIES = 30
"""Of a position with few enough images, before the group is given up."""

MERGES = 8
"""Rounds of moving an atom to the mean of its near images; it is there after two or three."""


class SpaceGroup(NamedTuple):
    """Operations of a space group on fractional coordinates of its conventional cell.

    number: of the International Tables.
    rotations: `[n, 3, 3]`.
    translations: `[n, 3]`.
    """

    number: int
    rotations: np.ndarray
    translations: np.ndarray

    @property
    def n_centres(self) -> int:
        """Primitive cells of the conventional one."""
        return int(np.all(self.rotations == np.eye(3, dtype=int), axis=(1, 2)).sum())

    def images(self, position: np.ndarray) -> np.ndarray:
        """Of a fractional position, not wrapped, `[n, 3]`."""
        return self.rotations @ position + self.translations


def symmetric_cell(
    numbers: np.ndarray, volume: float, stretch: float, rng: np.random.Generator
) -> Cell:
    """A primitive cell of some atoms with the symmetry of a random space group.

    Args:
        numbers: atomic numbers of a primitive cell, int `[n]`.
        volume: of it, Å³.
        stretch: standard deviation of the logarithm of the edges.
        rng: of all that is random.
    """
    while True:
        group = space_group(int(rng.integers(1, N_GROUPS + 1)))
        lattice = _lattice(group.number, stretch, rng)
        lattice *= (group.n_centres * volume / abs(np.linalg.det(lattice))) ** (1 / 3)
        cell = _filled(group, lattice, numbers, rng)
        if cell is not None:
            return cell


@lru_cache(maxsize=N_GROUPS)
def space_group(number: int) -> SpaceGroup:
    """Of a number of the International Tables, in the first of its settings."""
    operations = spglib.get_symmetry_from_database(_first_hall_numbers()[number])
    if operations is None:
        raise ValueError(f"no space group {number}")
    return SpaceGroup(number, operations["rotations"], operations["translations"])


@lru_cache(maxsize=1)
def _first_hall_numbers() -> dict[int, int]:
    found: dict[int, int] = {}
    for hall in range(1, 531):
        kind = spglib.get_spacegroup_type(hall)
        if kind is not None:
            found.setdefault(kind.number, hall)
    return found


def _lattice(number: int, stretch: float, rng: np.random.Generator) -> np.ndarray:
    """A random conventional lattice of any volume that a space group allows."""
    a, b, c = np.exp(rng.normal(0.0, stretch, 3))
    if number <= 2:
        return np.diag([a, b, c]) + rng.normal(0.0, stretch, (3, 3))
    if number <= 15:
        beta = np.radians(90.0 + rng.normal(0.0, BETA))
        return np.array([[a, 0, 0], [0, b, 0], [c * np.cos(beta), 0, c * np.sin(beta)]])
    if number <= 74:
        return np.diag([a, b, c])
    if number <= 142:
        return np.diag([a, a, c])
    if number <= 194:
        return np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]])
    return np.eye(3)


def _filled(
    group: SpaceGroup, lattice: np.ndarray, numbers: np.ndarray, rng: np.random.Generator
) -> Cell | None:
    """The primitive cell with its atoms on whole orbits; None if they do not fit into the group."""
    elements, counts = np.unique(numbers, return_counts=True)
    positions: list[np.ndarray] = []
    for count in counts:
        left = group.n_centres * int(count)
        while left:
            orbit = _orbit(group, lattice, left, rng)
            if orbit is None:
                return None
            positions.append(orbit)
            left -= len(orbit)
    atoms = np.repeat(elements, group.n_centres * counts)
    placed = np.concatenate(positions)
    if _closest(placed, lattice) < APART:
        return None
    primitive = spglib.find_primitive((lattice, placed, atoms), symprec=SAME)
    if primitive is None:
        return None
    axes, fractions, kinds = primitive
    return Cell(np.array(axes), fractions @ axes, np.asarray(kinds, np.int32))


def _orbit(
    group: SpaceGroup, lattice: np.ndarray, most: int, rng: np.random.Generator
) -> np.ndarray | None:
    """Images of a random position, at most so many, fractional `[m, 3]`."""
    for _ in range(TRIES):
        position, reach = rng.random(3), rng.uniform(0.0, MERGING)
        for _ in range(MERGES):
            steps = _wrapped(group.images(position) - position)
            position = position + steps[np.linalg.norm(steps @ lattice, axis=1) < reach].mean(0)
        orbit = _distinct(group.images(position), lattice)
        if len(orbit) <= most:
            return orbit
    return None


def _distinct(positions: np.ndarray, lattice: np.ndarray) -> np.ndarray:
    """Positions without those that are lattice translations of earlier ones."""
    apart = _wrapped(positions[:, None] - positions[None]) @ lattice
    same = np.linalg.norm(apart, axis=-1) < SAME
    return positions[np.argmax(same, axis=1) == np.arange(len(positions))]


def _closest(positions: np.ndarray, lattice: np.ndarray) -> float:
    apart = np.linalg.norm(_wrapped(positions[:, None] - positions[None]) @ lattice, axis=-1)
    return float(np.min(apart[np.triu_indices(len(positions), 1)], initial=np.inf))


def _wrapped(fractions: np.ndarray) -> np.ndarray:
    return fractions - np.round(fractions)
