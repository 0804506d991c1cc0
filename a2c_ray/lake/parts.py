"""Parts: the Parquet files of the lake, written atomically.

A part's path says whose it is: `<table>/system=<system>/run=<run id>/part-<part id>.parquet`. It
is written beside its final name, under one that no reader looks at, and renamed; writing the same
part twice leaves one.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from a2c_ray.lake.schemas import schema


def part_path(root: Path, table: str, system: str, run_id: str, part_id: str) -> Path:
    """Where a part lives."""
    return root / table / f"system={system}" / f"run={run_id}" / f"part-{part_id}.parquet"


def write_part(
    root: Path, table: str, system: str, run_id: str, part_id: str, rows: Sequence[dict[str, Any]]
) -> Path:
    """Write rows as one part, replacing it if it exists.

    Args:
        root: of the lake.
        table: name.
        system, run_id: whose rows they are.
        part_id: identifies the work that made them.
        rows: one dictionary a row; missing columns are null.

    Raises:
        OSError: the disk is full or not writable; no part appears.
        pyarrow.ArrowInvalid: a value does not fit its column.
    """
    path = part_path(root, table, system, run_id, part_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("wb") as file:
            whole = pa.Table.from_pylist(list(rows), schema(table))
            pq.write_table(whole, file, write_page_checksum=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
