"""A unit of relaxations: subcells of one glass, relaxed in one queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.metrics import count_relaxed
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.rows import relaxed_row, subcell_id
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import OnProgress, SharedPotential, Stage
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape


@dataclass(frozen=True, eq=False)
class RelaxUnit(CampaignUnit):
    """Subcells of one glass, relaxed in one queue.

    plan: whose glass it is.
    glass_id: of their glass.
    subcells: to relax.
    shapes: of the arrays.
    potential, destination: see there.
    student: hash of the potential, if the run has trained it itself.
    """

    plan: Plan
    glass_id: str
    subcells: Subcells
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination
    student: str | None = None

    stage = Stage.RELAXING

    def __str__(self) -> str:
        return f"{len(self)} subcells of {self.glass_id}"

    def __len__(self) -> int:
        return len(self.subcells)

    @property
    def pace(self) -> str:
        """With which units it shares a rate: a student is much faster than its teacher."""
        return pace_of(self.run_id, self.student)

    @property
    def amount(self) -> int:
        """Number of its subcells."""
        return len(self)

    @property
    def n_atoms(self) -> int:
        """Of all its subcells."""
        return int(self.subcells.n_atoms.sum())

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the subcells and write them."""
        subcells = self.subcells
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, self.shapes)
        cells = [subcells.cell(k) for k in range(len(subcells))]
        rows: list[dict[str, Any]] = []
        for relaxed in relax_cells(relaxer, cells, subcells.minimum_distances):
            k = relaxed.index
            row = relaxed_row(relaxed, subcells.structure(k), self.plan.pressure)
            rows.append(row | place_of(self.glass_id, subcells, k))
            on_progress(len(rows), len(subcells))
        rows.sort(key=lambda row: row["subcell_id"])
        ids = [row["subcell_id"] for row in rows]
        if self.student is None:
            part = f"{self.glass_id}.{digest(ids)}"
            self.destination.write(self.plan.screening_table, part, rows)
        else:
            part = f"{self.glass_id}.{digest([self.student, *ids])}"
            rows = [row | {"student": self.student} for row in rows]
            self.destination.write("screened", part, rows)
        return report_of(rows)

    def take(self, report: RelaxReport, point: Point) -> None:
        """Its subcells are done."""
        count_relaxed(report.outcomes)
        point.note(report.outcomes, report.lowest)
        point.close_subcells(self.glass_id, len(self))

    def give_up(self, point: Point) -> None:
        """Its subcells are left out."""
        point.close_subcells(self.glass_id, len(self))

    def part(self, members: slice) -> RelaxUnit:
        """A unit of some of its subcells."""
        return replace(self, subcells=self.subcells[members])


def pace_of(run_id: str, student: str | None) -> str:
    """What units of a run share that relax under its own potential, or under a student of it."""
    return f"{run_id} {student}" if student else run_id


def place_of(glass_id: str, subcells: Subcells, k: int) -> dict[str, Any]:
    """Columns that say where a subcell was cut out."""
    lower, upper = subcells.lower[k], subcells.upper[k]
    return {
        "subcell_id": subcell_id(glass_id, lower, upper),
        "glass_id": glass_id,
        "n_grid": subcells.n_grid,
        "lower": lower.tolist(),
        "upper": upper.tolist(),
    }


@dataclass(frozen=True)
class RelaxReport:
    """Summary of a unit of relaxations.

    outcomes: number of subcells by outcome.
    lowest: of each reduced formula, energy or enthalpy, eV/atom.
    n_steps: of all subcells.
    """

    outcomes: Counter[str]
    lowest: dict[str, float]
    n_steps: int


def report_of(rows: Sequence[dict[str, Any]]) -> RelaxReport:
    """Summary of rows of relaxed subcells."""
    lowest: dict[str, float] = {}
    for row in rows:
        energy, enthalpy = row["energy_per_atom"], row["enthalpy_per_atom"]
        ranked = energy if enthalpy is None else enthalpy
        if ranked is not None:
            lowest[row["formula"]] = min(lowest.get(row["formula"], np.inf), ranked)
    return RelaxReport(
        outcomes=Counter(row["outcome"] for row in rows),
        lowest=lowest,
        n_steps=sum(row["steps"] for row in rows),
    )
