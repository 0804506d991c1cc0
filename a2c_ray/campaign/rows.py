"""Rows of the lake: what becomes of glasses and subcells, column by column."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.glass import Glass, MeltQuenchError
from a2c_ray.analysis.polymorphs import identify
from a2c_ray.campaign.plan import GlassPlan
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.lake import structure_columns
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.batching import Relaxed
from a2c_ray.units import AMU_PER_A3_IN_G_CM3, GPA_PER_EV_A3

TRACE_EVERY = 10
"""Steps between two rows of the MD trace."""


def subcell_id(glass_id: str, lower: np.ndarray, upper: np.ndarray) -> str:
    """Identifies a box of a glass."""
    return f"{glass_id}-" + "-".join(".".join(str(int(i)) for i in c) for c in (lower, upper))


def subcell_ids(glass_id: str, subcells: Subcells) -> list[str]:
    """Ids of boxes of a glass."""
    corners = zip(subcells.lower, subcells.upper, strict=True)
    return [subcell_id(glass_id, lower, upper) for lower, upper in corners]


def glass_row(
    glass: GlassPlan, result: Glass | MeltQuenchError, composition: str, potential: Potential
) -> dict[str, Any]:
    """The row of a glass in `amorphous`, or of the melt-quench that gave none."""
    condition = glass.condition
    volume = (
        condition.volume_per_atom if isinstance(result, MeltQuenchError) else result.volume_per_atom
    )
    weight = Composition(composition).weight / Composition(composition).num_atoms
    row = {
        "glass_id": glass.glass_id,
        "t_high": condition.t_high,
        "t_low": condition.t_low,
        "volume_per_atom": volume,
        "density": float(weight) * AMU_PER_A3_IN_G_CM3 / volume,
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
            "temperature": result.trace.mean_at_end(result.trace.temperature),
            "min_distance": _finite(result.min_distance),
            "closest_contact": _finite(result.closest_contact),
            "peak_force": _finite(result.peak_force),
            "melt_overlap": result.melt_overlap,
            "melt_steps": result.melt_steps,
        }
    )


def trace_rows(glass_id: str, glass: Glass) -> list[dict[str, Any]]:
    """Rows of a glass in `md_trace`."""
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


def cell_id(run_id: str, order: int) -> str:
    """Identifies a given cell by its place in the pile."""
    return f"{run_id}-c{order:06d}"


def relaxed_row(relaxed: Relaxed, start: Structure, pressure: float) -> dict[str, Any]:
    """Columns of the end of a relaxation.

    Args:
        relaxed: the end.
        start: where it began, which lets a failure be reproduced.
        pressure: of the surroundings, eV/Å³.
    """
    valid = relaxed.outcome.is_valid
    # What cannot be trusted is not kept.
    structure = relaxed.structure if valid else start
    match = identify(structure) if valid else None
    volume = structure.volume / len(structure)
    enthalpy = relaxed.energy_per_atom + pressure * volume
    return structure_columns(structure) | {
        "outcome": relaxed.outcome.label,
        "steps": relaxed.steps,
        "energy_per_atom": relaxed.energy_per_atom if valid else None,
        "enthalpy_per_atom": enthalpy if valid and pressure else None,
        "volume_per_atom": volume,
        "max_force": relaxed.max_force if valid else None,
        "max_stress": relaxed.max_stress if valid else None,
        "min_distance": _finite(relaxed.min_distance) if valid else None,
        "closest_contact": _finite(relaxed.closest_contact),
        "peak_force": _finite(relaxed.peak_force),
        "polymorph": match.polymorph.name if match else None,
        "polymorph_rms": match.rms if match else None,
    }


def given_row(relaxed: Relaxed, pile: Pile, k: int, run_id: str, pressure: float) -> dict[str, Any]:
    """The row of a given cell in `relaxed`.

    Args:
        relaxed: the end of its relaxation.
        pile, k: that it is in, and its place there.
        run_id: of the run.
        pressure: of the surroundings, eV/Å³.
    """
    row = relaxed_row(relaxed, pile.cell(k).structure, pressure)
    row |= {
        "subcell_id": cell_id(run_id, int(pile.order[k])),
        "source_file": pile.files[pile.file[k]],
        "source_index": int(pile.index[k]),
        "source_name": pile.names[k],
    }
    if relaxed.outcome.is_valid and relaxed.forces is not None and relaxed.stress is not None:
        row |= {
            "forces": relaxed.forces.ravel().tolist(),
            "stress": relaxed.stress.ravel().tolist(),
        }
    return row


def _finite(value: float) -> float | None:
    """Null for what there is none of."""
    return value if math.isfinite(value) else None
