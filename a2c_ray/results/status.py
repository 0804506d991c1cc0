"""Where a run stands: what the lake records of it, with what its driver wrote last."""

from __future__ import annotations

from typing import Any

from a2c_ray.lake import Lake, is_held, read_live_status


def known_status(lake: Lake, run: dict[str, Any]) -> dict[str, Any]:
    """What the lake records of a run, with what its driver wrote last.

    Args:
        lake: of the run.
        run: its last attempt, a row of `runs`.
    """
    live = read_live_status(lake.store, run["run_id"]) or {}
    known = live | run | {"failures": run["failures"] or live.get("failures") or []}
    is_orphan = lake.store.is_local and not is_held(lake.store, run["run_id"])
    if run["status"] == "running" and is_orphan:
        known["status"] = "died; repeat its command to resume"
    return known
