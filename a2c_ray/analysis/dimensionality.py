"""In how many dimensions a structure holds together: as a crystal, or as layers, chains, molecules.

Source: P. M. Larsen, M. Pandey, M. Strange, K. W. Jacobsen, Phys. Rev. Materials 3, 034003 (2019),
as ASE has it.
"""

from __future__ import annotations

from ase import Atoms
from ase.geometry.dimensionality import analyze_dimensionality
from pymatgen.core import Structure

APART = 1.5
"""Sums of covalent radii beyond which atoms do not hold each other. The longer bonds of alpha-GeTe,
which make it a crystal, have 1.28 of them; between layers of h-BN there are 2.1."""


def dimensionality(structure: Structure) -> str:
    """3D of crystals, 2D of layers, 1D of chains, 0D of molecules; 02D of layers and molecules.

    Args:
        structure: periodic.
    """
    atoms = Atoms(
        structure.atomic_numbers, structure.cart_coords, cell=structure.lattice.matrix, pbc=True
    )
    intervals = analyze_dimensionality(atoms, merge=False)
    return next(found.dimtype for found in intervals if found.a <= APART < found.b)
