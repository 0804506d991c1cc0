"""What is cut out of a glass, and the arrays that it is relaxed in."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.compositions import formula_unit
from a2c_ray.crystallize.settings import Crystallization
from a2c_ray.crystallize.subcells import Subcells, expected_sizes, find_subcells
from a2c_ray.padding import choose_sizes
from a2c_ray.relaxation.shapes import Shape, expected_room

CROWDING = 1.75
"""Room in neighbour lists over what a glass of even density needs; nineteen of twenty subcells of
MgF2 need less, and the others are tried again with more."""


def choose_subcells(glass: Structure, settings: Crystallization, seed: int) -> Subcells:
    """The subcells of a glass that are to be relaxed, largest first.

    Args:
        glass: amorphous structure.
        settings: which boxes, and how many.
        seed: of the draw, where not all are wanted.
    """
    subcells = find_subcells(
        glass,
        settings.n_grid,
        settings.max_atoms,
        settings.composition,
        settings.min_distance,
    )
    if settings.max_subcells is not None:
        subcells = subcells.draw(settings.max_subcells, seed)
    return subcells[np.argsort(-subcells.n_atoms, kind="stable")]


def unit_shapes(
    settings: Crystallization, composition: str, cutoff: float, volume_per_atom: float
) -> tuple[Shape, ...]:
    """Array shapes for the subcells of a glass, the same wherever and whenever it is done.

    Args:
        settings: which boxes are relaxed.
        composition: of a whole glass; the numbers of atoms to pad to follow from it.
        cutoff: of the potential, Å.
        volume_per_atom: of the glass, Å³.
    """
    whole = Composition(composition)
    unit = formula_unit(whole).num_atoms if settings.composition else 1
    histogram = expected_sizes(int(whole.num_atoms), settings.n_grid, settings.max_atoms, int(unit))
    sizes = choose_sizes(histogram, settings.max_shapes)
    return tuple(Shape(n, expected_room(n, volume_per_atom, cutoff, CROWDING)) for n in sizes)
