"""The lake: everything that runs have computed, as Parquet files that SQL can query."""

from pathlib import Path

from a2c_ray.lake.attempt import OutdatedAttemptError, begin_attempt, check_attempt
from a2c_ray.lake.catalog import Lake, NoLakeError, QueryError, existing_lake
from a2c_ray.lake.compaction import merge_parts, merge_run, remove_superseded
from a2c_ray.lake.damage import damaged_parts, remove_leftovers, set_aside
from a2c_ray.lake.export import write_result
from a2c_ray.lake.lock import RunLockedError, is_held, run_lock
from a2c_ray.lake.parts import write_part
from a2c_ray.lake.store import LakeAddressError, Store
from a2c_ray.lake.structures import NoStructureError, structure_columns, structure_from_row
from a2c_ray.lake.version import NewerLakeError, mark_version

__all__ = [
    "Lake",
    "LakeAddressError",
    "NewerLakeError",
    "NoLakeError",
    "NoStructureError",
    "OutdatedAttemptError",
    "QueryError",
    "RunLockedError",
    "Store",
    "begin_attempt",
    "check_attempt",
    "damaged_parts",
    "existing_lake",
    "is_held",
    "mark_version",
    "merge_parts",
    "merge_run",
    "open",
    "remove_leftovers",
    "remove_superseded",
    "run_lock",
    "set_aside",
    "structure_columns",
    "structure_from_row",
    "write_part",
    "write_result",
]


def open(address: str | Path = "lake") -> Lake:
    """Open a lake for queries.

    Args:
        address: a folder, or an URI such as `s3://bucket/lake`.
    """
    return Lake(address)
