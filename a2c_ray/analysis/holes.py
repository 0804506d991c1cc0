"""Holes of a potential: energies too low to be a crystal's, where it has learnt nothing.

An energy far below all others of a composition may also be that of the crystal which hardly any
relaxation has reached. Atoms tell: in a hole they are closer than in any crystal, or more of them
are as close. In crystals bonds are the longer the more an atom has. But molecules, such as O2, that
hardly any relaxation of a crowd has formed are no hole, however short their bonds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from ase.data import covalent_radii
from pymatgen.core import Composition, Element, Structure

from a2c_ray.compositions import is_metallic

FENCE = 3.0
"""Interquartile ranges below the first quartile of a composition's energies: Tukey's outer fence,
of which quartiles, unlike means, do not follow the outliers."""

LEAST_GAP = 0.3
"""eV/atom. An outlier is as far as this below the first quartile, too, since the quartiles of a
composition that has nearly always reached one crystal are close; and so is a group of energies that
far below the next higher one. Nine of ten metastable crystals lie within 0.07 eV/atom of the
ground state (Sun et al., Sci. Adv. 2, e1600225 (2016)): a gap of several times that is no
polymorph's."""

LEAST_METALLIC_GAP = 0.05
"""The same of metals. Their atoms are as close in one crystal as in another, within a few per cent,
so that less of a gap tells, while what is closer elsewhere may be a molecule's bond. A hole of iron
is 0.08 eV/atom below its crystals, with 2.13 Å between atoms that are 2.46 Å apart in the b.c.c.
one."""

SHORTER = 0.9
"""Of the shortest distance in crystals of the composition: below, an outlier is a hole. A hole of
BN has 1.23 Å, its crystals 1.45; graphite, which few relaxations of dilute carbon reach, 1.42, and
what the others reach 1.28."""

SHORTEST_BOND = 0.75
"""Of the sum of the covalent radii: what two atoms of nonmetals may have in a molecule. N2 and CO
have 0.77 and 0.79, O2 0.92, acetylene 0.79 (Huber and Herzberg, Constants of Diatomic Molecules,
1979)."""

MOST_BONDS, AS_CLOSE = 2, 1.2
"""Neighbours that an atom with such a bond has at most, within so many times its length: in
acetylene and CO2 two."""

SOFTNESS = 0.37
"""Å by which a bond is longer that is worth 1/e of another (I. D. Brown and D. Altermatt, Acta
Cryst. B 41, 244 (1985))."""

CROWDED = 1.75
"""Times what the bonds of an atom are worth in crystals of the composition: above, an outlier is a
hole. BN's crystals differ by 1.1, whether atoms have three bonds or four, those of other
compositions by up to 1.4; holes of BN with bonds of 1.38 to 1.47 Å to five neighbours, where h-BN
has three of 1.45, by 2.1."""

USUAL = 50
"""Lowest cells that are no outliers whose bonds are the usual ones."""

MOST_HOLES = 3
"""Of a composition, that are shown beside its crystals."""

FEWEST = 8
"""Energies of a composition below which none is judged."""

REACH = 3.0
"""Edges of a cube of the volume of an atom within which neighbours are looked for. No packing of
atoms is so loose that it has none within 1.2 of them."""


class Contacts(NamedTuple):
    """How close the atoms of a structure are.

    shortest: distance, Å, images included.
    crowding: what all bonds of an atom are worth, of that where it is most; one of length zero is
        worth 1.
    is_bond: whether the shortest distance may be the bond of a molecule.
    """

    shortest: float
    crowding: float
    is_bond: bool


def lowest_of_crowd(energies: np.ndarray, formula: str) -> float:
    """The lowest of some energies that is no outlier.

    Outliers are below the fence, or in the lowest quarter and below a gap: what every fourth
    relaxation reaches is no accident.

    Args:
        energies: of relaxed cells of one composition, eV/atom, `[n]`, at least one.
        formula: theirs.
    """
    least_gap = LEAST_METALLIC_GAP if is_metallic(Composition(formula)) else LEAST_GAP
    ordered = np.sort(energies)
    if len(ordered) < FEWEST:
        return float(ordered[0])
    first, median, third = np.quantile(ordered, [0.25, 0.5, 0.75])
    fence = first - max(FENCE * (third - first), least_gap)
    lower = ordered[ordered <= median]
    below_gap = lower[:-1][(np.diff(lower) > least_gap) & (lower[:-1] < first)]
    threshold = max(fence, below_gap.max(initial=-np.inf))
    return float(ordered[ordered > threshold][0])


def are_holes(structures: Sequence[Structure], energies: np.ndarray) -> np.ndarray:
    """Which relaxed cells are holes, `[n]`.

    Args:
        structures: of one composition, lowest energy first.
        energies: theirs, eV/atom, `[n]`, at least one.
    """
    crowd = lowest_of_crowd(energies, structures[0].reduced_formula)
    n_outliers = int(np.searchsorted(energies, crowd))
    found = np.zeros(len(energies), bool)
    found[:n_outliers] = holes_among(structures[:n_outliers], structures[n_outliers:])
    return found


def holes_among(outliers: Sequence[Structure], crowd: Sequence[Structure]) -> np.ndarray:
    """Which outliers are holes, `[n]`.

    Args:
        outliers: of one composition.
        crowd: the others, of which the first `USUAL` are looked at, lowest energy first.
    """
    if not len(outliers) or not len(crowd):
        return np.zeros(len(outliers), bool)
    usual = np.median([contacts_of(structure) for structure in crowd[:USUAL]], axis=0)
    shortest, crowding, is_bond = np.array([contacts_of(structure) for structure in outliers]).T
    return ((shortest < SHORTER * usual[0]) | (crowding > CROWDED * usual[1])) & (is_bond == 0)


def contacts_of(structure: Structure) -> Contacts:
    """How close atoms are, images included."""
    reach = REACH * (structure.volume / len(structure)) ** (1 / 3)
    atoms, others, _, distances = structure.get_neighbor_list(reach)
    worth = np.bincount(atoms, np.exp(-distances / SOFTNESS))
    k = int(np.argmin(distances))
    shortest, pair = float(distances[k]), [int(atoms[k]), int(others[k])]
    close = np.bincount(atoms[distances < AS_CLOSE * shortest], minlength=len(structure))
    elements = [Element.from_Z(structure.atomic_numbers[atom]) for atom in pair]
    is_bond = close[pair].max() <= MOST_BONDS and _can_be_bond(elements, shortest)
    return Contacts(shortest, float(worth.max()), bool(is_bond))


def _can_be_bond(elements: Sequence[Element], length: float) -> bool:
    """Whether a molecule of nonmetals may have a bond of a length, Å; others' are no shorter."""
    radii = sum(covalent_radii[element.Z] for element in elements)
    return length > SHORTEST_BOND * radii and not any(
        element.is_metal or element.is_metalloid for element in elements
    )
