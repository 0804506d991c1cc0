"""Where the runs of a lake stand, seen from any terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from a2c_ray.console import duration
from a2c_ray.lake import Lake
from a2c_ray.results import find_attempt, last_attempts
from a2c_ray.results.status import known_status


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


def _table(runs: list[dict[str, Any]]) -> Table:
    table = Table()
    for heading in ("run", "status", "glasses", "subcells", "rate", "left", "failed"):
        table.add_column(heading)
    for run in runs:
        running = run["status"] == "running"
        left = run.get("seconds_left")
        table.add_row(
            run["run_id"],
            run["status"],
            _of(run, "glasses"),
            _of(run, "subcells"),
            f"{run['subcells_per_min']:.0f}/min" if running and "subcells_per_min" in run else "",
            duration(left) if running and left is not None else "",
            str(len(run["failures"]) or ""),
        )
    return table


def _print_one(console: Console, run: dict[str, Any]) -> None:
    shown = {
        "run": run["run_id"],
        "system": run["system"],
        "status": run["status"],
        "attempt": run["attempt"],
        "driver": run.get("driver"),
        "glasses": _of(run, "glasses"),
        "subcells": _of(run, "subcells"),
        "outcomes": ", ".join(f"{n} {name}" for name, n in run.get("outcomes", {}).items()),
        "lowest": ", ".join(
            f"{formula} {energy:.4f} eV/atom" for formula, energy in run.get("lowest", {}).items()
        ),
    }
    if run["status"] == "running" and "actors" in run:
        shown |= {
            "actors": f"{run['actors']}, {100 * run['occupancy']:.0f} % busy",
            "rate": f"{run['subcells_per_min']:.0f} subcells/min",
            "left": None if run["seconds_left"] is None else duration(run["seconds_left"]),
        }
    for name, value in shown.items():
        if value not in (None, ""):
            console.print(f"{name:<9} {value}", highlight=False, soft_wrap=True)
    for failure in run["failures"]:
        console.print(f"failed:   {failure}", highlight=False, soft_wrap=True)


def _of(run: dict[str, Any], what: str) -> str:
    return f"{run[f'{what}_done']}/{run[f'{what}_total']}" if f"{what}_done" in run else ""
