"""Space groups of relaxed cells, read at several tolerances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import spglib
from numpy.typing import ArrayLike
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer, SymmetryUndeterminedError

from a2c_ray.errors import InputError

TOLERANCES = (0.01, 0.05, 0.1)
"""Å. Cells relaxed to 0.02 eV/Å from random starts often show their symmetry only at the last."""


SAME_SITE = 0.1
"""Å. Images of an atom on a special position that is rounded to three digits are nearer."""
N_SETTINGS = 530
"""Of space groups, in the order of S. R. Hall: the standard one of each comes first."""


class LostAtomsError(InputError):
    """A structure with atoms that are nowhere."""


def crystal(
    space_group: str, lattice: Lattice, elements: Sequence[str], positions: ArrayLike
) -> Structure:
    """Conventional cell of a crystal, from its asymmetric unit.

    Does what pymatgen's `Structure.from_spacegroup` does, which takes seconds for a cubic group.

    Args:
        space_group: international symbol, short or full, without spaces and with ":2" for the
            second choice of the origin; or the number of the group.
        lattice: of the conventional cell.
        elements: of K sites.
        positions: fractional, `[K, 3]`.

    Raises:
        ValueError: there is no such group.
    """
    rotations, translations = _operations(space_group)
    species: list[str] = []
    places: list[np.ndarray] = []
    for element, position in zip(elements, np.asarray(positions, float), strict=True):
        images = (rotations @ position + translations) % 1.0
        distances = lattice.get_all_distances(images, images)
        first = np.argmax(distances < SAME_SITE, axis=1) == np.arange(len(images))
        places.extend(images[first])
        species.extend([element] * int(first.sum()))
    return Structure(lattice, species, places, to_unit_cell=True)


@cache
def _operations(space_group: str) -> tuple[np.ndarray, np.ndarray]:
    """Rotations `[N, 3, 3]` and translations `[N, 3]` of a space group."""
    symbol, _, choice = space_group.partition(":")
    for hall_number in range(1, N_SETTINGS + 1):
        group: Any = spglib.get_spacegroup_type(hall_number)  # None of other numbers only
        full = group.international_full.replace(" ", "")
        if symbol in (group.international_short, full, str(group.number)) and (
            choice in ("", group.choice)
        ):
            found: Any = spglib.get_symmetry_from_database(hall_number)
            return found["rotations"], found["translations"]
    raise ValueError(f"there is no space group {space_group!r}")


def check_finite(structure: Structure) -> None:
    """Refuse what has no neighbours, by comparisons with NaN, and what spglib dies of.

    Raises:
        LostAtomsError: a position or the cell is not finite.
    """
    if not np.isfinite(structure.lattice.matrix).all():
        raise LostAtomsError(f"{structure.formula} has a cell that is not finite")
    lost = ~np.isfinite(structure.frac_coords).all(axis=1)
    if lost.any():
        raise LostAtomsError(
            f"the position of atom {int(np.argmax(lost))} of {structure.formula} is not finite"
        )


def spglib_cell(structure: Structure) -> Any:
    """As spglib takes it: lattice, coordinates and numbers. Its types know lists, not arrays.

    Raises:
        LostAtomsError: a position or the cell is not finite.
    """
    check_finite(structure)
    return structure.lattice.matrix, structure.frac_coords, structure.atomic_numbers


def space_groups(
    structure: Structure, tolerances: tuple[float, ...] = TOLERANCES
) -> dict[float, str]:
    """International symbol at each tolerance (Å); "P1" if spglib finds none."""
    found = {}
    for tolerance in tolerances:
        dataset = spglib.get_symmetry_dataset(spglib_cell(structure), symprec=tolerance)
        found[tolerance] = dataset.international if dataset else "P1"
    return found


def conventional_cell(structure: Structure, tolerance: float = TOLERANCES[-1]) -> Structure:
    """Conventional standard cell, symmetrized; the structure itself if spglib finds no symmetry.

    Args:
        structure: any cell of a crystal.
        tolerance: Å.
    """
    check_finite(structure)
    try:
        analyzer = SpacegroupAnalyzer(structure, symprec=tolerance)
        return analyzer.get_conventional_standard_structure()
    except SymmetryUndeterminedError:
        return structure


def symmetrized_cif(structure: Structure, tolerance: float = TOLERANCES[-1]) -> str:
    """CIF of a symmetrized crystal; of the structure as it is if spglib finds no symmetry."""
    check_finite(structure)
    try:
        return str(CifWriter(structure, symprec=tolerance))
    except SymmetryUndeterminedError:
        return str(CifWriter(structure))


def standard_primitive_cell(structure: Structure, tolerance: float = TOLERANCES[-1]) -> Structure:
    """Primitive standard cell, likewise."""
    check_finite(structure)
    try:
        analyzer = SpacegroupAnalyzer(structure, symprec=tolerance)
        return analyzer.get_primitive_standard_structure()
    except SymmetryUndeterminedError:
        return structure
