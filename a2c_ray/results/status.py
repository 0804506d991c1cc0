"""Where a run stands: what the lake records of it, with what its driver wrote last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from a2c_ray.lake import DriverStatus, Lake, RunRow, is_held, read_live_status

DONE = """
SELECT (SELECT count(*) FROM amorphous WHERE run_id = $run), greatest(
    (SELECT count(DISTINCT subcell_id) FROM relaxed WHERE run_id = $run),
    (SELECT count(DISTINCT subcell_id) FROM screened WHERE run_id = $run)
)
"""
"""Glasses of a run in the lake, and subcells: in a cascade most are only screened."""


@dataclass(frozen=True)
class RunStatus:
    """Where a run stands.

    run: its last attempt.
    driver: what that wrote last; None if it wrote nothing.
    status: as recorded, or that it has died.
    failures: so far.
    """

    run: RunRow
    driver: DriverStatus | None
    status: str
    failures: list[str]


def known_status(lake: Lake, run: RunRow) -> RunStatus:
    """What is known of a run.

    Args:
        lake: of the run.
        run: its last attempt.
    """
    driver = read_live_status(lake.store, run.run_id)
    status = run.status
    if status == "running" and lake.store.is_local and not is_held(lake.store, run.run_id):
        status = "died; repeat its command to resume"
        driver = _what_is_left(lake, run, driver or DriverStatus(run.run_id))
    failures = run.failures or (driver.failures if driver else [])
    return RunStatus(run, driver, status, failures)


def _what_is_left(lake: Lake, run: RunRow, driver: DriverStatus) -> DriverStatus:
    """What a driver wrote last, with what actors have written since."""
    [(glasses, subcells)] = lake.sql(DONE, {"run": run.run_id}).fetchall()
    return replace(
        driver,
        glasses_done=max(glasses, driver.glasses_done),
        subcells_done=max(subcells, driver.subcells_done),
    )
