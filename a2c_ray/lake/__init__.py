"""The lake: everything that runs have computed, as Parquet files that SQL can query."""

from pathlib import Path

from a2c_ray.lake.catalog import Lake, NoLakeError, QueryError
from a2c_ray.lake.export import write_result
from a2c_ray.lake.parts import write_part

__all__ = [
    "Lake",
    "NoLakeError",
    "QueryError",
    "open",
    "write_part",
    "write_result",
]


def open(path: str | Path = "lake") -> Lake:
    """Open a lake for queries."""
    return Lake(path)
