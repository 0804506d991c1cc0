"""Units of work: what an actor does at a time, and what it writes into the lake.

A unit writes its results itself and returns a small report. Doing a unit twice writes the same
part twice, which leaves one.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import ray
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.melt_quench import (
    MeltQuenchError,
    melt_quench_replicas,
)
from a2c_ray.analysis.ranking import Product
from a2c_ray.cluster.plan import GlassPlan, Plan
from a2c_ray.cluster.products import rank_run, write_products
from a2c_ray.cluster.rows import glass_row, relaxed_row, subcell_id, trace_rows
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.errors import OperationError
from a2c_ray.lake import Store, check_attempt, merge_parts, merge_run, write_part
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape

if TYPE_CHECKING:
    from a2c_ray.cluster.refinement import RefineUnit, Selected, SelectUnit

OnProgress = Callable[[int, int], None]
"""Called with (done, in all)."""


class LakeFullError(OperationError):
    """Results cannot be written."""


@dataclass(frozen=True)
class Destination:
    """Where a unit's rows go.

    store: of the lake.
    system, run_id: whose rows they are.
    attempt: token of the attempt at the run, see `lake.attempt`.
    """

    store: Store
    system: str
    run_id: str
    attempt: str

    def write(self, table: str, part_id: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write one part.

        Raises:
            OutdatedAttemptError: a later attempt at the run has begun.
            LakeFullError: the disk is full or not writable.
        """
        check_attempt(self.store, self.run_id, self.attempt)
        try:
            write_part(self.store, table, self.system, self.run_id, part_id, rows)
        except OSError as error:
            raise LakeFullError(f"cannot write to {self.store.address}: {error.strerror}") from None


@dataclass(frozen=True)
class SharedPotential:
    """A potential in Ray's object store.

    key: identifies it, so that an actor takes it out once.
    boxed: reference to it; in a list, since Ray replaces bare references by what they refer to.
    """

    key: str
    boxed: list[ray.ObjectRef]


@dataclass(frozen=True, eq=False)
class MeltQuenchUnit:
    """Glasses of one composition, made in one batch."""

    plan: Plan
    glasses: tuple[GlassPlan, ...]
    potential: SharedPotential
    destination: Destination

    def __str__(self) -> str:
        ids = [glass.glass_id for glass in self.glasses]
        return f"melt-quench of {ids[0]}" + (f" to {ids[-1]}" if len(ids) > 1 else "")

    def run(self, potential: Potential, on_progress: OnProgress) -> list[GlassReport]:
        """Make the glasses and write them with their traces."""
        started = time.monotonic()
        results = melt_quench_replicas(
            Composition(self.plan.composition),
            potential,
            [glass.condition for glass in self.glasses],
            self.plan.protocol,
            on_progress,
        )
        wall_s = time.monotonic() - started
        rows, traces, reports = [], [], []
        for glass, result in zip(self.glasses, results, strict=True):
            row = glass_row(glass, result, self.plan.composition, potential)
            rows.append(row | {"wall_s": wall_s})
            if isinstance(result, MeltQuenchError):
                reports.append(GlassReport(glass.glass_id, None, str(result)))
            else:
                traces.extend(trace_rows(glass.glass_id, result))
                reports.append(GlassReport(glass.glass_id, result.structure, ""))
        part = digest([glass.glass_id for glass in self.glasses])
        # The trace first: a glass counts as done once its row in `amorphous` is there.
        if traces:
            self.destination.write("md_trace", part, traces)
        self.destination.write("amorphous", part, rows)
        return reports


