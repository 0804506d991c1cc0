"""The lake: everything that runs have computed, as Parquet files that SQL can query."""

from a2c_ray.lake.catalog import Lake, NoLakeError, RefusedQueryError
from a2c_ray.lake.parts import write_part

__all__ = ["Lake", "NoLakeError", "RefusedQueryError", "open", "write_part"]


def open(path: str = "lake") -> Lake:
    """Open a lake for queries."""
    return Lake(path)
