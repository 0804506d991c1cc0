"""A unit of relaxations: subcells of one glass, relaxed in one queue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from a2c_ray.campaign.cell_unit import CellUnit, RelaxReport
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.rows import relaxed_row, subcell_id, subcell_ids
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.ceilings import Ceilings
from a2c_ray.relaxation.shapes import Shape


@dataclass(frozen=True, eq=False)
class RelaxUnit(CellUnit):
    """Subcells of one glass, relaxed in one queue.

    plan: whose glass it is.
    glass_id: of their glass.
    subcells: to relax.
    shapes: of the arrays.
    potential, destination, is_repeated: see there.
    student: hash of the potential, if the run has trained it itself.
    ceilings: what need not be relaxed to its end, if anything.
    """

    plan: Plan
    glass_id: str
    subcells: Subcells
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination
    is_repeated: bool = False
    student: str | None = None
    ceilings: Ceilings | None = None

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

    @property
    def group(self) -> str:
        """Its glass."""
        return self.glass_id

    @property
    def ids(self) -> list[str]:
        """Of its subcells."""
        return subcell_ids(self.glass_id, self.subcells)

    @property
    def table(self) -> str:
        """Where its rows go: a student only screens."""
        return "screened" if self.student else super().table

    @property
    def part_id(self) -> str:
        """Of the part that holds all of its rows, which another student's must not replace."""
        if self.student is None:
            return super().part_id
        return f"{self.group}.{digest([self.student, *self.ids])}"

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the subcells and write them."""
        rows, subcells = self.open_rows(), self.subcells
        left = rows.missing(self.ids)
        settings = self.plan.crystallization.relaxation
        relaxer = Relaxer(potential, settings, self.shapes, ceilings=self.ceilings)
        cells = [subcells.cell(k) for k in left]
        for relaxed in relax_cells(relaxer, cells, subcells.minimum_distances):
            k = left[relaxed.index]
            row = relaxed_row(relaxed, subcells.structure(k), self.plan.pressure)
            taught = {"student": self.student} if self.student else {}
            rows.add(row | place_of(self.glass_id, subcells, k) | taught)
            on_progress(len(rows), len(subcells))
        return rows.close()

    def again(self) -> RelaxUnit:
        """The same, which goes on from what has been written of it."""
        return replace(self, is_repeated=True)

    def part(self, members: slice | np.ndarray) -> RelaxUnit:
        """A unit of some of its subcells."""
        return replace(self, subcells=self.subcells[members], is_repeated=False)


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
