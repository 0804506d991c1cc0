"""A unit that compiles ahead what the relaxations of a run will need."""

from __future__ import annotations

from dataclasses import dataclass

from pymatgen.core import Composition

from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.crystallize.overlaps import contact_limits
from a2c_ray.crystallize.relax import compile_ahead
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape


@dataclass(frozen=True, eq=False)
class CompileUnit(CampaignUnit):
    """Programs for the subcells of a glass, for an actor that would wait while it is melted.

    Where the glass turns out otherwise, or another actor wants them first, nothing is lost.

    plan: whose glass it is.
    shapes: of the arrays.
    potential: that will relax.
    """

    plan: Plan
    shapes: tuple[Shape, ...]
    potential: SharedPotential

    leaves_checkpoints = True
    is_optional = True

    def __str__(self) -> str:
        return f"programs for subcells of {self.run_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Compile them into the cache that the actors of a node share."""
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, self.shapes)
        limits = contact_limits(Composition(self.plan.composition))
        for done, _ in enumerate(compile_ahead(relaxer, limits), start=1):
            on_progress(done, 2 * len(self.shapes))
