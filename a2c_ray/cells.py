"""Periodic cells as padded arrays, and their conversion from and to pymatgen structures.

Lattices hold their vectors in rows; positions are Cartesian. Atoms beyond the end of a structure
carry atomic number 0 and sit at the origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct

from a2c_ray.errors import InputError
from a2c_ray.matrices import Array, cross

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

MAX_ATOMIC_NUMBER = 118
"""Of the elements that arrays by atomic number have room for."""

FAR = 2
"""Cells away from the origin, along an edge, from which on an atom's place is rounded noticeably in
single precision: 40 cells away, energies are off by some 1e-5 eV/atom."""

WHOLE = 1.0 - 1e-3
"""Occupancy of a site that holds an atom."""

PARTIAL = "sites that are occupied in part, or by several elements"


class NoCellError(InputError):
    """A structure that is no periodic cell of atoms."""


class UnknownAtomError(InputError):
    """An atom of no element: a dummy, or a number that none has."""


class Cell(NamedTuple):
    """One periodic cell.

    lattice: rows are lattice vectors, Å, `[3, 3]`.
    positions: Cartesian, Å, `[n, 3]`.
    numbers: atomic numbers, int `[n]`.
    """

    lattice: np.ndarray
    positions: np.ndarray
    numbers: np.ndarray

    @classmethod
    def of(cls, structure: Structure | Atoms) -> Cell:
        """From a structure of pymatgen or ASE.

        Raises:
            NoCellError: it is not periodic in all directions, or a site is occupied in part.
            UnknownAtomError: an atom is of no element.
            TypeError: it is neither.
        """
        from ase import Atoms
        from pymatgen.core import Structure

        if isinstance(structure, Structure):
            return cls.from_structure(structure)
        if not isinstance(structure, Atoms):
            raise TypeError(
                f"expected structures of pymatgen or ASE, in a list, found {structure!r}"
            )
        check_numbers(structure.numbers)
        _check_periodic(str(structure.symbols), structure.pbc)
        if is_partial(structure):
            raise _partial_cell(str(structure.symbols))
        return cls(structure.cell.array, structure.positions, structure.numbers)

    @classmethod
    def from_structure(cls, structure: Structure) -> Cell:
        """From a pymatgen structure.

        Raises:
            NoCellError: it is not periodic in all directions, or a site is occupied in part.
            UnknownAtomError: an atom is of no element.
        """
        _check_periodic(structure.formula, structure.pbc)
        whole = with_whole_sites(structure)
        if whole is None:
            raise _partial_cell(structure.formula)
        numbers = whole.atomic_numbers
        check_numbers(numbers)
        return cls(
            np.array(structure.lattice.matrix),
            np.array(structure.cart_coords),
            np.array(numbers, np.int32),
        )

    @property
    def structure(self) -> Structure:
        """As a pymatgen structure, atoms wrapped into the cell."""
        from pymatgen.core import Structure

        return Structure(
            np.asarray(self.lattice, np.float64),
            np.asarray(self.numbers).tolist(),
            np.asarray(self.positions, np.float64),
            coords_are_cartesian=True,
            to_unit_cell=True,
        )

    @property
    def volume(self) -> float:
        """Å³."""
        return float(abs(np.linalg.det(np.asarray(self.lattice, np.float64))))


def check_numbers(numbers: Sequence[int] | np.ndarray) -> None:
    """Refuse atoms that are of no element; 0 would be taken for padding.

    Raises:
        UnknownAtomError: names the first.
    """
    if strange := of_no_element(numbers):
        raise UnknownAtomError(strange)


def of_no_element(numbers: Sequence[int] | np.ndarray) -> str:
    """Which atom is the first that is of no element, in words; empty if all are of one."""
    given = np.asarray(numbers)
    strange = (given < 1) | (given > MAX_ATOMIC_NUMBER)
    return f"atom {int(np.argmax(strange))} is no element" if strange.any() else ""


def with_whole_sites(structure: Structure) -> Structure | None:
    """A structure with one atom on each site; None where one is occupied in part, or by several."""
    if structure.is_ordered:
        return structure
    whole = structure.copy()
    for site in whole:
        if len(site.species) != 1 or not WHOLE <= site.species.num_atoms <= 1.0:
            return None
        site.species = {site.species.elements[0]: 1.0}
    return whole


def is_partial(atoms: Atoms) -> bool:
    """Whether ASE, which keeps one atom of a disordered site, has noted others."""
    occupancy = atoms.info.get("occupancy")
    if not isinstance(occupancy, dict):
        return False
    try:
        return not all(_is_whole(site) for site in occupancy.values())
    except (AttributeError, TypeError, ValueError):
        return False


def _partial_cell(formula: str) -> NoCellError:
    return NoCellError(f"{formula} has {PARTIAL}: give it with one atom on each site")


def _is_whole(site: dict[str, float]) -> bool:
    """Whether one atom is always there, and no other; NaN says neither."""
    present = [share for share in site.values() if share != 0.0]
    return len(present) == 1 and present[0] >= WHOLE


def _check_periodic(formula: str, pbc: Sequence[bool]) -> None:
    if not all(pbc):
        flags = " ".join("T" if flag else "F" for flag in pbc)
        raise NoCellError(
            f"{formula} is not periodic in all three directions (pbc {flags}): give it a cell that "
            "is, with room around a slab or a molecule"
        )


EMPTY_CELL_EDGE = 100.0
"""Å; cubic lattice given to slots without atoms, so that their geometry stays finite."""


@struct.dataclass
class Cells:
    """A batch of periodic cells.

    positions: Cartesian, Å, `[S, N, 3]`.
    lattice: rows are lattice vectors, Å, `[S, 3, 3]`.
    numbers: atomic numbers, int32 `[S, N]`; 0 for padding.
    """

    positions: Array
    lattice: Array
    numbers: Array

    @property
    def present(self) -> Array:
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
        return jnp.abs(jnp.sum(a * cross(b, c), axis=-1))


def pack(
    cells: Sequence[Cell | None], n_atoms: int, n_slots: int | None = None, dtype: str = "float32"
) -> Cells:
    """A batch of cells (numpy arrays, so that nothing is put on a device yet).

    Args:
        cells: None leaves a slot empty.
        n_atoms: N.
        n_slots: S; the number of cells if not given. Further slots are empty.
        dtype: of positions and lattices.
    """
    n_slots = n_slots or len(cells)
    positions = np.zeros((n_slots, n_atoms, 3), dtype)
    lattice = np.tile(np.eye(3, dtype=dtype) * EMPTY_CELL_EDGE, (n_slots, 1, 1))
    numbers = np.zeros((n_slots, n_atoms), np.int32)
    for k, cell in enumerate(cells):
        if cell is not None:
            positions[k, : len(cell.numbers)] = cell.positions
            lattice[k] = cell.lattice
            numbers[k, : len(cell.numbers)] = cell.numbers
    return Cells(positions, lattice, numbers)


def translations_far_away(cell: Cell) -> np.ndarray | None:
    """Lattice translations of atoms that lie `FAR` cells away or more; None if there are none.

    Returns:
        Whole numbers, `[n, 3]`: without these translations atoms lie beside the origin.
    """
    try:
        fractional = np.linalg.solve(np.float64(cell.lattice).T, np.float64(cell.positions).T).T
    except np.linalg.LinAlgError:  # of no volume, as will be said where it is relaxed
        return None
    is_far = np.isfinite(fractional) & (np.abs(fractional) >= FAR)
    return np.where(is_far, np.trunc(fractional), 0) if is_far.any() else None


def translated(cell: Cell, translations: np.ndarray) -> Cell:
    """A cell with each atom moved by whole lattice vectors, `[n, 3]`; in double precision."""
    return cell._replace(positions=cell.positions + translations @ np.float64(cell.lattice))


def at_home(cell: Cell) -> Cell:
    """A cell without atoms that are far away, the same crystal."""
    far = translations_far_away(cell)
    return cell if far is None else translated(cell, -far)


def unpack(cells: Cells, slot: int) -> Cell:
    """One cell of a batch of concrete arrays, in double precision."""
    numbers = np.asarray(cells.numbers[slot])
    n = int(np.sum(numbers > 0))
    return Cell(
        np.array(cells.lattice[slot], np.float64),
        np.array(cells.positions[slot, :n], np.float64),
        numbers[:n].copy(),
    )
