"""In how many dimensions a structure holds together: as a crystal, or as layers, chains, molecules.

Source: P. M. Larsen, M. Pandey, M. Strange, K. W. Jacobsen, Phys. Rev. Materials 3, 034003 (2019),
as ASE has it. ASE's own search goes on to the bonds that make one whole of everything, and takes
minutes where a cell is long and empty.
"""

from __future__ import annotations

from ase import Atoms
from ase.data import covalent_radii
from ase.geometry.dimensionality.rank_determination import RDA
from ase.neighborlist import neighbor_list
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
    pieces = RDA(len(atoms))
    for i, j, cells in zip(
        *neighbor_list("ijS", atoms, APART * covalent_radii[atoms.numbers]), strict=True
    ):
        if i <= j:  # the way back is known with it
            pieces.insert_bond(int(i), int(j), tuple(cells.tolist()))
    dimensions = [str(k) for k, n_pieces in enumerate(pieces.check()) if n_pieces]
    return "".join(dimensions) + "D"
