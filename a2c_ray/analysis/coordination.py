"""Bonds, and how many of them atoms have.

Bonds are told by a length for each pair of elements, by default the first minimum of their radial
distribution function, or by Brunner's largest gap of reciprocal distances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from pymatgen.analysis.local_env import BrunnerNNReciprocal
from pymatgen.core import Structure

from a2c_ray.analysis.distributions import (
    Frames,
    FramesError,
    NoMinimumError,
    Pair,
    RadialDistribution,
    check_elements,
    first_minimum,
    frames_of_one_composition,
    kinds,
    rdf,
)


class Bonds(NamedTuple):
    """Bonds of one structure, each listed from both of its ends, sorted by centre.

    center, end: atoms, int `[n]`.
    vector: from the centre to the end, Å, `[n, 3]`.
    """

    center: np.ndarray
    end: np.ndarray
    vector: np.ndarray


@dataclass(frozen=True)
class Coordination:
    """Coordination numbers of the atoms of one element by those of another.

    center: element whose neighbours are counted.
    neighbor: element of these.
    numbers: of each atom in each frame, int `[n_frames, n_atoms]`.
    """

    center: str
    neighbor: str
    numbers: np.ndarray

    @property
    def mean(self) -> float:
        """Over atoms and frames."""
        return float(np.mean(self.numbers))

    @property
    def shares(self) -> np.ndarray:
        """Shares of the atoms that have 0, 1, 2, ... neighbours, `[largest number + 1]`."""
        return np.bincount(self.numbers.ravel()) / self.numbers.size


def coordination(
    frames: Frames, center: str, neighbor: str, bond_length: float | None = None
) -> Coordination:
    """Coordination numbers by distance.

    Args:
        frames: of one composition.
        center: element whose neighbours are counted.
        neighbor: element of these.
        bond_length: of the longest bond, Å; by default the first minimum of the partial g(r).

    Raises:
        FramesError: there is no frame, or their compositions differ.
        NoElementError: an element is not in the frames.
        NoMinimumError: no length is given, and g(r) has no minimum.
    """
    frames, elements = frames_of_one_composition(frames)
    check_elements(elements, center, neighbor)
    if bond_length is None:
        bond_length = first_minimum(rdf(frames), center, neighbor)
    numbers = []
    for frame in frames:
        bonds = find_bonds(frame, elements, {(center, neighbor): bond_length})
        of_center = kinds(frame, elements) == elements.index(center)
        numbers.append(np.bincount(bonds.center, minlength=len(frame))[of_center])
    return Coordination(center, neighbor, np.array(numbers))


def brunner_coordination(frames: Frames, center: str, neighbor: str) -> Coordination:
    """Coordination numbers by Brunner's reciprocal gap.

    With d the sorted distances from an atom to all others, of whatever element, and to their
    images within 8 Å, its neighbours are those before the largest gap 1/d_i - 1/d_(i+1); the ones
    that are `neighbor` are counted. This need not be mutual: B by N and N by B may differ.

    Args:
        frames: of one composition.
        center: element whose neighbours are counted.
        neighbor: element of these.

    Raises:
        FramesError: there is no frame, their compositions differ, or they are too dilute.
        NoElementError: an element is not in the frames.

    Sources: a²c paper, Methods, on BN, which uses pymatgen; G. O. Brunner, Acta Crystallogr. A 33,
    226 (1977).
    """
    frames, elements = frames_of_one_composition(frames)
    check_elements(elements, center, neighbor)
    brunner = BrunnerNNReciprocal()
    numbers = [
        [_count_near(brunner, frame, k, neighbor) for k in frame.indices_from_symbol(center)]
        for frame in frames
    ]
    return Coordination(center, neighbor, np.array(numbers))


def first_minima(radial: RadialDistribution) -> dict[Pair, float]:
    """First minima of those partials that have one, Å."""
    minima = {}
    for pair in radial.partial:
        with suppress(NoMinimumError):
            minima[pair] = first_minimum(radial, *pair)
    return minima


def find_bonds(
    structure: Structure, elements: Sequence[str], bond_lengths: Mapping[Pair, float]
) -> Bonds:
    """All bonds of a structure, to periodic images too.

    Args:
        structure: may be smaller than its bonds are long.
        elements: of the structure.
        bond_lengths: of the longest bond of each pair, in either order, Å; pairs that are not
            given are not bonded.

    Raises:
        NoElementError: a length is given of an element that is not there.
    """
    limit = np.zeros((len(elements), len(elements)))
    for pair, length in bond_lengths.items():
        check_elements(elements, *pair)
        a, b = map(elements.index, pair)
        limit[a, b] = limit[b, a] = length
    kind = kinds(structure, elements)
    center, end, image, distance = structure.get_neighbor_list(np.max(limit))
    bonded = np.flatnonzero(distance <= limit[kind[center], kind[end]])
    bonded = bonded[np.argsort(center[bonded])]
    center, end, image = center[bonded], end[bonded], image[bonded]
    fractional = structure.frac_coords[end] + image - structure.frac_coords[center]
    return Bonds(center, end, fractional @ structure.lattice.matrix)


def _count_near(brunner: BrunnerNNReciprocal, frame: Structure, atom: int, neighbor: str) -> int:
    try:
        near = brunner.get_nn_info(frame, atom)
    except ValueError as error:
        raise FramesError(
            f"atom {atom} has fewer than two others within {brunner.cutoff:g} Å: no gap to find"
        ) from error
    return sum(other["site"].specie.symbol == neighbor for other in near)
