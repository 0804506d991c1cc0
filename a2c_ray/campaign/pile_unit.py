"""A unit of given cells, relaxed in one queue."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from a2c_ray.campaign.cell_unit import CellUnit, RelaxReport
from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.rows import cell_id, given_row
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape

GIVEN = "given"
"""Stands for the glass that given cells do not have."""


@dataclass(frozen=True, eq=False)
class PileUnit(CellUnit):
    """Given cells, relaxed in one queue as they are.

    plan: that they are given to.
    pile: the cells.
    shapes: of the arrays.
    potential, destination, is_repeated: see there.
    """

    plan: Plan
    pile: Pile
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination
    is_repeated: bool = False

    def __str__(self) -> str:
        first = self.pile.where(0)
        return first if self.amount == 1 else f"{self.amount} cells, the first {first}"

    @property
    def amount(self) -> int:
        """Number of its cells."""
        return len(self.pile)

    @property
    def n_atoms(self) -> int:
        """Of all its cells."""
        return int(self.pile.starts[-1])

    @property
    def group(self) -> str:
        """One for all given cells."""
        return GIVEN

    @property
    def ids(self) -> list[str]:
        """Of its cells."""
        return [cell_id(self.run_id, order) for order in self.pile.order.tolist()]

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the cells and write them."""
        rows, pile = self.open_rows(), self.pile
        left = rows.missing(self.ids)
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, self.shapes)
        for relaxed in relaxer.relax([pile.cell(k) for k in left]):
            rows.add(given_row(relaxed, pile, left[relaxed.index], self.run_id, self.plan.pressure))
            on_progress(len(rows), self.amount)
        return rows.close()

    def again(self) -> PileUnit:
        """The same, which goes on from what has been written of it."""
        return replace(self, is_repeated=True)

    def part(self, members: slice | np.ndarray) -> PileUnit:
        """A unit of some of its cells."""
        return replace(self, pile=self.pile[members], is_repeated=False)
