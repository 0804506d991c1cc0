"""The status of runs in progress, in the lake, for those who look from elsewhere."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.lake import DriverStatus, Store, this_process, write_live_status

WRITE_S = 5.0
"""Time between two writings, s."""


class LiveStatus:
    """Writes the status of each run every few seconds.

    Args:
        stores: of the lake of each run, by run id.
    """

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._stores = stores
        self._started = time.monotonic()
        self._written = -WRITE_S
        self._described: dict[str, DriverStatus] = {}

    def show(self, status: Status) -> None:
        """Write it, unless it has been written just before."""
        if time.monotonic() - self._written >= WRITE_S:
            self.write(status)

    def write(self, status: Status) -> None:
        """Write it."""
        self._written = time.monotonic()
        left = status.time_left
        of_campaign: dict[str, Any] = {
            "driver": this_process(),
            "elapsed_s": round(self._written - self._started, 1),
            "actors": status.n_actors,
            "occupancy": round(status.occupancy, 3),
            "subcells_per_min": round(60 * status.subcells_per_s, 1),
            "seconds_left": left.least if left else None,
            "seconds_left_most": left.most if left else None,
        }
        for run_id, store in self._stores.items():
            described = _described(status.points[run_id], status)
            if self._described.get(run_id) == described:
                continue  # most points of a long sweep wait, or are done
            with suppress(OSError):  # a full disk stops those who write results
                write_live_status(store, dataclasses.replace(described, **of_campaign))
                self._described[run_id] = described


def _described(point: PointStatus, status: Status) -> DriverStatus:
    """A point, without the numbers of the whole campaign, which change while it waits."""
    in_flight = [f for f in status.in_flight if f.unit.run_id == point.run_id]
    return DriverStatus(
        run_id=point.run_id,
        composition=point.composition,
        glasses_total=point.glasses_total,
        glasses_done=point.glasses_done,
        subcells_total=point.subcells_total,
        subcells_done=point.subcells_done,
        refined_total=point.refined_total,
        refined_done=point.refined_done,
        units_in_flight=len(in_flight),
        progress_in_flight=sum(f.done for f in in_flight),
        outcomes=dict(point.outcomes),
        lowest=dict(point.lowest),
        failures=point.failures[-10:],
        n_failures=len(point.failures),
        ranked=point.products is not None,
    )
