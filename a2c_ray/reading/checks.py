"""What a cell of atoms must be before its energy can be asked for."""

from __future__ import annotations

import numpy as np
from ase import Atoms
from scipy.spatial import cKDTree

from a2c_ray.cells import PARTIAL, Cell, is_partial, of_no_element

COINCIDING = 0.1
"""Å; atoms that are closer are one atom twice. No nuclei of a solid come as close."""

FLAT = 0.1
"""Å; opposite faces of a cell that are closer enclose no volume."""

LONGEST = 1e4
"""Å; of cells and coordinates. Single precision resolves 0.001 Å there."""

NEAR, MOST_IMAGES = 6.0, 10_000
"""Periodic images of an atom whose cells lie within so many Å, at most."""


def fault(atoms: Atoms) -> str | None:
    """Why it is no periodic cell of atoms that could be computed; None if it is one."""
    if not len(atoms):
        return "no atoms"
    if not atoms.pbc.any():
        return "no periodic cell: give it one, with pbc in all directions"
    if not atoms.pbc.all():
        return f"not periodic in all directions (pbc {_flags(atoms)})"
    if strange := of_no_element(atoms.numbers):
        return strange
    if is_partial(atoms):
        return PARTIAL
    cell = np.asarray(atoms.cell, np.float64)
    if not np.isfinite(cell).all():
        return "a cell that is not finite"
    if abs(np.linalg.det(cell)) < 1e-12 or not _heights(cell).min() > FLAT:
        return "a cell of no volume"
    lost = ~np.isfinite(atoms.positions).all(axis=1)
    if lost.any():
        return f"the position of atom {int(np.argmax(lost))} is not finite"
    numbers = np.asarray(atoms.numbers, np.int32)
    problem = problem_of(Cell(cell, np.asarray(atoms.positions), numbers))
    if problem:
        return problem
    pair = coinciding(cell, atoms.positions)
    if pair is not None:
        return f"atoms {pair[0]} and {pair[1]} coincide ({pair[2]:.3f} Å)"
    return None


def problem_of(cell: Cell) -> str | None:
    """Why a cell cannot be computed, or not in reasonable time and memory; None if it can."""
    lattice, positions = np.asarray(cell.lattice), np.asarray(cell.positions)
    if not np.all(np.isfinite(lattice)):
        return "lattice not finite"
    if not np.all(np.isfinite(positions)):
        return "positions not finite"
    if max(np.max(np.abs(lattice)), np.max(np.abs(positions), initial=0.0)) > LONGEST:
        return f"a cell or coordinates beyond {LONGEST:g} Å"
    if cell.volume < 1e-6:
        return "a cell without volume"
    images = np.prod(2 * np.ceil(NEAR / _heights(lattice)) + 1)
    if images > MOST_IMAGES:
        return f"a cell so flat that {images:.3g} of its images lie within {NEAR:g} Å"
    return None


def coinciding(cell: np.ndarray, positions: np.ndarray) -> tuple[int, int, float] | None:
    """Two atoms closer than `COINCIDING`, images included, and their distance, Å.

    Args:
        cell: rows are lattice vectors, Å, `[3, 3]`; with heights above `FLAT`.
        positions: Å, `[n, 3]`.
    """
    inverse = np.linalg.inv(cell)
    fractions = positions @ inverse
    fractions = fractions - np.floor(fractions)
    fractions[fractions >= 1.0] = 0.0  # what lies a rounding error below zero
    reach = COINCIDING * float(np.linalg.norm(inverse, 2))
    if len(positions) > 1 and reach < 0.5:
        pairs = cKDTree(fractions, boxsize=1.0).query_pairs(reach, output_type="ndarray")
    else:
        pairs = np.stack(np.triu_indices(len(positions), 1), axis=1)
    if not len(pairs):
        return None
    apart = fractions[pairs[:, 0]] - fractions[pairs[:, 1]]
    distances = np.linalg.norm((apart - np.round(apart)) @ cell, axis=1)
    closest = int(np.argmin(distances))
    if distances[closest] >= COINCIDING:
        return None
    i, j = sorted(pairs[closest].tolist())
    return i, j, float(distances[closest])


def _heights(cell: np.ndarray) -> np.ndarray:
    """Distances between opposite faces, Å, `[3]`; of a cell that has an inverse."""
    return 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)


def _flags(atoms: Atoms) -> str:
    return " ".join("T" if flag else "F" for flag in atoms.pbc)
