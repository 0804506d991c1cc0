"""The volume of an atom, from the lowest of published polymorphs, or of a few random cells.

The a²c paper takes 1.15 times that of the stable crystal; metals get 1.05 times. For the crystal
stands the lowest of what the library has of the composition, or else the lowest that small random
cells relax to: those find what only a potential believes in, as sodium with N2 instead of Na3N.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.box import glass_expansion
from a2c_ray.analysis.holes import are_holes
from a2c_ray.analysis.matching import matched_cell
from a2c_ray.analysis.polymorphs import identify, polymorphs_of
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.cells import Cell
from a2c_ray.conditions.choice import Choice
from a2c_ray.conditions.random_cells import CROWDING, random_cells
from a2c_ray.crystallize.overlaps import contact_limits
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.errors import InputError
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.shapes import Shape, choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings
from a2c_ray.units import counted

N_CELLS = 60

ROUNDS, WIDER = 4, 1.6
"""Of cells, each in so many times the volume of the ones before: what is open, as carbon is, has
neither room nor sense where the first begin, and explodes."""

MOST_ATOMS, MOST_PUBLISHED_ATOMS = 12, 24
"""Of a random cell with several formula units, and of a polymorph."""

RELAXATION = RelaxSettings(max_steps=200, force_tol=0.05, stress_tol=1e-3)
"""Of random cells. Polymorphs are relaxed as subcells are: silica gives way by some per cent within
these tolerances."""

MAX_SHAPES = 2
"""Compiling a third takes longer than it saves."""

LOWEST, LEAST_VOLUME = 20, 0.45
"""So many lowest cells have a median volume, and less than so much of it has no crystal without
pressure: diamond has 0.52 of what graphite has. Ice that began too dense ends at a third."""

AS_LOW = 0.005
"""eV/atom, by which potentials err. Those that know nothing of dispersion err in favour of what is
open: SevenNet-0 has a form of BaTiO3 with a third more room 2.6 meV/atom below perovskite."""

FAR = 3.0
"""Stretch of a crystal after which its atoms stand alone."""

LEAST_BINDING = 0.2
"""eV/atom."""


def choose_volume(composition: Composition, potential: Potential, seed: int = 0) -> Choice:
    """That of an atom in the lowest of published polymorphs or random cells, expanded as a glass.

    Args:
        composition: of any size.
        potential: to relax under.
        seed: of the cells.

    Raises:
        InputError: no cell becomes a crystal that is bound.
    """
    formula = composition.reduced_formula
    sound = _relaxed_polymorphs(composition, potential)
    of_what = counted(len(sound), "published polymorph")
    if not sound:
        sound = _relaxed_random_cells(composition, potential, seed)
        of_what = counted(len(sound), "random cell")
    if not sound:
        raise InputError(
            f"no volume found for {formula}: none of {ROUNDS * N_CELLS} random cells relaxed under "
            f"{potential.name}; give system.volume_per_atom or system.density"
        )
    lowest = stable_crystal(sound)
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
    expansion = glass_expansion(composition)
    return Choice(
        expansion * volume,
        f"{expansion:g} times that of the lowest of {of_what} ({volume:.2f} Å³, {name})",
    )


def stable_crystal(sound: Sequence[Relaxed]) -> Relaxed:
    """The lowest of relaxed cells of one composition, or the densest that is as low.

    No hole of the potential counts.
    """
    by_energy = sorted(sound, key=lambda end: end.energy_per_atom)
    energies = np.array([end.energy_per_atom for end in by_energy])
    is_hole = are_holes([end.structure for end in by_energy], energies)
    crystals = [by_energy[k] for k in np.flatnonzero(~is_hole)]
    least = LEAST_VOLUME * np.median([_volume(end) for end in crystals[:LOWEST]])
    possible = [end for end in crystals if _volume(end) > least]
    highest = possible[0].energy_per_atom + AS_LOW
    return min((end for end in possible if end.energy_per_atom <= highest), key=_volume)


def _volume(end: Relaxed) -> float:
    """Å³ an atom."""
    return end.cell.volume / len(end.cell.numbers)


def _relaxed_polymorphs(composition: Composition, potential: Potential) -> list[Relaxed]:
    """Published polymorphs that have relaxed soundly."""
    known = [Cell.from_structure(crystal) for crystal in _published(composition.reduced_formula)]
    if not known:
        return []
    shapes = choose_shapes(known, potential.cutoff, MAX_SHAPES)
    return _sound(composition, Relaxer(potential, RelaxSettings(), shapes), known)


def _relaxed_random_cells(
    composition: Composition, potential: Potential, seed: int
) -> list[Relaxed]:
    """Random cells that have relaxed soundly, as many rounds of them as it takes that most do."""
    sound: list[Relaxed] = []
    shapes: tuple[Shape, ...] = ()
    for k in range(ROUNDS):
        cells = random_cells(composition, N_CELLS, MOST_ATOMS, seed, WIDER**k * CROWDING)
        # Wider cells fit the lists of dense ones, and nothing is compiled for them.
        shapes = shapes or choose_shapes(cells, potential.cutoff, MAX_SHAPES)
        now = _sound(composition, Relaxer(potential, RELAXATION, shapes), cells)
        sound += now
        if len(now) > N_CELLS / 2:
            break
    return sound


def _sound(composition: Composition, relaxer: Relaxer, cells: Sequence[Cell]) -> list[Relaxed]:
    """What some cells have become, of those that ended soundly."""
    ends = relax_cells(relaxer, cells, contact_limits(composition))
    return [end for end in ends if end.outcome.is_valid]


def _published(formula: str) -> list[Structure]:
    """Primitive cells of what the library has of a formula, as far as they are small."""
    crystals = [matched_cell(p.structure) for p in polymorphs_of(formula) if p.is_published]
    return [crystal for crystal in crystals if len(crystal) <= MOST_PUBLISHED_ATOMS]


def _binding(end: Relaxed, potential: Potential) -> float:
    """Energy that it takes to pull the atoms of a crystal apart, eV/atom."""
    apart = end.structure
    apart.scale_lattice(FAR**3 * apart.volume)
    [result] = potential.evaluate([apart])
    return float(np.float64(result.energy) / len(apart) - end.energy_per_atom)
