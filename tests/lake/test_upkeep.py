"""Upkeep merges finished runs, and leaves others alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from a2c_ray.lake import Lake, Store, merge_finished_runs, run_lock, write_part
from a2c_ray.lake.parts import all_parts, current_parts


@pytest.fixture
def store(tmp_path):
    store = Store.at(tmp_path / "lake")
    for run, status in (("done", "finished"), ("going", "running"), ("stopped", "interrupted")):
        write_part(store, "runs", "MgF2", run, "0001", [{"attempt": 1, "status": status}])
        for unit in range(3):
            rows = [{"subcell_id": f"{run}-{unit}-{k}"} for k in range(4)]
            write_part(store, "relaxed", "MgF2", run, f"g0.{unit}", rows)
    return store


def n_current(store):
    return len(current_parts(all_parts(store, "relaxed")))


def merge(store):
    return [(m.run_id, m.n_parts, m.problem) for m in merge_finished_runs(Lake(store.root))]


def test_finished_runs_are_merged_once(store):
    assert merge(store) == [("done", 3, "")]
    assert n_current(store) == 7
    assert Lake(store.root).sql("SELECT count(*) FROM relaxed").fetchall() == [(36,)]
    assert merge(store) == []


def test_the_last_attempt_counts(store):
    write_part(store, "runs", "MgF2", "done", "0002", [{"attempt": 2, "status": "running"}])
    write_part(store, "runs", "MgF2", "stopped", "0002", [{"attempt": 2, "status": "finished"}])
    assert merge(store) == [("stopped", 3, "")]


def test_a_run_that_somebody_drives_is_left_alone(store):
    with run_lock(store, "done"):
        ((run_id, n_parts, problem),) = merge(store)
    assert (run_id, n_parts) == ("done", 0)
    assert "done is being run by process" in problem
    assert n_current(store) == 9


def test_a_damaged_part_is_told_and_stops_no_other_run(store):
    write_part(store, "runs", "MgF2", "stopped", "0002", [{"attempt": 2, "status": "finished"}])
    path = Path(store.path("relaxed/system=MgF2/run=done/part.g0.1.parquet"))
    raw = bytearray(path.read_bytes())
    raw[20] ^= 1
    path.write_bytes(raw)
    damaged, sound = merge_finished_runs(Lake(store.root))
    assert damaged.is_failure
    assert "a2c lake check" in damaged.problem
    assert sound == ("stopped", 3, "", False)
