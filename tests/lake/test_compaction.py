"""Merging changes files, never rows."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from a2c_ray.lake import (
    Lake,
    Store,
    compaction,
    merge_parts,
    merge_run,
    remove_parts,
    remove_repeated,
    remove_superseded,
    rows_below,
    set_aside,
    write_part,
)
from a2c_ray.lake.compaction import READING_TIME
from a2c_ray.lake.parts import all_parts, current_parts, part_path

ROWS = "SELECT * FROM relaxed ORDER BY subcell_id"
COUNT = "SELECT count(*), count(DISTINCT subcell_id) FROM relaxed"


def row(glass, n):
    return {
        "subcell_id": f"{glass}-{n:03d}",
        "glass_id": glass,
        "outcome": "converged" if n % 3 else "fused",
        "energy_per_atom": -5.0 - 0.01 * n if n % 3 else None,
        "lattice": [float(n)] * 9,
        "species": ["Mg", "F", "F"],
        "lower": [0, n, 1],
    }


def write_unit(store, glass, unit, n_rows=7):
    rows = [row(glass, n_rows * unit + k) for k in range(n_rows)]
    write_part(store, "relaxed", "MgF2", "run1", f"{glass}.{unit}", rows)


@pytest.fixture
def store(tmp_path):
    store = Store.at(tmp_path / "lake")
    for glass in ("g0", "g1"):
        for unit in range(3):
            write_unit(store, glass, unit)
    return store


def all_rows(store):
    return Lake(store.root).sql(ROWS).fetchall()


def part_ids(store):
    return [part.part_id for part in all_parts(store, "relaxed")]


def grow_old(store, part_id):
    """Make a part older than any reader."""
    path = store.path(part_path("relaxed", "MgF2", "run1", part_id))
    then = time.time() - (READING_TIME + timedelta(minutes=1)).total_seconds()
    os.utime(path, (then, then))


def wait_for_more(seen, reader):
    n_seen = len(seen)
    while len(seen) == n_seen and reader.is_alive():
        time.sleep(0.001)


def test_rows_are_the_same_before_during_and_after(store):
    before = all_rows(store)
    assert len(before) == 42
    assert merge_parts(store, "relaxed", "MgF2", "run1", "g0") == 3
    assert len(part_ids(store)) == 7
    assert all_rows(store) == before
    assert merge_run(store, "MgF2", "run1") == 4
    assert all_rows(store) == before
    grow_old(store, "")
    assert remove_superseded(store) == 7
    assert part_ids(store) == [""]
    assert all_rows(store) == before


def test_the_lowest_come_first(store):
    merge_run(store, "MgF2", "run1")
    path = store.path(part_path("relaxed", "MgF2", "run1", ""))
    merged = pq.read_table(path, columns=["energy_per_atom"], partitioning=None)
    energies = merged["energy_per_atom"].to_pylist()
    sound = [energy for energy in energies if energy is not None]
    assert sound == sorted(sound) == energies[: len(sound)]


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_is_set_makes_nothing_old(store, monkeypatch, days):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(compaction, "datetime", Clock)
    merge_run(store, "MgF2", "run1")
    assert remove_superseded(store) == 0
    path = store.path(part_path("relaxed", "MgF2", "run1", ""))
    now = Clock.now(UTC).timestamp()
    os.utime(path, (now, now))  # as if written after that
    assert remove_superseded(store) == 0
    assert len(part_ids(store)) == 7


def test_merging_again_does_nothing(store):
    merge_run(store, "MgF2", "run1")
    assert merge_parts(store, "relaxed", "MgF2", "run1", "g0") == 0
    assert merge_run(store, "MgF2", "run1") == 0


def test_other_runs_stay_as_they_are(store):
    write_part(store, "relaxed", "MgF2", "run2", "g0.a", [row("h0", 1)])
    merge_run(store, "MgF2", "run1")
    grow_old(store, "")
    assert remove_superseded(store, "run2") == 0
    assert remove_superseded(store, "run1") == 6
    assert part_ids(store) == ["", "g0.a"]


def test_superseded_parts_stay_while_they_may_be_read(store):
    merge_parts(store, "relaxed", "MgF2", "run1", "g0")
    assert remove_superseded(store) == 0
    grow_old(store, "g0")
    merge_run(store, "MgF2", "run1")
    # Nobody can still read what the part of g0 superseded, but somebody may read that part.
    assert remove_superseded(store) == 3
    assert part_ids(store) == ["g0", "g1.0", "g1.1", "g1.2", ""]


def test_an_open_lake_goes_on_when_superseded_parts_are_gone(store):
    lake = Lake(store.root)
    before = lake.sql(ROWS).fetchall()
    merge_run(store, "MgF2", "run1")
    grow_old(store, "")
    remove_superseded(store)
    assert lake.sql(ROWS).fetchall() == before


def test_readers_see_every_row_once_while_parts_are_written_and_merged(store):
    lake, seen, stop = Lake(store.root), [], threading.Event()

    def keep_counting():
        while not stop.is_set():
            seen.append(lake.sql(COUNT).fetchall()[0])

    reader = threading.Thread(target=keep_counting)
    reader.start()
    try:
        for glass in ("g2", "g3", "g4", "g5", "g6"):
            for unit in range(6):
                write_unit(store, glass, unit)
            merge_parts(store, "relaxed", "MgF2", "run1", glass)
            remove_superseded(store)
            wait_for_more(seen, reader)
        merge_run(store, "MgF2", "run1")
    finally:
        stop.set()
        reader.join()
    grow_old(store, "")
    remove_superseded(store)
    seen.append(lake.sql(COUNT).fetchall()[0])
    assert len(seen) > 5
    assert len(set(seen)) > 3
    assert all(n_rows == n_ids for n_rows, n_ids in seen)
    assert [n_rows for n_rows, _ in seen] == sorted(n_rows for n_rows, _ in seen)
    assert seen[-1] == (42 + 5 * 42, 42 + 5 * 42)
    assert part_ids(store) == [""]


def test_columns_that_earlier_parts_lack_are_null(store):
    path = part_path("relaxed", "MgF2", "run1", "g0.0")
    earlier = pq.read_table(store.path(path), partitioning=None).drop_columns(["lower", "steps"])
    store.write(path, lambda file: pq.write_table(earlier, file))
    query = "SELECT count(*), count(lower) FROM relaxed"
    assert Lake(store.root).sql(query).fetchall() == [(42, 35)]
    before = all_rows(store)
    merge_run(store, "MgF2", "run1")
    assert Lake(store.root).sql(query).fetchall() == [(42, 35)]
    assert all_rows(store) == before


def test_a_damaged_part_is_not_merged(store):
    path = store.path(part_path("relaxed", "MgF2", "run1", "g1.1"))
    with open(path, "r+b") as file:
        file.seek(8)
        file.write(b"\0\0\0\0")
    before = store.files()
    with pytest.raises((OSError, pa.ArrowException)):
        merge_run(store, "MgF2", "run1")
    assert store.files() == before
    set_aside(store, part_path("relaxed", "MgF2", "run1", "g1.1"))
    assert merge_run(store, "MgF2", "run1") == 5
    assert len(all_rows(store)) == 35


def test_setting_a_merged_part_aside_brings_back_what_it_held(store):
    before = all_rows(store)
    merge_run(store, "MgF2", "run1")
    set_aside(store, part_path("relaxed", "MgF2", "run1", ""))
    assert len(current_parts(all_parts(store, "relaxed"))) == 6
    assert all_rows(store) == before


def test_what_a_damaged_part_supersedes_stays(store):
    before = all_rows(store)
    merge_parts(store, "relaxed", "MgF2", "run1", "g0")
    path = store.path(part_path("relaxed", "MgF2", "run1", "g0"))
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) // 2)
    grow_old(store, "g0")
    assert remove_superseded(store) == 0
    set_aside(store, part_path("relaxed", "MgF2", "run1", "g0"))
    assert all_rows(store) == before


def test_rows_of_a_part_or_of_those_below_it(store):
    store_rows = [row("g2", n) for n in range(4)]
    for k, part_id in enumerate(("g2.a.0", "g2.a.1", "g2.ab.0")):
        write_part(store, "relaxed", "MgF2", "run1", part_id, [store_rows[k]])

    def ids():
        found = rows_below(store, "relaxed", "MgF2", "run1", "g2.a")
        return [row["subcell_id"] for row in found]

    assert ids() == ["g2-000", "g2-001"]
    write_part(store, "relaxed", "MgF2", "run1", "g2.a", store_rows)
    assert ids() == [row["subcell_id"] for row in store_rows]
    assert rows_below(store, "relaxed", "MgF2", "run1", "g2.b") == []
    [first, *_] = rows_below(store, "relaxed", "MgF2", "run1", "g2.a")
    assert {name: first[name] for name in store_rows[0]} == store_rows[0]


def test_parts_below_one_are_removed_and_no_others(store):
    write_part(store, "relaxed", "MgF2", "run1", "g01.0", [row("g01", 0)])
    write_part(store, "relaxed", "MgF2", "run2", "g0.0", [row("other", 0)])
    remove_parts(store, "relaxed", "MgF2", "run1", "g0")
    glasses = "SELECT DISTINCT glass_id FROM relaxed WHERE run_id = $run ORDER BY ALL"
    left = lambda run: Lake(store.root).sql(glasses, {"run": run}).fetchall()  # noqa: E731
    assert (left("run1"), left("run2")) == ([("g01",), ("g1",)], [("other",)])
    remove_parts(store, "relaxed", "MgF2", "run1")
    assert (left("run1"), left("run2")) == ([], [("other",)])


def test_rows_that_are_twice_go_with_the_smaller_part(store):
    before = all_rows(store)
    assert remove_repeated(store, "relaxed", "MgF2", "run1") == 0
    for name, members in (("x", [3, 99]), ("y", [50, 51]), ("z", [51, 52])):
        rows = [row("g0", n) for n in members]
        write_part(store, "relaxed", "MgF2", "run1", f"g0.9.{name}", rows)
    assert Lake(store.root).sql(COUNT).fetchall() == [(48, 46)]
    assert remove_repeated(store, "relaxed", "MgF2", "run1") == 2
    assert all(row in all_rows(store) for row in before)
    assert Lake(store.root).sql(COUNT).fetchall() == [(44, 44)]
