"""Numbers for Ray's metrics endpoint, which Prometheus reads and Ray's dashboard shows."""

from __future__ import annotations

from collections import Counter
from functools import cache

from ray.util import metrics

from a2c_ray.campaign.status import Status


def count_relaxed(outcomes: Counter[str]) -> None:
    """Count relaxed subcells as their reports come in, on the driver."""
    for outcome, n in outcomes.items():
        _relaxed().inc(n, tags={"outcome": outcome})


def show_status(status: Status) -> None:
    """Show where a campaign stands, on its driver."""
    values = {
        "a2c_queue_subcells": status.n_subcells_waiting,
        "a2c_queue_melt_quenches": status.n_melts_waiting,
        "a2c_units_in_flight": len(status.in_flight),
        "a2c_actors": status.n_actors,
        "a2c_occupancy": status.occupancy,
    }
    for name, value in values.items():
        _gauge(name).set(value)


@cache
def _relaxed() -> metrics.Counter:
    return metrics.Counter("a2c_subcells_relaxed", "Relaxed subcells", tag_keys=("outcome",))


@cache
def _gauge(name: str) -> metrics.Gauge:
    return metrics.Gauge(name, _MEANINGS[name])


_MEANINGS = {
    "a2c_queue_subcells": "Subcells that wait for an actor",
    "a2c_queue_melt_quenches": "Units of melt-quenches that wait for an actor",
    "a2c_units_in_flight": "Units that actors work on",
    "a2c_actors": "Actors",
    "a2c_occupancy": "Share of the actors' time that they had a unit",
}
