"""What changes while a subcell of a glass relaxes into a crystal, and what stays.

A subcell starts with distances that the glass does not have, between atoms that cutting has made
neighbours. Once these are gone, its distances and angles stay among those of the glass.

Source: a²c paper, Fig. 5 and the text on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pymatgen.core import Structure

from a2c_ray.analysis.bond_angles import AngleDistribution, bond_angles, possible_bonds
from a2c_ray.analysis.coordination import find_bonds, first_minima
from a2c_ray.analysis.distributions import Pair, RadialDistribution, rdf

R_MAX = 6.0
"""Å; longest distance of the fingerprints, and no bond is that long."""

SMEARING, ANGLE_SMEARING = 0.05, 2.0
"""Å and degrees; of the fingerprint of the glass, which is that of few atoms."""

LINE_WIDTH, ANGLE_LINE_WIDTH = 0.02, 1.0
"""Å and degrees; distances and angles of a cell this close are one line."""

NOISE = 1e-5
"""eV/atom; rounding of energies in single precision."""

REMAINING = (0.5, 0.1, 0.01)
"""Of the drop in energy, at the steps that are looked at more closely."""


@dataclass(frozen=True)
class Fingerprint:
    """Distributions of distances and angles, of a glass or of a cell.

    radial: partial radial distribution functions.
    angular: of the angles between bonds.
    """

    radial: RadialDistribution
    angular: AngleDistribution


@dataclass(frozen=True)
class Transformation:
    """The path of a subcell beside the glass that it was cut from.

    energy: of T configurations, eV/atom, `[T]`.
    bond_lengths: first minima of the partials of the glass, Å; pairs without one are left out,
        also from what follows.
    shortest: shortest distances in the glass, Å.
    spurious: share of each pair's bonds that are shorter than any in the glass, `[T]`.
    glass: its fingerprint.
    shown: steps looked at more closely, the first and the last among them.
    cells: fingerprints at these.
    """

    energy: np.ndarray
    bond_lengths: dict[Pair, float]
    shortest: dict[Pair, float]
    spurious: dict[Pair, np.ndarray]
    glass: Fingerprint
    shown: tuple[int, ...]
    cells: tuple[Fingerprint, ...]

    @property
    def largest_rise(self) -> float:
        """Of the energy in one step, eV/atom; 0 if there is none."""
        return float(np.max(np.diff(self.energy), initial=0.0))

    @property
    def is_downhill(self) -> bool:
        """Whether the energy never rises."""
        return self.largest_rise < NOISE

    @property
    def last_spurious(self) -> dict[Pair, int]:
        """Last step at which a pair has spurious bonds; pairs that never have any are left out."""
        steps = {pair: np.flatnonzero(share) for pair, share in self.spurious.items()}
        return {pair: int(found[-1]) for pair, found in steps.items() if len(found)}


def follow(
    path: Sequence[Structure], energy: np.ndarray, glass: Sequence[Structure]
) -> Transformation:
    """Compare a path with the glass that it starts from.

    Args:
        path: T configurations of one cell.
        energy: of each, eV/atom, `[T]`.
        glass: frames of it.
    """
    minima = first_minima(rdf(glass))
    bond_lengths = {pair: length for pair, length in minima.items() if length < R_MAX}
    angular = bond_angles(glass, shortest_bonds(bond_lengths), smearing=ANGLE_SMEARING)
    shortest = {
        pair: float(np.concatenate(distances).min())
        for pair, distances in _bonded_distances(glass, bond_lengths).items()
    }
    shown = telling_steps(energy)
    return Transformation(
        energy=energy,
        bond_lengths=bond_lengths,
        shortest=shortest,
        spurious=spurious_shares(path, bond_lengths, shortest),
        glass=Fingerprint(rdf(glass, R_MAX, smearing=SMEARING), angular),
        shown=shown,
        cells=tuple(_fingerprint(path[step], angular.bond_lengths) for step in shown),
    )


def spurious_shares(
    path: Sequence[Structure], bond_lengths: Mapping[Pair, float], shortest: Mapping[Pair, float]
) -> dict[Pair, np.ndarray]:
    """Share of bonds that are shorter than they should be; 0 where there are no bonds.

    Args:
        path: T configurations.
        bond_lengths: of the longest bonds of each pair, Å.
        shortest: that bonds should be, Å.

    Returns:
        `[T]` of each pair.
    """
    return {
        pair: np.array([np.mean(d < shortest[pair]) if len(d) else 0.0 for d in distances])
        for pair, distances in _bonded_distances(path, bond_lengths).items()
    }


def shortest_bonds(bond_lengths: Mapping[Pair, float]) -> dict[Pair, float]:
    """The bonds of each element that are its shortest: Ti-O of TiO2, C-O and Ca-O of CaCO3.

    Args:
        bond_lengths: of the longest bonds of each pair, Å.
    """
    elements = {element for pair in bond_lengths for element in pair}
    kept = {
        min((pair for pair in bond_lengths if element in pair), key=bond_lengths.__getitem__)
        for element in elements
    }
    return {pair: length for pair, length in bond_lengths.items() if pair in kept}


def telling_steps(energy: np.ndarray, remaining: Sequence[float] = REMAINING) -> tuple[int, ...]:
    """The first step, those at which some shares of the drop in energy remain, and the last.

    Args:
        energy: of each configuration, `[T]`.
        remaining: shares, descending.
    """
    left = (energy - energy[-1]) / max(energy[0] - energy[-1], np.finfo(float).tiny)
    between = [int(np.argmax(left <= share)) for share in remaining]
    return tuple(sorted({0, *between, len(energy) - 1}))


def _bonded_distances(
    frames: Sequence[Structure], bond_lengths: Mapping[Pair, float]
) -> dict[Pair, list[np.ndarray]]:
    """Lengths of the bonds of each pair in each frame, those of like atoms twice, Å."""
    elements = sorted(
        {symbol for frame in frames for symbol in frame.symbol_set}.union(*bond_lengths)
    )
    found: dict[Pair, list[np.ndarray]] = {pair: [] for pair in bond_lengths}
    for frame in frames:
        bonds = find_bonds(frame, elements, bond_lengths)
        symbol = np.array([site.specie.symbol for site in frame])
        center, end = symbol[bonds.center], symbol[bonds.end]
        length = np.linalg.norm(bonds.vector, axis=1)
        for a, b in bond_lengths:
            found[a, b].append(length[(center == a) & (end == b)])
    return found


def _fingerprint(cell: Structure, bond_lengths: Mapping[Pair, float]) -> Fingerprint:
    """Of one cell, which need not have all elements of the glass."""
    bonded = possible_bonds(cell, bond_lengths)
    return Fingerprint(rdf(cell, R_MAX, LINE_WIDTH), bond_angles(cell, bonded, ANGLE_LINE_WIDTH))
