"""Labelled structures that tests share: strained, shaken silicon under Stillinger and Weber."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Lattice, Structure

from a2c_ray.potentials.potential import Potential
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.labelling import label

DIAMOND = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.431), ["Si"], [[0, 0, 0]])


def shaken_silicon(n: int, seed: int = 0, shake: float = 0.12) -> list[Structure]:
    """Cells of two and eight atoms in turn.

    Args:
        n: structures.
        seed: of strains and displacements.
        shake: standard deviation of the displacements, Å.
    """
    rng = np.random.default_rng(seed)
    structures = []
    for k in range(n):
        cell = DIAMOND.get_primitive_structure() if k % 2 else DIAMOND.copy()
        cell.apply_strain(rng.uniform(-0.05, 0.05, 3))
        moved = cell.cart_coords + rng.normal(0.0, shake, (len(cell), 3))
        structures.append(Structure(cell.lattice, cell.species, moved, coords_are_cartesian=True))
    return structures


def labelled_silicon(potential: Potential, n: int, seed: int = 0) -> list[Labelled]:
    """The same with energies, forces and stresses."""
    return label(shaken_silicon(n, seed), potential)
