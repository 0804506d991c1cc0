"""The subcells of one glass, handed out in units, largest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.pace import unit_size
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.relax_unit import RelaxUnit, pace_of
from a2c_ray.campaign.rows import subcell_ids
from a2c_ray.cluster.unit import SharedPotential
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.relaxation.ceilings import Ceilings


@dataclass
class GlassWork:
    """A glass to crystallize.

    plan: whose glass it is.
    glass_id: of the glass.
    subcells: that no unit holds yet, largest first.
    potential, destination: for its units.
    cutoff: of the potential, Å.
    student: hash of it, if the run has trained it itself.
    ceilings: what need not be relaxed to its end, if anything.
    """

    plan: Plan
    glass_id: str
    subcells: Subcells
    potential: SharedPotential
    destination: Destination
    cutoff: float
    student: str | None = None
    ceilings: Ceilings | None = None

    @property
    def pace(self) -> str:
        """See `CampaignUnit.pace`."""
        return pace_of(self.plan.run_id, self.student)

    @property
    def n_left(self) -> int:
        """Subcells that no unit holds yet."""
        return len(self.subcells)

    def next_unit(self, most_cells: int, most_atoms: float | None) -> RelaxUnit:
        """The next subcells, which there must be; see `agenda.CellQueue`."""
        size = unit_size(self.subcells[:most_cells].n_atoms, most_atoms)
        chosen, self.subcells = self.subcells[:size], self.subcells[size:]
        glass = chosen.glass
        shapes = self.plan.glass_shapes(glass, self.cutoff)
        return RelaxUnit(
            self.plan,
            self.glass_id,
            chosen,
            shapes,
            self.potential,
            self.destination,
            student=self.student,
            ceilings=self.ceilings,
        )


def without(subcells: Subcells, glass_id: str, relaxed: Collection[str]) -> Subcells:
    """Those of the subcells of a glass whose ids are not among some."""
    if not relaxed:
        return subcells
    ids = subcell_ids(glass_id, subcells)
    return subcells[[k for k, id_ in enumerate(ids) if id_ not in relaxed]]
