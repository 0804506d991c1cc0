"""Read structures to be benchmarked, from any of the usual formats."""

from __future__ import annotations

from pathlib import Path

from ase.neighborlist import primitive_neighbor_list
from pymatgen.core import Structure

from a2c_ray.errors import InputError
from a2c_ray.reading.files import find_files, read_files
from a2c_ray.reading.frames import Frame, Problem


def read_structures(path: Path) -> list[Structure]:
    """All structures of a file or folder, in the order of names.

    Args:
        path: of what `reading.files` knows.

    Raises:
        InputError: nothing there can be read, or a structure is no cell of atoms.
    """
    found = find_files([str(path)])
    structures = []
    for each in (*found.problems, *read_files(found.files)):
        if isinstance(each, Problem):
            raise InputError(f"cannot read {each}")
        structures.append(_structure(each))
    return structures


def n_edges(structure: Structure, radius: float) -> int:
    """Directed edges shorter than `radius` (Å), periodic images included."""
    lattice, positions = structure.lattice.matrix, structure.cart_coords
    return len(primitive_neighbor_list("i", [True] * 3, lattice, positions, radius))


def _structure(frame: Frame) -> Structure:
    atoms = frame.atoms
    return Structure(atoms.cell.array, atoms.numbers, atoms.positions, coords_are_cartesian=True)
