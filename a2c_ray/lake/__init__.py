"""The lake: everything that runs have computed, as Parquet files that SQL can query.

`open` is what scripts need; the other names are for the package. `schemas` lists the columns,
`rows` gives them types, `parts` writes, `catalog.Lake` reads.
"""

from pathlib import Path

from a2c_ray.lake.attempt import OutdatedAttemptError, begin_attempt, check_attempt
from a2c_ray.lake.catalog import Lake, NoLakeError, QueryError, existing_lake
from a2c_ray.lake.checkpoints import (
    read_checkpoint,
    remove_checkpoint,
    remove_checkpoints,
    write_checkpoint,
)
from a2c_ray.lake.compaction import (
    merge_parts,
    merge_run,
    remove_parts,
    remove_repeated,
    remove_superseded,
    rows_below,
)
from a2c_ray.lake.damage import damaged_parts, faulty_parts, remove_leftovers, set_aside
from a2c_ray.lake.energies import arrays_by_formula, low_cells, ranked_energies
from a2c_ray.lake.export import write_result
from a2c_ray.lake.inventory import RunInventory, inventory, last_attempts, repeated_ids
from a2c_ray.lake.live_status import DriverStatus, read_live_status, write_live_status
from a2c_ray.lake.lock import RunLockedError, is_held, run_lock, this_process
from a2c_ray.lake.parts import write_part
from a2c_ray.lake.rows import LimitRow, ProductRow, RelaxedRow, RescoredRow, RunRow, kind_in_words
from a2c_ray.lake.schemas import describe_columns
from a2c_ray.lake.store import LakeAddressError, Store, check_address
from a2c_ray.lake.structures import NoStructureError, structure_columns, structure_from_row
from a2c_ray.lake.upkeep import merge_finished_runs
from a2c_ray.lake.version import NewerLakeError, mark_version

__all__ = [
    "DriverStatus",
    "Lake",
    "LakeAddressError",
    "LimitRow",
    "NewerLakeError",
    "NoLakeError",
    "NoStructureError",
    "OutdatedAttemptError",
    "ProductRow",
    "QueryError",
    "RelaxedRow",
    "RescoredRow",
    "RunInventory",
    "RunLockedError",
    "RunRow",
    "Store",
    "arrays_by_formula",
    "begin_attempt",
    "check_address",
    "check_attempt",
    "damaged_parts",
    "describe_columns",
    "existing_lake",
    "faulty_parts",
    "inventory",
    "is_held",
    "kind_in_words",
    "last_attempts",
    "low_cells",
    "mark_version",
    "merge_finished_runs",
    "merge_parts",
    "merge_run",
    "open",
    "ranked_energies",
    "read_checkpoint",
    "read_live_status",
    "remove_checkpoint",
    "remove_checkpoints",
    "remove_leftovers",
    "remove_parts",
    "remove_repeated",
    "remove_superseded",
    "repeated_ids",
    "rows_below",
    "run_lock",
    "set_aside",
    "structure_columns",
    "structure_from_row",
    "this_process",
    "write_checkpoint",
    "write_live_status",
    "write_part",
    "write_result",
]


def open(address: str | Path = "lake") -> Lake:
    """Open a lake for queries.

    Args:
        address: a folder, or an URI such as `s3://bucket/lake`.
    """
    return Lake(address)
