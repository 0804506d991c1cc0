"""The subcells of one glass, handed out in units, largest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from pymatgen.core import Structure

from a2c_ray.cluster.pace import FIRST_SUBCELLS
from a2c_ray.cluster.plan import GlassPlan, Plan
from a2c_ray.cluster.rows import subcell_id
from a2c_ray.cluster.units import Destination, RelaxUnit, SharedPotential
from a2c_ray.crystallize.cutting import choose_subcells, unit_shapes
from a2c_ray.crystallize.subcells import Subcells


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
        shapes = unit_shapes(
            self.plan.crystallization,
            self.plan.composition,
            self.cutoff,
            self.structure.volume / len(self.structure),
        )
        return RelaxUnit(
            self.plan, self.glass.glass_id, unit, shapes, self.potential, self.destination
        )

    def _missing(self) -> Subcells:
        subcells = choose_subcells(
            self.structure, self.plan.crystallization, self.glass.condition.seed
        )
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
