"""What a lake holds is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from a2c_ray.lake import Lake, Store, inventory, repeated_ids, write_part


@pytest.fixture
def store(tmp_path):
    store = Store.at(tmp_path / "lake")
    for attempt, status in ((1, "interrupted"), (2, "finished")):
        row = {"attempt": attempt, "status": status}
        write_part(store, "runs", "MgF2", "run1", f"{attempt:04d}", [row])
    glasses = [{"glass_id": f"g{k}", "outcome": "failed" if k else "glass"} for k in range(2)]
    write_part(store, "amorphous", "MgF2", "run1", "a", glasses)
    write_part(store, "relaxed", "MgF2", "run1", "g0.a", [{"subcell_id": f"s{k}"} for k in "abc"])
    write_part(store, "relaxed", "TiO2", "run2", "g0.a", [{"subcell_id": "t"}])
    return store


def test_runs_are_listed_with_what_they_have(store):
    first, second = inventory(Lake(store.root))
    assert (first.run_id, first.system, first.status) == ("run1", "MgF2", "finished")
    assert (first.n_glasses, first.n_relaxed, first.n_products) == (1, 3, 0)
    assert first.n_parts == 4
    assert first.size == sum(f.size for f in store.files() if "run=run1" in f.path)
    assert abs(datetime.now(UTC) - first.changed) < timedelta(minutes=1)
    assert (second.run_id, second.status, second.n_relaxed) == ("run2", "", 1)


def test_an_empty_lake_has_no_runs(tmp_path):
    assert inventory(Lake(tmp_path)) == []


def test_rows_that_two_parts_hold_are_told(store):
    assert repeated_ids(Lake(store.root)) == []
    write_part(store, "relaxed", "MgF2", "run1", "g0.b", [{"subcell_id": k} for k in ("sb", "sc")])
    write_part(store, "amorphous", "MgF2", "run1", "b", [{"glass_id": "g0"}])
    assert repeated_ids(Lake(store.root)) == [("run1", "amorphous", 1), ("run1", "relaxed", 2)]
