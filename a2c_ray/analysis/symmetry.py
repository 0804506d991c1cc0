"""Space groups of relaxed cells, read at several tolerances."""

from __future__ import annotations

from typing import Any

import numpy as np
import spglib
from pymatgen.core import Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer, SymmetryUndeterminedError

from a2c_ray.errors import InputError

TOLERANCES = (0.01, 0.05, 0.1)
"""Å. Cells relaxed to 0.02 eV/Å from random starts often show their symmetry only at the last."""


class LostAtomsError(InputError):
    """A structure with atoms that are nowhere."""


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


def standard_primitive_cell(structure: Structure, tolerance: float = TOLERANCES[-1]) -> Structure:
    """Primitive standard cell, likewise."""
    check_finite(structure)
    try:
        analyzer = SpacegroupAnalyzer(structure, symprec=tolerance)
        return analyzer.get_primitive_standard_structure()
    except SymmetryUndeterminedError:
        return structure
