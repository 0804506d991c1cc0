"""How much of a cell is crystalline, and whether it is amorphous.

Crystals repeat the surroundings of an atom elsewhere, by translation alone; glasses do not. The
surroundings of two atoms of one element are compared as densities of Gaussians around their
neighbours, without rotation (environment similarity: P. M. Piaggi and M. Parrinello, J. Chem. Phys.
150, 244119 (2019), there against a known crystal, here against the other atoms of the cell). No
reference crystal is needed, and a crystal may have several orientations of one coordination, as
long as the cell holds each of them a few times.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from ase.neighborlist import primitive_neighbor_list
from pymatgen.core import Structure
from scipy.spatial.distance import cdist

from a2c_ray.analysis.distributions import Frames, frames_of_one_composition

REACH = 1.9
"""Radius of the surroundings over (V/n)^(1/3): about 29 neighbours."""

SIGMA = 0.15
"""Width of the Gaussians over (V/n)^(1/3): about 0.35 Å."""

PARTNERS = 3
"""Atoms with the most similar surroundings that are averaged over."""

REPEATED = 0.4
"""Least similarity of an atom's surroundings to its partners' for it to be crystalline. Atoms of
glasses and random packings have 0.1 to 0.35, of the published polymorphs with random displacements
of 0.15 Å along each axis 0.45 and more."""

AMORPHOUS_BELOW, CRYSTALLINE_FROM = 0.2, 0.8
"""Shares of crystalline atoms."""


class Order(Enum):
    """What a cell is, with its name."""

    AMORPHOUS = "amorphous"
    PARTIAL = "partially crystalline"
    CRYSTALLINE = "crystalline"


@dataclass(frozen=True)
class Crystallinity:
    """Order of a cell.

    similarity: of each atom's surroundings to those most like them, between 0 and 1, `[n_atoms]`.
    """

    similarity: np.ndarray

    @property
    def share(self) -> float:
        """Of the atoms, that are crystalline."""
        return float(np.mean(self.similarity > REPEATED))

    @property
    def order(self) -> Order:
        """Class of the cell."""
        return order_of(self.share)


def order_of(share: float) -> Order:
    """Class of a share of crystalline atoms."""
    if share < AMORPHOUS_BELOW:
        return Order.AMORPHOUS
    return Order.PARTIAL if share < CRYSTALLINE_FROM else Order.CRYSTALLINE


def crystallinity(frames: Frames) -> Crystallinity:
    """How similar the surroundings of atoms are to those of others.

    Args:
        frames: of one cell, whose mean positions are taken, such as the last 200 steps of a
            melt-quench; or one structure.

    Raises:
        FramesError: there is no frame, or their compositions differ.
    """
    frames, _ = frames_of_one_composition(frames)
    structure = mean_structure(frames)
    numbers = np.array(structure.atomic_numbers)
    vectors, species = _surroundings(structure)
    overlap = np.zeros((len(structure), len(structure)))
    for element, kind in itertools.product(np.unique(numbers), repeat=2):
        atoms = np.flatnonzero(numbers == element)
        neighbors = [vectors[atom][species[atom] == kind] for atom in atoms]
        overlap[np.ix_(atoms, atoms)] += _overlaps(neighbors)
    norm = np.sqrt(np.diag(overlap))
    # An atom without neighbours is like no other.
    similarity = overlap / np.outer(norm, norm).clip(np.finfo(float).tiny)
    np.fill_diagonal(similarity, 0.0)
    return Crystallinity(np.sort(similarity, axis=1)[:, -PARTNERS:].mean(axis=1))


def mean_structure(frames: Sequence[Structure]) -> Structure:
    """Mean positions, of each atom's images nearest to where it is in the first frame."""
    first = frames[0]
    offsets = [frame.frac_coords - first.frac_coords for frame in frames]
    mean = np.mean([offset - np.round(offset) for offset in offsets], axis=0)
    return Structure(first.lattice, first.species, first.frac_coords + mean)


def _surroundings(structure: Structure) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Vectors to each atom's neighbours over (V/n)^(1/3), and their atomic numbers."""
    spacing = (structure.volume / len(structure)) ** (1 / 3)
    center, neighbor, vector = primitive_neighbor_list(
        "ijD",
        [True] * 3,
        structure.lattice.matrix,
        structure.cart_coords,
        REACH * spacing,
    )
    ends = np.cumsum(np.bincount(center, minlength=len(structure)))[:-1]
    numbers = np.array(structure.atomic_numbers)
    return np.split(vector / spacing, ends), np.split(numbers[neighbor], ends)


def _overlaps(clouds: Sequence[np.ndarray]) -> np.ndarray:
    """Of each two densities, sums over all pairs of their points, `[n, n]` of n times `[m, 3]`."""
    points = np.concatenate(clouds)
    owners = np.repeat(np.arange(len(clouds)), [len(cloud) for cloud in clouds])
    rows = []
    for cloud in clouds:
        squares = cdist(cloud, points, "sqeuclidean")
        rows.append(np.exp(-squares / (4 * SIGMA**2)).sum(axis=0))
    return np.array([np.bincount(owners, row, minlength=len(clouds)) for row in rows])