@dataclass(frozen=True, eq=False)
class RelaxUnit:
    """Subcells of one glass, relaxed in one queue.

    plan: whose glass it is.
    glass_id: of their glass.
    subcells: to relax.
    shapes: of the arrays.
    potential, destination: see there.
    """

    plan: Plan
    glass_id: str
    subcells: Subcells
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination

    def __str__(self) -> str:
        return f"{len(self)} subcells of {self.glass_id}"

    def __len__(self) -> int:
        return len(self.subcells)

    def run(self, potential: Potential, on_progress: OnProgress) -> RelaxReport:
        """Relax the subcells and write them."""
        subcells = self.subcells
        relaxer = Relaxer(potential, self.plan.crystallization.relaxation, self.shapes)
        cells = [subcells.cell(k) for k in range(len(subcells))]
        rows: list[dict[str, Any]] = []
        for relaxed in relax_cells(relaxer, cells, subcells.minimum_distances):
            k = relaxed.index
            row = relaxed_row(relaxed, subcells.structure(k))
            rows.append(row | self._place(subcells.lower[k], subcells.upper[k]))
            on_progress(len(rows), len(subcells))
        rows.sort(key=lambda row: row["subcell_id"])
        part = f"{self.glass_id}.{digest([row['subcell_id'] for row in rows])}"
        self.destination.write(self.plan.screening_table, part, rows)
        return report_of(rows)

    def _place(self, lower: np.ndarray, upper: np.ndarray) -> dict[str, Any]:
        """Columns that say where a subcell was cut out."""
        return {
            "subcell_id": subcell_id(self.glass_id, lower, upper),
            "glass_id": self.glass_id,
            "n_grid": self.subcells.n_grid,
            "lower": lower.tolist(),
            "upper": upper.tolist(),
        }

    def halves(self) -> tuple[RelaxUnit, RelaxUnit]:
        """Two units that together do the same."""
        middle = len(self.subcells) // 2
        return self._part(slice(None, middle)), self._part(slice(middle, None))

    def _part(self, members: slice) -> RelaxUnit:
        return RelaxUnit(
            self.plan,
            self.glass_id,
            self.subcells[members],
            self.shapes,
            self.potential,
            self.destination,
        )


@dataclass(frozen=True, eq=False)
class MergeUnit:
    """Parts of a glass, all of whose subcells are relaxed, put together."""

    plan: Plan
    glass_id: str
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"parts of {self.glass_id}"

    def run(self, potential: None, on_progress: OnProgress) -> None:
        """Merge them."""
        to = self.destination
        merge_parts(to.store, self.plan.screening_table, to.system, to.run_id, self.glass_id)


@dataclass(frozen=True, eq=False)
class RankUnit:
    """All that a run has relaxed, ranked.

    plan: of the run.
    is_complete: whether no part will be added; its parts are then merged.
    destination: see there.
    """

    plan: Plan
    is_complete: bool
    destination: Destination

    potential = None

    def __str__(self) -> str:
        return f"products of {self.plan.run_id}"

    def run(self, potential: None, on_progress: OnProgress) -> RankReport:
        """Write products into the lake and as CIF files."""
        to = self.destination
        check_attempt(to.store, to.run_id, to.attempt)
        if self.is_complete:
            merge_run(to.store, to.system, to.run_id)
        products = rank_run(self.plan, to.store)
        return RankReport(products, write_products(self.plan, to.store, products))


Unit: TypeAlias = "MeltQuenchUnit | RelaxUnit | MergeUnit | SelectUnit | RefineUnit | RankUnit"


@dataclass(frozen=True)
class GlassReport:
    """Outcome of one melt-quench: the glass, or the reason why there is none."""

    glass_id: str
    structure: Structure | None
    reason: str


@dataclass(frozen=True)
class RelaxReport:
    """Summary of a unit of relaxations.

    outcomes: number of subcells by outcome.
    lowest: of each reduced formula, eV/atom.
    n_steps: of all subcells.
    """

    outcomes: Counter[str]
    lowest: dict[str, float]
    n_steps: int


@dataclass(frozen=True)
class RankReport:
    """Products of a run, and a file of each."""

    products: list[Product]
    paths: list[str]


Report: TypeAlias = "list[GlassReport] | RelaxReport | list[Selected] | RankReport | None"


def digest(ids: Sequence[str]) -> str:
    """Names a part after the work that it holds."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def report_of(rows: Sequence[dict[str, Any]]) -> RelaxReport:
    """Summary of rows of relaxed subcells."""
    lowest: dict[str, float] = {}
    for row in rows:
        if row["energy_per_atom"] is not None:
            best = lowest.get(row["formula"], np.inf)
            lowest[row["formula"]] = min(best, row["energy_per_atom"])
    return RelaxReport(
        outcomes=Counter(row["outcome"] for row in rows),
        lowest=lowest,
        n_steps=sum(row["steps"] for row in rows),
    )
