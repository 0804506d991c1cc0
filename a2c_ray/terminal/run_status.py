"""Where the runs of a lake stand, seen from any terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from a2c_ray.lake import DriverStatus, Lake
from a2c_ray.results import find_attempt, last_attempts
from a2c_ray.results.status import RunStatus, known_status
from a2c_ray.terminal.console import time_span


def print_status(console: Console, address: str, run_id: str | None) -> None:
    """Print a line for each run, or all that is known of one.

    Args:
        console: to print on.
        address: of the lake.
        run_id: of the run; None for all.

    Raises:
        NoLakeError: there is no lake.
        UnknownRunError: the run is not in it; the message lists those that are.
    """
    lake = Lake(address)
    runs = last_attempts(lake)
    if run_id is None:
        console.print(_table([known_status(lake, run) for run in reversed(runs)]))
    else:
        _print_one(console, known_status(lake, find_attempt(runs, run_id)))


def _table(runs: list[RunStatus]) -> Table:
    table = Table()
    for heading in ("run", "status", "glasses", "subcells", "rate", "left", "failed"):
        table.add_column(heading)
    for known in runs:
        driver = known.driver or DriverStatus()
        is_running = known.status == "running" and known.driver is not None
        table.add_row(
            known.run.run_id,
            known.status,
            _of(driver.glasses_done, driver.glasses_total),
            _of(driver.subcells_done, driver.subcells_total),
            f"{driver.subcells_per_min:.0f}/min" if is_running else "",
            _time_left(driver) if is_running else "",
            str(len(known.failures) or ""),
        )
    return table


def _print_one(console: Console, known: RunStatus) -> None:
    run, driver = known.run, known.driver
    shown = {
        "run": run.run_id,
        "system": run.system,
        "status": known.status,
        "attempt": str(run.attempt),
    }
    if driver is not None:
        shown |= {
            "driver": driver.driver,
            "glasses": _of(driver.glasses_done, driver.glasses_total),
            "subcells": _of(driver.subcells_done, driver.subcells_total),
            "outcomes": ", ".join(f"{n} {name}" for name, n in driver.outcomes.items()),
            "lowest": ", ".join(
                f"{formula} {energy:.4f} eV/atom" for formula, energy in driver.lowest.items()
            ),
        }
    if driver is not None and known.status == "running":
        shown |= {
            "actors": f"{driver.actors}, {100 * driver.occupancy:.0f} % busy",
            "rate": f"{driver.subcells_per_min:.0f} subcells/min",
            "left": _time_left(driver),
        }
    for name, value in shown.items():
        if value:
            console.print(f"{name:<9} {value}", highlight=False, soft_wrap=True)
    for failure in known.failures:
        console.print(f"failed:   {failure}", highlight=False, soft_wrap=True)


def _time_left(driver: DriverStatus) -> str:
    if driver.seconds_left is None:
        return ""
    return time_span(driver.seconds_left, driver.seconds_left_most)


def _of(done: int, total: int) -> str:
    return f"{done}/{total}" if total else ""
