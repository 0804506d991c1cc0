"""The lake: everything that runs have computed, as Parquet files that SQL can query."""

from pathlib import Path

from a2c_ray.lake.catalog import Lake, NoLakeError, QueryError, existing_lake
from a2c_ray.lake.damage import damaged_parts, set_aside
from a2c_ray.lake.export import write_result
from a2c_ray.lake.lock import RunLockedError, run_lock
from a2c_ray.lake.parts import write_part

__all__ = [
    "Lake",
    "NoLakeError",
    "QueryError",
    "RunLockedError",
    "damaged_parts",
    "existing_lake",
    "open",
    "run_lock",
    "set_aside",
    "write_part",
    "write_result",
]


def open(path: str | Path = "lake") -> Lake:
    """Open a lake for queries."""
    return Lake(path)
