"""Distributions of the angles between two bonds of an atom, such as O-Ti-O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from pymatgen.core import Structure
from scipy.ndimage import gaussian_filter1d

from a2c_ray.analysis.coordination import find_bonds, first_minima
from a2c_ray.analysis.distributions import (
    Frames,
    Pair,
    frames_of_one_composition,
    histogram,
    kinds,
    rdf,
)
from a2c_ray.errors import InputError

Triplet = tuple[str, str, str]
"""End, centre and other end; of the ends the less electronegative first."""


class NoAngleError(InputError):
    """Angles that do not occur."""


@dataclass(frozen=True)
class AngleDistribution:
    """Probability densities of angles between bonds.

    angle: centres of the bins, degrees, `[n]`.
    density: of each triplet that occurs, 1/degree, with an integral of 1, `[n]`.
    bond_lengths: of the longest bond of each pair, Å; other pairs are not bonded.
    """

    angle: np.ndarray
    density: dict[Triplet, np.ndarray]
    bond_lengths: dict[Pair, float]

    def of(self, end: str, center: str, other_end: str) -> np.ndarray:
        """Density of a triplet, its ends in either order.

        Raises:
            NoAngleError: there are no such angles.
        """
        for triplet in ((end, center, other_end), (other_end, center, end)):
            if triplet in self.density:
                return self.density[triplet]
        there = ", ".join("-".join(triplet) for triplet in self.density) or "none"
        raise NoAngleError(f"no angle {end}-{center}-{other_end} occurs; there are: {there}")


def possible_bonds(cell: Structure, bond_lengths: Mapping[Pair, float]) -> dict[Pair, float]:
    """Bond lengths of the elements that a cell has, which need not be all of a glass."""
    there = set(cell.symbol_set)
    return {pair: length for pair, length in bond_lengths.items() if there >= set(pair)}


def bond_angles(
    frames: Frames,
    bond_lengths: Mapping[Pair, float] | None = None,
    bin_width: float = 2.0,
    smearing: float = 0.0,
    per_solid_angle: bool = False,
) -> AngleDistribution:
    """Distributions of all bond angles, over all atoms of all frames.

    Args:
        frames: of one composition.
        bond_lengths: of the longest bond of each pair, Å; pairs that are not given are not bonded.
            By default the first minimum of each partial g(r) that has one.
        bin_width: degrees.
        smearing: standard deviation of a Gaussian by which each angle is spread, degrees.
        per_solid_angle: divide by sin(angle), so that directions without correlation give a
            constant; the integral is 1 again.

    Raises:
        FramesError: there is no frame, or their compositions differ.
        NoElementError: a bond length is given of an element that is not there.
    """
    frames, elements = frames_of_one_composition(frames)
    bond_lengths = dict(first_minima(rdf(frames)) if bond_lengths is None else bond_lengths)
    edges = np.linspace(0.0, 180.0, round(180 / bin_width) + 1)
    bin_width = edges[1]
    counts = np.zeros((len(elements),) * 3 + (len(edges) - 1,))
    for frame in frames:
        bonds = find_bonds(frame, elements, bond_lengths)
        kind = kinds(frame, elements)
        first, second = _pairs_of_bonds(bonds.center)
        ends = np.sort([kind[bonds.end[first]], kind[bonds.end[second]]], axis=0)
        angles = _angles(bonds.vector[first], bonds.vector[second])
        center = kind[bonds.center[first]]
        counts += histogram(counts.shape, ends[0], center, ends[1], angles / bin_width)
    if per_solid_angle:
        counts /= -np.diff(np.cos(np.radians(edges)))
    if smearing:
        counts = gaussian_filter1d(counts, smearing / bin_width, mode="reflect")
    return AngleDistribution(
        angle=edges[:-1] + bin_width / 2,
        density={
            (elements[a], center, elements[b]): counts[a, c, b]
            / (counts[a, c, b].sum() * bin_width)
            for c, center in enumerate(elements)
            for a, b in combinations_with_replacement(range(len(elements)), 2)
            if counts[a, c, b].any()
        },
        bond_lengths=bond_lengths,
    )


def _pairs_of_bonds(center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every two bonds of one atom, once, `[n_pairs]` each.

    Args:
        center: of each bond, ascending, `[n_bonds]`.
    """
    bonds = np.arange(len(center))
    partners = np.searchsorted(center, center, side="right") - bonds - 1
    first = np.repeat(bonds, partners)
    rank = np.arange(len(first)) - np.repeat(np.cumsum(partners) - partners, partners)
    return first, first + 1 + rank


def _angles(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Between vectors `[n, 3]`, degrees, `[n]`."""
    cosine = np.sum(a * b, axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
