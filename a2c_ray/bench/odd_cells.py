"""Cells of every kind that a relaxation may be given, for tests of the engine.

Real cells are distorted polymorphs; random ones have atoms at random. Both then become odd in one
way or another: sheared, flat, left-handed, with atoms far outside, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from ase.data import covalent_radii

from a2c_ray.analysis.polymorphs import polymorphs
from a2c_ray.cells import Cell

MOST_ATOMS = 24

ELEMENTS_OF_ONE = 4
"""A random cell has at most so many."""

ROOM = 2.0
"""Volume of a random cell over that of touching spheres of its atoms' covalent radii, each in a
cube; about a glass's."""

FAR = 40
"""Cells that an atom may be away from its own."""


def odd_cells(n: int, elements: Sequence[int], seed: int) -> list[Cell]:
    """Cells of 1 to 24 atoms, odd in every way in turn; the same for the same arguments.

    Args:
        n: number of cells.
        elements: atomic numbers to draw from.
        seed: of all that is random.
    """
    rng = np.random.default_rng(seed)
    known = [Cell.from_structure(p.structure) for p in polymorphs()]
    real = [c for c in known if len(c.numbers) <= MOST_ATOMS and set(c.numbers) <= set(elements)]
    cells = []
    for k in range(n):
        if real and k % 2:
            cell = _distorted(real[rng.integers(len(real))], rng)
        else:
            cell = _random(rng, elements)
        cells.append(ODDITIES[k // 2 % len(ODDITIES)](cell, rng))
    return cells


def _random(rng: np.random.Generator, elements: Sequence[int]) -> Cell:
    n_atoms = int(rng.integers(1, MOST_ATOMS + 1))
    kinds = rng.choice(elements, min(len(elements), ELEMENTS_OF_ONE), replace=False)
    numbers = rng.choice(kinds, n_atoms).astype(np.int32)
    volume = ROOM * np.sum((2 * covalent_radii[numbers]) ** 3)
    lattice = np.eye(3) + rng.normal(0, 0.15, (3, 3))
    lattice *= (volume / abs(np.linalg.det(lattice))) ** (1 / 3)
    return Cell(lattice, _apart(rng, n_atoms, lattice), numbers)


def _apart(rng: np.random.Generator, n_atoms: int, lattice: np.ndarray) -> np.ndarray:
    """Points of a coarse grid, each a little moved: random, and hardly ever at one place."""
    along = int(np.ceil(n_atoms ** (1 / 3)))
    places = rng.permutation(along**3)[:n_atoms]
    grid = np.stack(np.unravel_index(places, (along, along, along)), axis=1)
    return (grid + rng.uniform(0, 0.5, (n_atoms, 3))) / along @ lattice


def _distorted(cell: Cell, rng: np.random.Generator) -> Cell:
    size = rng.choice([0.01, 0.05, 0.2])
    strain = np.eye(3) + rng.normal(0, 0.2 * size, (3, 3))
    moved = cell.positions @ strain + rng.normal(0, size, cell.positions.shape)
    return Cell(cell.lattice @ strain, moved, cell.numbers)


def _plain(cell: Cell, rng: np.random.Generator) -> Cell:
    return cell


def _sheared(cell: Cell, rng: np.random.Generator) -> Cell:
    """The same crystal in another cell."""
    shear = np.eye(3)
    shear[tuple(rng.permutation(3)[:2])] = rng.integers(-3, 4)
    return cell._replace(lattice=shear @ cell.lattice)


def _flat(cell: Cell, rng: np.random.Generator) -> Cell:
    stretch = np.eye(3)[rng.permutation(3)] @ np.diag([0.5, 1.4, 1.4])
    return Cell(cell.lattice @ stretch, cell.positions @ stretch, cell.numbers)


def _left_handed(cell: Cell, rng: np.random.Generator) -> Cell:
    return cell._replace(lattice=cell.lattice[[1, 0, 2]])


def _far_outside(cell: Cell, rng: np.random.Generator) -> Cell:
    cells_away = rng.integers(-FAR, FAR + 1, cell.positions.shape)
    return cell._replace(positions=cell.positions + cells_away @ cell.lattice)


def _near_coincident(cell: Cell, rng: np.random.Generator) -> Cell:
    positions = cell.positions.copy()
    positions[-1] = positions[0] + rng.normal(0, 0.3, 3)
    return cell._replace(positions=positions)


def _of_one_atom(cell: Cell, rng: np.random.Generator) -> Cell:
    lattice = cell.lattice / len(cell.numbers) ** (1 / 3)
    return Cell(lattice, cell.positions[:1], cell.numbers[:1])


def _scaled(factor: float) -> Callable[[Cell, np.random.Generator], Cell]:
    """Cells that have to change their volume by about a factor."""

    def scale(cell: Cell, rng: np.random.Generator) -> Cell:
        along = factor ** (-1 / 3)
        return Cell(along * cell.lattice, along * cell.positions, cell.numbers)

    return scale


ODDITIES = (
    _plain,
    _sheared,
    _flat,
    _left_handed,
    _far_outside,
    _near_coincident,
    _of_one_atom,
    _scaled(3.0),
    _scaled(1 / 3),
)
"""What makes a cell odd."""


def common_elements(known: Sequence[int]) -> list[int]:
    """Those of the polymorphs' elements that a potential knows, or all it knows if that is none."""
    common = {int(z) for p in polymorphs() for z in p.structure.atomic_numbers}
    return sorted(common & set(known)) or sorted(known)
