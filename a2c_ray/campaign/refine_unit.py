"""The second stage of a cascade: the lowest crystals of a screening, under the accurate potential.

Once all subcells of a run are screened, those near the lowest energy of their composition are
grouped by structure, and the lowest of each group is relaxed again, from where screening left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from a2c_ray.campaign.cell_unit import RelaxReport, report_of
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.metrics import count_relaxed
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.rows import relaxed_row
from a2c_ray.campaign.selection import Selected, select, select_taught
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cells import Cell
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.settings import Cascade
from a2c_ray.lake import Lake
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer

REFINED = "refined"
"""Parts of `relaxed` with such crystals lie below that."""

REFINED_PER_UNIT = 8
"""Crystals of one unit."""


@dataclass(frozen=True, eq=False)
class SelectUnit(CampaignUnit):
    """All that a run has screened, from which the crystals to refine are chosen."""

    plan: Plan
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"choice of what to refine of {self.plan.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> list[Selected]:
        """Those that are not refined yet."""
        lake = self.destination.open_lake()
        refined = {row[0] for row in lake.sql("SELECT subcell_id FROM relaxed").fetchall()}
        chosen = self._chosen(lake)
        return [crystal for crystal in chosen if crystal.place["subcell_id"] not in refined]

    def _chosen(self, lake: Lake) -> list[Selected]:
        cascade = self.plan.crystallization.cascade
        if not isinstance(cascade, Cascade):
            raise ValueError(f"run {self.run_id} has no cascade of two given potentials")
        return select(lake, cascade)

    def take(self, report: list[Selected], point: Point) -> None:
        """Crystals to refine are handed on."""
        point.selected = report
        point.crystals_left = point.status.refined_total = len(report)
        point.status.lowest.clear()  # energies of the other potential

    def give_up(self, point: Point) -> None:
        """Nothing is refined."""
        point.crystals_left = 0


@dataclass(frozen=True, eq=False)
class TaughtSelectUnit(SelectUnit):
    """The same of what a student has screened.

    student: its hash.
    """

    student: str

    lesson = "choosing"

    def _chosen(self, lake: Lake) -> list[Selected]:
        cascade = self.plan.self_taught
        if cascade is None:
            raise ValueError(f"run {self.run_id} trains no student")
        return select_taught(lake, cascade, self.student)

    def take(self, report: list[Selected], point: Point) -> None:
        """Crystals to refine are handed on."""
        super().take(report, point)
        point.close_lesson()

    def give_up(self, point: Point) -> None:
        """Nothing is refined."""
        super().give_up(point)
        point.close_lesson()


@dataclass(frozen=True, eq=False)
class RefineUnit(CampaignUnit):
    """Some crystals of a run, relaxed again in one queue.

    plan: of the run.
    crystals: to relax.
    cutoff: of the potential, Å.
    potential, destination: see there.
    """

    plan: Plan
    crystals: tuple[Selected, ...]
    cutoff: float
    potential: SharedPotential
    destination: Destination

    def __str__(self) -> str:
        return f"refinement of {len(self)} crystals of {self.plan.run_id}"

    def __len__(self) -> int:
        return len(self.crystals)

    @property
    def amount(self) -> int:
        """Number of its crystals."""
        return len(self)

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the crystals and write them."""
        densest = min(glass.condition.volume_per_atom for glass in self.plan.glasses)
        shapes = self.plan.shapes(self.cutoff, densest)
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, shapes)
        cells = [Cell.from_structure(crystal.structure) for crystal in self.crystals]
        rows: list[dict[str, Any]] = []
        for relaxed in relax_cells(relaxer, cells, None):
            crystal = self.crystals[relaxed.index]
            row = relaxed_row(relaxed, crystal.structure, self.plan.pressure)
            rows.append(row | crystal.place | {"alike": list(crystal.alike)})
            on_progress(len(rows), len(cells))
        rows.sort(key=lambda row: row["subcell_id"])
        part = f"{REFINED}.{digest([row['subcell_id'] for row in rows])}"
        self.destination.write("relaxed", part, rows)
        return report_of(rows)

    def take(self, report: RelaxReport, point: Point) -> None:
        """Its crystals are refined."""
        count_relaxed(report.outcomes)
        point.status.refined_done += len(self)
        point.note_lowest(report.lowest)
        point.close_crystals(len(self))

    def give_up(self, point: Point) -> None:
        """Its crystals are left out."""
        point.close_crystals(len(self))

    def part(self, members: slice) -> RefineUnit:
        """A unit of some of its crystals."""
        return replace(self, crystals=self.crystals[members])


def refine_units(
    plan: Plan,
    crystals: Sequence[Selected],
    cutoff: float,
    potential: SharedPotential,
    destination: Destination,
) -> list[RefineUnit]:
    """Crystals in units; see `RefineUnit`."""
    pieces = [
        tuple(crystals[k : k + REFINED_PER_UNIT]) for k in range(0, len(crystals), REFINED_PER_UNIT)
    ]
    return [RefineUnit(plan, piece, cutoff, potential, destination) for piece in pieces]
