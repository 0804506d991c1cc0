"""Upkeep: the parts of all finished runs merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from a2c_ray.lake.catalog import Lake
from a2c_ray.lake.compaction import MERGED_TABLES, merge_run
from a2c_ray.lake.inventory import last_statuses
from a2c_ray.lake.lock import RunLockedError, run_lock
from a2c_ray.lake.parts import all_parts, current_parts


class MergedRun(NamedTuple):
    """What became of a run.

    run_id: of the run.
    n_parts: that were replaced by larger ones.
    problem: why it was left as it was; "" if it was not.
    is_failure: whether the problem needs somebody to look at it.
    """

    run_id: str
    n_parts: int
    problem: str = ""
    is_failure: bool = False


def merge_finished_runs(lake: Lake) -> Iterator[MergedRun]:
    """Merge the parts of each finished run that has several.

    Runs whose last attempt has not finished are left out: their drivers may write further parts.
    """
    for system, run_id in _mergeable(lake):
        if not _is_finished(lake, run_id):
            continue
        try:
            with run_lock(lake.store, run_id):
                # Somebody may have repeated the run until now.
                if _is_finished(lake, run_id):
                    yield MergedRun(run_id, merge_run(lake.store, system, run_id))
        except RunLockedError as error:
            yield MergedRun(run_id, 0, str(error))
        except (OSError, pa.ArrowException) as error:
            reason = str(error).splitlines()[0]
            yield MergedRun(run_id, 0, f"{reason}; see `a2c lake check`", is_failure=True)


def _mergeable(lake: Lake) -> list[tuple[str, str]]:
    """System and id of the runs with parts that one could replace."""
    parts = [part for table in MERGED_TABLES for part in all_parts(lake.store, table)]
    return sorted({(p.system, p.run_id) for p in current_parts(parts) if p.part_id})


def _is_finished(lake: Lake, run_id: str) -> bool:
    return last_statuses(lake).get(run_id) == "finished"
