"""Structures in Parquet: parts of a lake, and other files with its columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ase import Atoms

from a2c_ray.reading.frames import Found, Frame, Problem, attempt, reason_of

NEEDED = ("lattice", "species", "frac_coords")

IDS = ("source_name", "product_id", "subcell_id", "glass_id", "source")
"""Columns that may name a row, the first of these that is not null."""

ROWS = 1000
"""Read at a time."""


def read_parquet(path: Path, source: str) -> Iterator[Found]:
    """The structures of all rows."""
    try:
        with pq.ParquetFile(path) as file:
            missing = [name for name in NEEDED if name not in file.schema_arrow.names]
            if missing:
                yield Problem(source, None, f"no column {', '.join(missing)}")
                return
            wanted = [name for name in (*NEEDED, *IDS) if name in file.schema_arrow.names]
            index = 0
            for batch in file.iter_batches(ROWS, columns=wanted):
                for row in batch.to_pylist():
                    yield attempt(_frame, source, index, row)
                    index += 1
    except (OSError, pa.ArrowException) as error:
        yield Problem(source, None, reason_of(error))


def _frame(source: str, index: int, row: dict[str, Any]) -> Frame:
    absent = [name for name in NEEDED if row[name] is None]
    if absent:
        raise ValueError(f"{', '.join(absent)} is null")
    atoms = Atoms(
        row["species"],
        scaled_positions=np.reshape(np.asarray(row["frac_coords"], np.float64), (-1, 3)),
        cell=np.reshape(np.asarray(row["lattice"], np.float64), (3, 3)),
        pbc=True,
    )
    name = next((str(row[column]) for column in IDS if row.get(column)), None)
    return Frame(source, index, name, atoms)
