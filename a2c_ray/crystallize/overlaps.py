"""Push apart atoms that cutting has brought together.

Cutting a box out of a glass joins atoms of opposite faces, down to coincidence. Learned potentials
know nothing of such distances and can have holes there, so overlaps are removed, by moving atoms
and cell, with soft spheres before the potential is first evaluated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from a2c_ray.cells import Cell
from a2c_ray.potentials.classical import soft_spheres
from a2c_ray.potentials.neighbors import Capacity, neighbor_pairs
from a2c_ray.radii import contact_distances
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

if TYPE_CHECKING:
    from pymatgen.core import Composition, Structure

OBSERVED_FRACTION = 0.9
"""Of the shortest distance of a pair of elements in the glass: what is there is no overlap."""

CONTACT_FRACTION = 0.75
"""Of the summed radii of a pair: what is further apart is no overlap either."""

SETTINGS = RelaxSettings(100, force_tol=0.05, stress_tol=2e-3, optimizer="fire")
"""Tolerances that leave overlaps of about half a percent of a diameter."""

ROOM = Capacity(edges=24, images=128)
"""For atoms within a diameter; the few cells that need more are tried again. Longer lists take as
long as a student potential."""

FEWEST_ATOMS = 96
"""Atoms that advance together at least: their energies cost so little that looking at them would
take longer."""


def minimum_distances(glass: Structure) -> np.ndarray:
    """Distances below which two atoms of a subcell overlap.

    Args:
        glass: that the subcells are cut from.

    Returns:
        Å, by atomic numbers, symmetric,
        `[MAX_ATOMIC_NUMBER + 1, MAX_ATOMIC_NUMBER + 1]`; zero for elements not in the glass.
    """
    limits = contact_limits(glass.composition)
    receivers, senders, _, distances = neighbor_pairs(glass, float(limits.max()) + 0.1)
    numbers = np.array(glass.atomic_numbers)
    observed = np.full_like(limits, np.inf)
    np.minimum.at(observed, (numbers[receivers], numbers[senders]), distances)
    return np.minimum(limits, OBSERVED_FRACTION * observed)


def contact_limits(composition: Composition) -> np.ndarray:
    """Distances beyond which atoms never overlap, Å, as from `minimum_distances`."""
    return CONTACT_FRACTION * contact_distances(composition)


def separate(cells: Sequence[Cell], distances: np.ndarray, relaxer: Relaxer) -> list[Relaxed]:
    """Cells without overlaps, in the order given; those without any return as they are.

    Args:
        cells: any.
        distances: from `minimum_distances`.
        relaxer: whose sizes and batches to share.
    """
    done = separator(distances, relaxer).relax(cells)
    return sorted(done, key=lambda relaxed: relaxed.index)


def separator(distances: np.ndarray, relaxer: Relaxer) -> Relaxer:
    """Relaxes overlaps away.

    Args:
        distances, relaxer: as for `separate`.
    """
    spheres = soft_spheres(distances, relaxer.potential.dtype)
    shapes = tuple(Shape(shape.n_atoms, ROOM) for shape in relaxer.shapes)
    together = max(relaxer.atoms_together, FEWEST_ATOMS)
    return Relaxer(spheres, SETTINGS, shapes, together)
