"""Space groups of relaxed cells, read at several tolerances."""

from __future__ import annotations

import spglib
from pymatgen.core import Structure

TOLERANCES = (0.01, 0.05, 0.1)
"""Å. Cells relaxed to 0.02 eV/Å from random starts often show their symmetry only at the last."""


def space_groups(
    structure: Structure, tolerances: tuple[float, ...] = TOLERANCES
) -> dict[float, str]:
    """International symbol at each tolerance (Å); "P1" if spglib finds none."""
    cell = (structure.lattice.matrix, structure.frac_coords, structure.atomic_numbers)
    found = {}
    for tolerance in tolerances:
        dataset = spglib.get_symmetry_dataset(cell, symprec=tolerance)
        found[tolerance] = dataset.international if dataset else "P1"
    return found
