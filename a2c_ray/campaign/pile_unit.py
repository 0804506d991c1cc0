"""A unit of given cells, relaxed in one queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.metrics import count_relaxed
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.relax_unit import RelaxReport, report_of
from a2c_ray.campaign.rows import given_row
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import OnProgress, SharedPotential, Stage
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape

GIVEN = "given"
"""Stands for the glass that given cells do not have."""


@dataclass(frozen=True, eq=False)
class PileUnit(CampaignUnit):
    """Given cells, relaxed in one queue as they are.

    plan: that they are given to.
    pile: the cells.
    shapes: of the arrays.
    potential, destination: see there.
    """

    plan: Plan
    pile: Pile
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination

    stage = Stage.RELAXING

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

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the cells and write them."""
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, self.shapes)
        cells = [self.pile.cell(k) for k in range(self.amount)]
        rows: list[dict[str, Any]] = []
        for relaxed in relaxer.relax(cells):
            rows.append(
                given_row(relaxed, self.pile, relaxed.index, self.run_id, self.plan.pressure)
            )
            on_progress(len(rows), self.amount)
        rows.sort(key=lambda row: row["subcell_id"])
        part = f"{GIVEN}.{digest([row['subcell_id'] for row in rows])}"
        self.destination.write("relaxed", part, rows)
        return report_of(rows)

    def take(self, report: RelaxReport, point: Point) -> None:
        """Its cells are done."""
        count_relaxed(report.outcomes)
        point.note(report.outcomes, report.lowest)
        point.close_subcells(GIVEN, self.amount)

    def give_up(self, point: Point) -> None:
        """Its cells are left out."""
        point.close_subcells(GIVEN, self.amount)

    def part(self, members: slice) -> PileUnit:
        """A unit of some of its cells."""
        return replace(self, pile=self.pile[members])
