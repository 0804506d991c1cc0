"""Made-up rows, to measure lakes of any size."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from a2c_ray.lake.compaction import merge_run
from a2c_ray.lake.parts import all_parts, write_rows
from a2c_ray.lake.schemas import schema
from a2c_ray.lake.store import Store

MOST_PAIRS = 4
"""Boron and nitrogen atoms of a structure at most; there are as many of each, as in the paper."""

N_GRID = 10

POLYMORPHS = (None, "h-BN", "r-BN", "c-BN")

SYSTEM, RUN_ID = "BN", "bn-synthetic"


def write_random_lake(store: Store, n_rows: int, n_glasses: int, seed: int = 0) -> None:
    """Write relaxed subcells of boron nitride of random numbers, merged as those of a finished run.

    Args:
        store: of a new lake.
        n_rows: at least; every glass has as many.
        n_glasses: that the subcells are from.
        seed: of the numbers.
    """
    rng = np.random.default_rng(seed)
    for glass in range(n_glasses):
        glass_id = f"{RUN_ID}-g{glass:04d}"
        rows = _random_relaxed(rng, -(-n_rows // n_glasses), glass_id)
        write_rows(store, "relaxed", SYSTEM, RUN_ID, glass_id, rows)
    merge_run(store, SYSTEM, RUN_ID)
    for part in all_parts(store, "relaxed"):
        if part.part_id:
            store.delete(part.file.path)


def _random_relaxed(rng: np.random.Generator, n_rows: int, glass_id: str) -> pa.Table:
    n_atoms = 2 * rng.integers(1, MOST_PAIRS + 1, n_rows)
    lower = rng.integers(0, N_GRID, (n_rows, 3))
    upper = lower + rng.integers(1, N_GRID, (n_rows, 3))
    polymorph = rng.choice(len(POLYMORPHS), n_rows, p=[0.7, 0.1, 0.1, 0.1])
    columns = {
        "subcell_id": [f"{glass_id}-{k:06d}" for k in range(n_rows)],
        "glass_id": [glass_id] * n_rows,
        "outcome": ["converged"] * n_rows,
        "steps": rng.integers(10, 300, n_rows),
        "energy_per_atom": rng.normal(-8.0, 0.3, n_rows),
        "volume_per_atom": rng.normal(8.0, 1.0, n_rows),
        "max_force": rng.random(n_rows),
        "max_stress": rng.random(n_rows),
        "min_distance": rng.normal(1.4, 0.05, n_rows),
        "closest_contact": rng.normal(0.85, 0.03, n_rows),
        "peak_force": rng.exponential(5.0, n_rows),
        "polymorph": [POLYMORPHS[k] for k in polymorph],
        "polymorph_rms": pa.array(0.1 * rng.random(n_rows), mask=polymorph == 0),
        "formula": ["BN"] * n_rows,
        "n_atoms": n_atoms,
        "lattice": _lists(rng.random(9 * n_rows), np.full(n_rows, 9)),
        "species": _lists(np.tile(["B", "N"], n_atoms.sum() // 2), n_atoms),
        "frac_coords": _lists(rng.random(3 * n_atoms.sum()), 3 * n_atoms),
        "n_grid": np.full(n_rows, N_GRID),
        "lower": _lists(lower.ravel(), np.full(n_rows, 3)),
        "upper": _lists(upper.ravel(), np.full(n_rows, 3)),
    }
    whole = schema("relaxed")
    others = pa.nulls(n_rows)  # of cascades, pressure and given cells
    arrays = [
        pa.array(columns.get(name, others)).cast(whole.field(name).type) for name in whole.names
    ]
    return pa.table(arrays, schema=whole)


def _lists(values: np.ndarray, lengths: np.ndarray) -> pa.ListArray:
    """Values cut into lists."""
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(values))
