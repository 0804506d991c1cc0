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
from pathlib import Path
from typing import Any

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.melt_quench import (
    SNAPSHOT_STEPS,
    Glass,
    MeltQuenchError,
    Protocol,
    melt_quench_replicas,
)
from a2c_ray.cluster.plan import GlassPlan
from a2c_ray.crystallize.batching import Relaxed, Relaxer
from a2c_ray.crystallize.relaxation import relax_cells
from a2c_ray.crystallize.shapes import Shape
from a2c_ray.crystallize.slots import RelaxSettings
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.lake import write_part
from a2c_ray.potentials.potential import Potential
from a2c_ray.units import AMU_PER_A3_IN_G_CM3, GPA_PER_EV_A3

TRACE_EVERY = 10
"""Steps between two rows of the MD trace."""

OnProgress = Callable[[int, int], None]
"""Called with (done, in all)."""


@dataclass(frozen=True)
class Destination:
    """Where a unit's rows go."""

    lake: Path
    system: str
    run_id: str

    def write(self, table: str, part_id: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write one part."""
        write_part(self.lake, table, self.system, self.run_id, part_id, rows)


@dataclass(frozen=True, eq=False)
class MeltQuenchUnit:
    """Glasses of one composition, made in one batch."""

    composition: str
    glasses: tuple[GlassPlan, ...]
    protocol: Protocol


@dataclass(frozen=True, eq=False)
class RelaxUnit:
    """Subcells of one glass, relaxed in one queue.

    glass_id: of their glass.
    subcells: to relax.
    settings: when a relaxation stops.
    shapes: of the arrays.
    """

    glass_id: str
    subcells: Subcells
    settings: RelaxSettings
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class GlassReport:
    """Outcome of one melt-quench: the glass, or the reason why there is none."""

    glass_id: str
    structure: Structure | None
    energy_per_atom: float
    reason: str


@dataclass(frozen=True)
class RelaxReport:
    """Summary of a relaxation unit.

    outcomes: number of subcells by outcome.
    lowest: of each reduced formula, eV/atom.
    steps: of all subcells.
    wall_s: seconds.
    """

    outcomes: Counter[str]
    lowest: dict[str, float]
    steps: int
    wall_s: float


def subcell_id(glass_id: str, lower: np.ndarray, upper: np.ndarray) -> str:
    """Identifies a box of a glass."""
    return f"{glass_id}-" + "-".join(".".join(str(int(i)) for i in c) for c in (lower, upper))


def part_id(ids: Sequence[str]) -> str:
    """Names a part after the work that it holds."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]


def run_melt_quench(
    unit: MeltQuenchUnit, potential: Potential, destination: Destination, on_progress: OnProgress
) -> list[GlassReport]:
    """Make the glasses of a unit and write them with their traces."""
    started = time.monotonic()
    results = melt_quench_replicas(
        Composition(unit.composition),
        potential,
        [glass.condition for glass in unit.glasses],
        unit.protocol,
        on_progress,
    )
    wall_s = time.monotonic() - started
    rows, traces, reports = [], [], []
    for plan, result in zip(unit.glasses, results, strict=True):
        rows.append(_glass_row(plan, result, unit.composition, potential) | {"wall_s": wall_s})
        if isinstance(result, MeltQuenchError):
            reports.append(GlassReport(plan.glass_id, None, np.nan, str(result)))
        else:
            traces.extend(_trace_rows(plan.glass_id, result))
            reports.append(GlassReport(plan.glass_id, result.structure, result.energy_per_atom, ""))
    part = part_id([glass.glass_id for glass in unit.glasses])
    # The trace first: a glass counts as done once its row in `amorphous` is there.
    if traces:
        destination.write("md_trace", part, traces)
    destination.write("amorphous", part, rows)
    return reports


def run_relaxation(
    unit: RelaxUnit, relaxer: Relaxer, destination: Destination, on_progress: OnProgress
) -> RelaxReport:
    """Relax the subcells of a unit and write them."""
    started = time.monotonic()
    subcells = unit.subcells
    cells = [subcells.cell(k) for k in range(len(subcells))]
    rows: list[dict[str, Any]] = []
    outcomes: Counter[str] = Counter()
    lowest: dict[str, float] = {}
    for relaxed in relax_cells(relaxer, cells, subcells.minimum_distances):
        row = _relaxed_row(unit.glass_id, subcells, relaxed)
        rows.append(row)
        outcomes[row["outcome"]] += 1
        if row["energy_per_atom"] is not None:
            best = lowest.get(row["formula"], np.inf)
            lowest[row["formula"]] = min(best, row["energy_per_atom"])
        on_progress(len(rows), len(subcells))
    rows.sort(key=lambda row: row["subcell_id"])
    destination.write("relaxed", part_id([row["subcell_id"] for row in rows]), rows)
    steps = sum(row["steps"] for row in rows)
    return RelaxReport(outcomes, lowest, steps, time.monotonic() - started)


def structure_columns(structure: Structure) -> dict[str, Any]:
    """Columns that describe a structure, see `lake.schemas.STRUCTURE`."""
    return {
        "formula": structure.composition.reduced_formula,
        "n_atoms": len(structure),
        "lattice": structure.lattice.matrix.ravel().tolist(),
        "species": [site.specie.symbol for site in structure],
        "frac_coords": structure.frac_coords.ravel().tolist(),
    }


def structure_from_columns(row: dict[str, Any]) -> Structure:
    """Inverse of `structure_columns`."""
    return Structure(
        np.reshape(row["lattice"], (3, 3)), row["species"], np.reshape(row["frac_coords"], (-1, 3))
    )


def _glass_row(
    plan: GlassPlan, result: Glass | MeltQuenchError, composition: str, potential: Potential
) -> dict[str, Any]:
    condition = plan.condition
    weight = Composition(composition).weight / Composition(composition).num_atoms
    row = {
        "glass_id": plan.glass_id,
        "t_high": condition.t_high,
        "t_low": condition.t_low,
        "volume_per_atom": condition.volume_per_atom,
        "density": float(weight) * AMU_PER_A3_IN_G_CM3 / condition.volume_per_atom,
        "seed": condition.seed,
        "potential": potential.name,
        "potential_fingerprint": potential.fingerprint,
    }
    if isinstance(result, MeltQuenchError):
        return row | {"outcome": "failed", "reason": str(result)}
    return (
        row
        | structure_columns(result.structure)
        | {
            "outcome": "glass",
            "energy_per_atom": result.energy_per_atom,
            "pressure": result.pressure * GPA_PER_EV_A3,
            "temperature": float(np.mean(result.trace.temperature[-SNAPSHOT_STEPS:])),
        }
    )


def _trace_rows(glass_id: str, glass: Glass) -> list[dict[str, Any]]:
    trace = glass.trace
    snapshots = dict(zip(trace.snapshot_step.tolist(), trace.snapshots, strict=True))
    rows = []
    for k in range(TRACE_EVERY - 1, len(trace.step), TRACE_EVERY):
        step = int(trace.step[k])
        snapshot = snapshots.get(step)
        rows.append(
            {
                "glass_id": glass_id,
                "step": step,
                "time_fs": step * glass.protocol.timestep_fs,
                "thermostat": float(trace.thermostat[k]),
                "temperature": float(trace.temperature[k]),
                "energy_per_atom": float(trace.energy[k]),
                "pressure": float(trace.pressure[k]) * GPA_PER_EV_A3,
                "conserved_per_atom": float(trace.conserved[k]),
                "frac_coords": None if snapshot is None else snapshot.ravel().tolist(),
            }
        )
    return rows


def _relaxed_row(glass_id: str, subcells: Subcells, relaxed: Relaxed) -> dict[str, Any]:
    lower, upper = subcells.lower[relaxed.index], subcells.upper[relaxed.index]
    valid = relaxed.outcome.is_valid
    # What cannot be trusted is not kept; the subcell as cut lets the failure be reproduced.
    structure = relaxed.structure if valid else subcells.structure(relaxed.index)
    columns = structure_columns(structure)
    return columns | {
        "subcell_id": subcell_id(glass_id, lower, upper),
        "glass_id": glass_id,
        "outcome": relaxed.outcome.label,
        "steps": relaxed.steps,
        "energy_per_atom": relaxed.energy_per_atom if valid else None,
        "volume_per_atom": structure.volume / len(structure),
        "max_force": relaxed.max_force if valid else None,
        "max_stress": relaxed.max_stress if valid else None,
        "n_grid": subcells.n_grid,
        "lower": lower.tolist(),
        "upper": upper.tolist(),
    }
