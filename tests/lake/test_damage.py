"""Damaged parts are found, told of and set aside."""

from __future__ import annotations

import pytest

from a2c_ray.cli import main
from a2c_ray.lake import Lake, QueryError, damaged_parts, write_part

COUNT = "SELECT count(*) FROM relaxed"


@pytest.fixture
def lake(tmp_path):
    for run in ("run1", "run2"):
        rows = [{"subcell_id": f"{run}-{k}", "outcome": "converged"} for k in range(500)]
        write_part(tmp_path / "lake", "relaxed", "MgF2", run, "a", rows)
    return tmp_path / "lake"


def part_of(lake, run):
    return lake / "relaxed" / "system=MgF2" / f"run={run}" / "part-a.parquet"


def test_a_sound_lake(lake, capsys):
    assert list(damaged_parts(lake)) == []
    assert main(["lake", "check", "--lake", str(lake)]) == 0
    assert capsys.readouterr().out == "no damaged parts\n"


def test_a_truncated_part_is_named_and_set_aside(lake, capsys):
    part = part_of(lake, "run1")
    part.write_bytes(part.read_bytes()[:-20])
    with pytest.raises(QueryError, match=r"run=run1/part-a.parquet is damaged: `a2c lake check"):
        Lake(lake).sql(COUNT)
    assert main(["lake", "check", "--lake", str(lake)]) == 1
    assert "1 damaged part\n" in capsys.readouterr().out
    assert main(["lake", "check", "--lake", str(lake), "--set-aside"]) == 0
    assert Lake(lake).sql(COUNT).fetchall() == [(500,)]
    assert list(damaged_parts(lake)) == []


def test_a_changed_byte_is_found_by_reading(lake):
    part = part_of(lake, "run2")
    raw = bytearray(part.read_bytes())
    place = raw.index(b"run2-")
    raw[place] ^= 1
    part.write_bytes(raw)
    assert [path for path, _ in damaged_parts(lake)] == [part]
    assert [path for path, _ in damaged_parts(lake, "run2")] == [part]
    assert list(damaged_parts(lake, "run1")) == []
