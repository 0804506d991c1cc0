"""Small random cells of a composition: a first round of crystals, before there is any glass.

Source of the idea: Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011).
"""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition

from a2c_ray.cells import Cell
from a2c_ray.compositions import formula_unit
from a2c_ray.radii import contact_distances

STRETCH = SHEAR = 0.25
"""Standard deviations of the logarithm of the edges, and of what shears them."""

CROWDING = 0.6
"""Of cells that begin dense, which find the dense crystals that are mostly the lowest; what
overlaps is pushed apart anyway."""

MOST_UNITS = 4
"""Formula units of a cell: the fewer atoms, the more often random cells find their lowest."""


def random_cells(
    composition: Composition, n: int, most_atoms: int, seed: int, crowding: float = CROWDING
) -> list[Cell]:
    """Cells of one formula unit, two and so on, with atoms anywhere, and no care for overlaps.

    Args:
        composition: of any size.
        n: number of cells.
        most_atoms: of a cell of several formula units.
        seed: of all that is random.
        crowding: volume over that of atoms in touch, each in a cube.
    """
    unit = formula_unit(composition)
    most = min(MOST_UNITS, max(1, most_atoms // round(unit.num_atoms)))
    rng = np.random.default_rng(seed)
    volume = crowding * typical_distance(composition) ** 3
    return [_random_cell(unit * (1 + k % most), volume, rng) for k in range(n)]


def typical_distance(composition: Composition) -> float:
    """Mean of the contact distances of all pairs of atoms, Å."""
    distances = contact_distances(composition)
    numbers = [element.Z for element in composition]
    shares = np.array(list(composition.values())) / composition.num_atoms
    return float(shares @ distances[np.ix_(numbers, numbers)] @ shares)


def _random_cell(
    composition: Composition, volume_per_atom: float, rng: np.random.Generator
) -> Cell:
    numbers = np.repeat(
        [element.Z for element in composition], [round(n) for n in composition.values()]
    ).astype(np.int32)
    lattice = np.diag(np.exp(rng.normal(0.0, STRETCH, 3))) + rng.normal(0.0, SHEAR, (3, 3))
    volume = len(numbers) * volume_per_atom
    lattice *= (volume / abs(np.linalg.det(lattice))) ** (1 / 3)
    return Cell(lattice, rng.random((len(numbers), 3)) @ lattice, numbers)
