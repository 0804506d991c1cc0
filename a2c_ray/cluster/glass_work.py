"""The subcells of one glass, handed out in units, largest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.cluster.pace import FIRST_SUBCELLS
from a2c_ray.cluster.plan import Crystallization, GlassPlan, Plan
from a2c_ray.cluster.rows import subcell_id
from a2c_ray.cluster.units import Destination, RelaxUnit, SharedPotential
from a2c_ray.crystallize.shapes import Shape, expected_room
from a2c_ray.crystallize.subcells import Subcells, expected_sizes, find_subcells
from a2c_ray.padding import choose_sizes

CROWDING = 1.75
"""Room in neighbour lists over what a glass of even density needs; nineteen of twenty subcells of
MgF2 need less, and the others are tried again with more."""


@dataclass
class GlassWork:
    """A glass to crystallize.

    Its subcells are found when their turn comes, so that a long queue of glasses takes no memory.

    plan: whose glass it is.
    glass: conditions and seed.
    structure: of the glass.
    potential, destination: for its units.
    cutoff: of the potential, Å.
    n_left: subcells that no unit holds yet.
    n_units: in flight or to be tried again.
    find_relaxed: ids of those that an earlier attempt has relaxed.
    """

    plan: Plan
    glass: GlassPlan
    structure: Structure
    potential: SharedPotential
    destination: Destination
    cutoff: float
    n_left: int
    find_relaxed: Callable[[], set[str]] = set
    n_units: int = 0
    _todo: Subcells | None = field(default=None, repr=False)

    @property
    def is_done(self) -> bool:
        """Whether all subcells are relaxed or have failed."""
        return not self.n_left and not self.n_units

    def next_unit(self, most_subcells: int, most_atoms: float | None) -> RelaxUnit:
        """The next subcells, which there must be.

        Args:
            most_subcells: of the unit.
            most_atoms: of all its subcells; None if no rate is known.
        """
        if self._todo is None:
            self._todo = self._missing()
            self.n_left = len(self._todo)
        if most_atoms is None:
            size = min(most_subcells, FIRST_SUBCELLS)
        else:
            running = np.cumsum(self._todo[:most_subcells].n_atoms)
            size = max(1, int(np.searchsorted(running, most_atoms, side="right")))
        unit = self._todo[:size]
        self._todo = self._todo[size:] if size < len(self._todo) else None
        self.n_left -= len(unit)
        self.n_units += 1
        shapes = unit_shapes(self.plan, self.cutoff, self.structure.volume / len(self.structure))
        return RelaxUnit(
            self.plan, self.glass.glass_id, unit, shapes, self.potential, self.destination
        )

    def _missing(self) -> Subcells:
        subcells = choose_subcells(self.structure, self.plan.crystallization, self.glass)
        relaxed = self.find_relaxed()
        if not relaxed:
            return subcells
        corners = zip(subcells.lower, subcells.upper, strict=True)
        missing = [
            k
            for k, (lower, upper) in enumerate(corners)
            if subcell_id(self.glass.glass_id, lower, upper) not in relaxed
        ]
        return subcells[missing]


def choose_subcells(structure: Structure, settings: Crystallization, glass: GlassPlan) -> Subcells:
    """The subcells of a glass that are to be relaxed, largest first."""
    subcells = find_subcells(
        structure,
        settings.n_grid,
        settings.max_atoms,
        settings.composition,
        settings.min_distance,
    )
    if settings.max_subcells is not None:
        subcells = subcells.draw(settings.max_subcells, glass.condition.seed)
    return subcells[np.argsort(-subcells.n_atoms, kind="stable")]


def unit_shapes(plan: Plan, cutoff: float, volume_per_atom: float) -> tuple[Shape, ...]:
    """Array shapes for the subcells of a glass, the same wherever and whenever it is done.

    Args:
        plan: whose numbers of atoms to pad to are the same for all its glasses.
        cutoff: of the potential, Å.
        volume_per_atom: of the glass, Å³.
    """
    settings = plan.crystallization
    whole = Composition(plan.composition)
    unit = whole.reduced_composition.num_atoms if settings.composition else 1
    histogram = expected_sizes(int(whole.num_atoms), settings.n_grid, settings.max_atoms, int(unit))
    sizes = choose_sizes(histogram, settings.max_shapes)
    return tuple(Shape(n, expected_room(n, volume_per_atom, cutoff, CROWDING)) for n in sizes)
