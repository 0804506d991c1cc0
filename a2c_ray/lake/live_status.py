"""What the driver of a run in progress wrote last: a side file of the run, as its lock is."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any

from a2c_ray.lake.store import Store

FOLDER = ".status"


@dataclass(frozen=True)
class DriverStatus:
    """Where a run stands, by its driver; what an earlier version did not write is left out.

    run_id, composition: of the run.
    driver: process and host.
    elapsed_s: since the campaign began, s.
    actors, occupancy, subcells_per_min: of the whole campaign.
    seconds_left, seconds_left_most: the same, bounds of an estimate; None where it has none.
    glasses_total, glasses_done, subcells_total, subcells_done, refined_total, refined_done: of the
        run, in this attempt and before.
    units_in_flight, progress_in_flight: units that actors work on, and how far these are.
    outcomes, lowest: of this attempt; the latter by formula, eV/atom.
    failures, n_failures: the latest, and how many.
    ranked: whether its products are in the lake.
    """

    run_id: str = ""
    composition: str = ""
    driver: str = ""
    elapsed_s: float = 0.0
    actors: int = 0
    occupancy: float = 0.0
    subcells_per_min: float = 0.0
    seconds_left: float | None = None
    seconds_left_most: float | None = None
    glasses_total: int = 0
    glasses_done: int = 0
    subcells_total: int = 0
    subcells_done: int = 0
    refined_total: int = 0
    refined_done: int = 0
    units_in_flight: int = 0
    progress_in_flight: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    lowest: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    n_failures: int = 0
    ranked: bool = False


def write_live_status(store: Store, status: DriverStatus) -> None:
    """Replace what is known of a run in progress.

    Raises:
        OSError: the lake cannot be written to.
    """
    text = json.dumps(dataclasses.asdict(status)) + "\n"
    store.write(_name(status.run_id), lambda file: file.write(text.encode()))


def read_live_status(store: Store, run_id: str) -> DriverStatus | None:
    """What a driver wrote last; None if it wrote nothing, or what is there is no status."""
    try:
        written = json.loads(store.read(_name(run_id)))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(written, dict):
        return None
    defaults = dataclasses.asdict(DriverStatus())
    known = {name: value for name, value in written.items() if name in defaults}
    return DriverStatus(**{k: v for k, v in known.items() if _fits(v, defaults[k])})


def _fits(value: Any, default: Any) -> bool:
    """Whether a value is of the kind of a field's default."""
    if default is None:
        return value is None or _is_number(value)
    if isinstance(default, float):
        return _is_number(value)
    if isinstance(value, dict):
        return isinstance(default, dict) and all(map(_is_number, value.values()))
    if isinstance(value, list):
        return isinstance(default, list) and all(isinstance(text, str) for text in value)
    return isinstance(value, type(default))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _name(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"
