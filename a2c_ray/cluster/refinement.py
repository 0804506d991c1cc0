"""The second stage of a cascade: the lowest crystals of a screening, under the accurate potential.

Once all subcells of a run are screened, those near the lowest energy of their composition are
grouped by structure, and the lowest of each group is relaxed again, from where screening left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymatgen.core import Structure

from a2c_ray.analysis.ranking import Candidate, lowest_distinct
from a2c_ray.cells import Cell
from a2c_ray.cluster.plan import Plan
from a2c_ray.cluster.rows import relaxed_row
from a2c_ray.cluster.units import (
    Destination,
    OnProgress,
    RelaxReport,
    SharedPotential,
    digest,
    report_of,
)
from a2c_ray.crystallize.cutting import unit_shapes
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.lake import Lake, structure_from_row
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer

REFINED_PER_UNIT = 8
"""Crystals of one unit."""

NEAR_LOWEST = """
WITH floors AS (
    SELECT formula, min(energy_per_atom) AS floor FROM screened GROUP BY formula
)
SELECT subcell_id, glass_id, n_grid, lower, upper, energy_per_atom, lattice, species, frac_coords
FROM screened JOIN floors USING (formula)
WHERE energy_per_atom <= floor + $window
ORDER BY energy_per_atom, subcell_id
"""

PLACE = ("subcell_id", "glass_id", "n_grid", "lower", "upper")


@dataclass(frozen=True)
class Selected:
    """A crystal to refine.

    place: columns that say where its subcell was cut out.
    structure: after screening.
    alike: subcells that screening relaxed to it, lowest first.
    """

    place: dict[str, Any]
    structure: Structure
    alike: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SelectUnit:
    """All that a run has screened, from which the crystals to refine are chosen."""

    plan: Plan
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"choice of what to refine of {self.plan.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> list[Selected]:
        """Those that are not refined yet."""
        lake = Lake(self.destination.store.absolute, self.plan.run_id)
        refined = {row[0] for row in lake.sql("SELECT subcell_id FROM relaxed").fetchall()}
        chosen = select(lake, self.plan)
        return [crystal for crystal in chosen if crystal.place["subcell_id"] not in refined]


@dataclass(frozen=True, eq=False)
class RefineUnit:
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

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the crystals and write them."""
        densest = min(glass.condition.volume_per_atom for glass in self.plan.glasses)
        shapes = unit_shapes(self.plan.crystallization, self.plan.composition, self.cutoff, densest)
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, shapes)
        cells = [Cell.from_structure(crystal.structure) for crystal in self.crystals]
        rows: list[dict[str, Any]] = []
        for relaxed in relax_cells(relaxer, cells, None):
            crystal = self.crystals[relaxed.index]
            row = relaxed_row(relaxed, crystal.structure)
            rows.append(row | crystal.place | {"alike": list(crystal.alike)})
            on_progress(len(rows), len(cells))
        rows.sort(key=lambda row: row["subcell_id"])
        part = f"refined.{digest([row['subcell_id'] for row in rows])}"
        self.destination.write("relaxed", part, rows)
        return report_of(rows)

    def halves(self) -> tuple[RefineUnit, RefineUnit]:
        """Two units that together do the same."""
        middle = len(self) // 2
        return self._of(self.crystals[:middle]), self._of(self.crystals[middle:])

    def _of(self, crystals: tuple[Selected, ...]) -> RefineUnit:
        return RefineUnit(self.plan, crystals, self.cutoff, self.potential, self.destination)


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


def select(lake: Lake, plan: Plan) -> list[Selected]:
    """The lowest distinct crystals of each composition that a run has screened."""
    cascade = plan.crystallization.cascade
    found = lake.sql(NEAR_LOWEST, {"window": cascade.window})
    rows = {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.fetchall()}
    candidates = [
        Candidate(structure_from_row(row), row["energy_per_atom"], subcell_id)
        for subcell_id, row in rows.items()
    ]
    return [
        Selected(
            place={name: rows[group[0].key][name] for name in PLACE},
            structure=group[0].structure,
            alike=tuple(member.key for member in group),
        )
        for _, groups in lowest_distinct(candidates, cascade.window, cascade.max_products)
        for group in groups
    ]
