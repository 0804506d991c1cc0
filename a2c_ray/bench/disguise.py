"""Crystals as relaxations leave them: in other cells, turned, not quite at their minimum."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Structure


def in_another_cell(structure: Structure, rng: np.random.Generator) -> Structure:
    """Other vectors of the same lattice, turned, the origin and the order of atoms elsewhere."""
    vectors = np.eye(3)
    for _ in range(4):
        i, j = rng.permutation(3)[:2]
        vectors[i] += rng.integers(-1, 2) * vectors[j]
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    order = rng.permutation(len(structure))
    return Structure(
        vectors @ structure.lattice.matrix @ turned,
        np.array(structure.atomic_numbers)[order].tolist(),
        structure.frac_coords[order] @ np.linalg.inv(vectors) + rng.random(3),
    )


def deformed(
    structure: Structure, strain: float, shift: float, rng: np.random.Generator
) -> Structure:
    """Strained and shaken.

    Args:
        structure: to begin with.
        strain: standard deviation of each component.
        shift: of the atoms along each axis, Å.
        rng: of the draw.
    """
    lattice = structure.lattice.matrix @ (np.eye(3) + rng.normal(0, strain, (3, 3)))
    moved = structure.frac_coords @ lattice + rng.normal(0, shift, (len(structure), 3))
    return Structure(lattice, structure.species, moved, coords_are_cartesian=True)
