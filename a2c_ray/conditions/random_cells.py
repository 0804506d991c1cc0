"""Small random cells of a composition: a first round of crystals, before there is any glass.

Source of the idea: Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011).
"""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition

from a2c_ray.cells import Cell
from a2c_ray.compositions import formula_unit
from a2c_ray.conditions.symmetric_cells import symmetric_cell
from a2c_ray.radii import contact_distances

STRETCH = SHEAR = 0.25
"""Standard deviations of the logarithm of the edges, and of what shears them."""

CROWDING = 0.6
"""Volume over that of atoms in touch, each in a cube: cells that begin dense find the dense
crystals that are mostly the lowest; what overlaps is pushed apart anyway."""

MOST_UNITS = 4
"""Formula units of a cell: the fewer atoms, the more often random cells find their lowest."""


def random_cells(composition: Composition, n: int, most_atoms: int, seed: int) -> list[Cell]:
    """Cells of one formula unit, two and so on, with no care for overlaps.

    Every other one has its atoms anywhere, the rest the symmetry of a random space group; their
    primitive cells may be of fewer formula units.

    Args:
        composition: of any size.
        n: number of cells.
        most_atoms: of a cell of several formula units.
        seed: of all that is random.
    """
    unit = formula_unit(composition)
    most = min(MOST_UNITS, max(1, most_atoms // round(unit.num_atoms)))
    rng = np.random.default_rng(seed)
    volume = CROWDING * typical_distance(composition) ** 3
    cells = []
    for k in range(n):
        numbers = _numbers(unit * (1 + k // 2 % most))
        make = symmetric_cell if k % 2 else _random_cell
        cells.append(make(numbers, len(numbers) * volume, STRETCH, rng))
    return cells


def typical_distance(composition: Composition) -> float:
    """Mean of the contact distances of all pairs of atoms, Å."""
    distances = contact_distances(composition)
    numbers = [element.Z for element in composition]
    shares = np.array(list(composition.values())) / composition.num_atoms
    return float(shares @ distances[np.ix_(numbers, numbers)] @ shares)


def _numbers(composition: Composition) -> np.ndarray:
    """Atomic numbers of all atoms, `[n]`."""
    elements, counts = [element.Z for element in composition], list(composition.values())
    return np.repeat(elements, np.round(counts).astype(int)).astype(np.int32)


def _random_cell(
    numbers: np.ndarray, volume: float, stretch: float, rng: np.random.Generator
) -> Cell:
    """A cell with its atoms anywhere; the arguments are those of `symmetric_cell`."""
    lattice = np.diag(np.exp(rng.normal(0.0, stretch, 3))) + rng.normal(0.0, SHEAR, (3, 3))
    lattice *= (volume / abs(np.linalg.det(lattice))) ** (1 / 3)
    return Cell(lattice, rng.random((len(numbers), 3)) @ lattice, numbers)
