"""Periodic cells as padded arrays, and their conversion from and to pymatgen structures.

Lattices hold their vectors in rows; positions are Cartesian. Atoms beyond the end of a structure
carry atomic number 0 and sit at the origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct

if TYPE_CHECKING:
    from pymatgen.core import Structure

EMPTY_CELL_EDGE = 100.0
"""Å; cubic lattice given to slots without atoms, so that their geometry stays finite."""


@struct.dataclass
class Cells:
    """A batch of periodic cells.

    positions: Cartesian, Å, `[S, N, 3]`.
    lattice: rows are lattice vectors, Å, `[S, 3, 3]`.
    numbers: atomic numbers, int32 `[S, N]`; 0 for padding.
    """

    positions: jax.Array
    lattice: jax.Array
    numbers: jax.Array

    @property
    def present(self) -> jax.Array:
        """Which atoms are real, `[S, N]`."""
        return self.numbers > 0

    @property
    def n_atoms(self) -> jax.Array:
        """Atoms of each cell, int32 `[S]`."""
        return jnp.sum(self.present, axis=-1)

    @property
    def volume(self) -> jax.Array:
        """Å³, `[S]`."""
        a, b, c = self.lattice[:, 0], self.lattice[:, 1], self.lattice[:, 2]
        return jnp.abs(jnp.sum(a * jnp.cross(b, c), axis=-1))


def padded_size(n: int) -> int:
    """The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, ...: few shapes to compile, little padding."""
    power = 1 << max(0, n - 1).bit_length()
    return power * 3 // 4 if power >= 4 and n <= power * 3 // 4 else power


def pack(
    structures: Sequence[Structure],
    n_atoms: int | None = None,
    n_slots: int | None = None,
    dtype: str = "float32",
) -> Cells:
    """Arrays of a batch of structures (numpy, so that nothing is put on a device yet).

    Args:
        structures: ordered.
        n_atoms: N; the largest structure's if not given.
        n_slots: S; the number of structures if not given. Further slots are empty.
        dtype: of positions and lattices.
    """
    n_atoms = n_atoms or max(len(s) for s in structures)
    n_slots = n_slots or len(structures)
    positions = np.zeros((n_slots, n_atoms, 3), dtype)
    lattice = np.tile(np.eye(3, dtype=dtype) * EMPTY_CELL_EDGE, (n_slots, 1, 1))
    numbers = np.zeros((n_slots, n_atoms), np.int32)
    for k, structure in enumerate(structures):
        positions[k, : len(structure)] = structure.cart_coords
        lattice[k] = structure.lattice.matrix
        numbers[k, : len(structure)] = structure.atomic_numbers
    return Cells(positions, lattice, numbers)


def unpack(cells: Cells) -> list[Structure]:
    """Structures of all cells that hold atoms, atoms wrapped into their cell."""
    from pymatgen.core import Structure

    structures = []
    for positions, lattice, numbers in zip(
        np.asarray(cells.positions, np.float64),
        np.asarray(cells.lattice, np.float64),
        np.asarray(cells.numbers),
        strict=True,
    ):
        n = int(np.sum(numbers > 0))
        if n:
            structures.append(
                Structure(
                    lattice,
                    numbers[:n].tolist(),
                    positions[:n],
                    coords_are_cartesian=True,
                    to_unit_cell=True,
                )
            )
    return structures
