"""Damaged parts are found, told of and set aside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from a2c_ray.lake import Lake, QueryError, Store, damaged_parts, remove_leftovers, set_aside
from a2c_ray.lake.damage import UnreadablePartError, faulty_parts
from a2c_ray.lake.parts import write_part

COUNT = "SELECT count(*) FROM relaxed"


@pytest.fixture
def lake(tmp_path):
    for run in ("run1", "run2"):
        rows = [{"subcell_id": f"{run}-{k}", "outcome": "converged"} for k in range(500)]
        write_part(Store.at(tmp_path / "lake"), "relaxed", "MgF2", run, "a", rows)
    return Store.at(tmp_path / "lake")


def part_of(store, run):
    return Path(store.path(f"relaxed/system=MgF2/run={run}/part.a.parquet"))


def test_a_sound_lake_has_no_faults(lake):
    assert list(damaged_parts(lake)) == []


def test_a_truncated_part_fails_queries_until_it_is_set_aside(lake):
    part = part_of(lake, "run1")
    part.write_bytes(part.read_bytes()[:-20])
    catalog = Lake(lake.root)
    for _ in range(2):
        with pytest.raises(QueryError, match=rf"{re.escape(str(part))} is damaged: `a2c lake che"):
            catalog.sql(COUNT)
    ((path, reason),) = damaged_parts(lake)
    assert lake.path(path) == str(part)
    assert "\n" not in reason
    set_aside(lake, path)
    assert catalog.sql(COUNT).fetchall() == [(500,)]
    assert list(damaged_parts(lake)) == []


def test_a_changed_byte_is_found_by_reading(lake):
    part = part_of(lake, "run2")
    raw = bytearray(part.read_bytes())
    raw[200] ^= 1  # within the first page
    part.write_bytes(raw)
    assert [lake.path(path) for path, _ in damaged_parts(lake)] == [str(part)]
    assert [lake.path(path) for path, _ in damaged_parts(lake, "run2")] == [str(part)]
    assert list(damaged_parts(lake, "run1")) == []


def test_a_part_that_the_disk_does_not_give_out_is_not_called_damaged(lake):
    part = part_of(lake, "run1")
    part.unlink()
    part.symlink_to("/proc/self/mem")  # whose first byte cannot be read
    (fault,) = faulty_parts(lake)
    assert not fault.is_damaged
    with pytest.raises(UnreadablePartError, match=r"cannot read .*try again"):
        list(damaged_parts(lake))


def test_leftovers_of_killed_writers_are_removed_and_never_read(lake):
    leftover = Path(f"{part_of(lake, 'run1')}.1234.tmp")
    leftover.write_bytes(b"PAR1 half a file")
    assert Lake(lake.root).sql(COUNT).fetchall() == [(1000,)]
    remove_leftovers(lake, "MgF2", "run2")
    assert leftover.exists()
    remove_leftovers(lake, "MgF2", "run1")
    assert not leftover.exists()
    assert part_of(lake, "run1").exists()
