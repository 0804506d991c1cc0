"""The volume of an atom, from the lowest of a few random cells.

The a²c paper takes 1.15 times that of the stable crystal. Of a composition of which nothing is
known the lowest crystal that small random cells relax to stands for it.
"""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition

from a2c_ray.amorphous.box import GLASS_EXPANSION
from a2c_ray.analysis.polymorphs import identify
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.conditions.choice import Choice
from a2c_ray.conditions.random_cells import random_cells
from a2c_ray.crystallize.overlaps import contact_limits
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.errors import InputError
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings

N_CELLS = 60

MOST_ATOMS = 12
"""Of a cell with several formula units."""

RELAXATION = RelaxSettings(max_steps=200, force_tol=0.05, stress_tol=1e-3)

MAX_SHAPES = 2
"""Compiling a third takes longer than it saves."""

FAR = 3.0
"""Stretch of a crystal after which its atoms stand alone."""

LEAST_BINDING = 0.2
"""eV/atom."""


def choose_volume(composition: Composition, potential: Potential, seed: int = 0) -> Choice:
    """1.15 times the volume of an atom in the lowest of a few random cells.

    Args:
        composition: of any size.
        potential: to relax under.
        seed: of the cells.

    Raises:
        InputError: no cell becomes a crystal that is bound.
    """
    formula = composition.reduced_formula
    cells = random_cells(composition, N_CELLS, MOST_ATOMS, seed)
    limits = contact_limits(composition)
    shapes = choose_shapes(cells, potential.cutoff, MAX_SHAPES)
    ends = relax_cells(Relaxer(potential, RELAXATION, shapes), cells, limits)
    sound = [end for end in ends if end.outcome.is_valid]
    if not sound:
        raise InputError(
            f"no volume found for {formula}: none of {N_CELLS} random cells relaxed under "
            f"{potential.name}; give system.volume_per_atom or system.density"
        )
    lowest = min(sound, key=lambda end: end.energy_per_atom)
    binding = _binding(lowest, potential)
    if not binding > LEAST_BINDING:
        raise InputError(
            f"no volume found for {formula}: {potential.name} binds its atoms by "
            f"{binding:.2f} eV only, as in a gas; give system.volume_per_atom or system.density"
        )
    crystal = lowest.structure
    volume = crystal.volume / len(crystal)
    match = identify(crystal)
    name = match.polymorph.name if match else space_groups(crystal)[TOLERANCES[-1]]
    return Choice(
        GLASS_EXPANSION * volume,
        f"{GLASS_EXPANSION:g} times that of the lowest of {len(sound)} random cells "
        f"({volume:.2f} Å³, {name})",
    )


def _binding(end: Relaxed, potential: Potential) -> float:
    """Energy that it takes to pull the atoms of a crystal apart, eV/atom."""
    apart = end.structure
    apart.scale_lattice(FAR**3 * apart.volume)
    [result] = potential.evaluate([apart])
    return float(np.float64(result.energy) / len(apart) - end.energy_per_atom)
