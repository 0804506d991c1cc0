"""Parts are atomic, queries see them and cannot do anything else."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

import a2c_ray
from a2c_ray.lake import Lake, NoLakeError, QueryError, write_part, write_result
from a2c_ray.lake.schemas import TABLES

ROW = {"subcell_id": "g0-1", "outcome": "converged", "energy_per_atom": -5.3, "lattice": [1.0] * 9}


@pytest.fixture
def lake(tmp_path):
    rows = [ROW, ROW | {"subcell_id": "g0-2", "energy_per_atom": None, "outcome": "fused"}]
    write_part(tmp_path / "lake", "relaxed", "MgF2", "run1", "a", rows)
    return tmp_path / "lake"


def test_rows_come_back_with_their_run(lake):
    query = "SELECT run_id, system, subcell_id, lattice FROM relaxed ORDER BY subcell_id"
    rows = a2c_ray.lake.open(lake).sql(query).fetchall()
    assert rows[0] == ("run1", "MgF2", "g0-1", [1.0] * 9)
    assert len(rows) == 2


def test_writing_a_part_twice_leaves_one(lake):
    for _ in range(2):
        write_part(lake, "relaxed", "MgF2", "run1", "b", [ROW | {"subcell_id": "g0-3"}])
    assert Lake(lake).sql("SELECT count(*) FROM relaxed").fetchall()[0] == (3,)


def test_a_write_that_fails_leaves_nothing(lake, monkeypatch):
    before = sorted(lake.rglob("*"))

    def disk_full(table, file, **_):
        file.write(b"PAR1 and then")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", disk_full)
    with pytest.raises(OSError, match="No space"):
        write_part(lake, "relaxed", "MgF2", "run1", "c", [ROW])
    assert sorted(lake.rglob("*")) == before


def test_leftovers_of_killed_writers_are_not_read(lake):
    folder = lake / "relaxed" / "system=MgF2" / "run=run1"
    (folder / "part-z.parquet.1234.tmp").write_bytes(b"PAR1 half a file")
    assert Lake(lake).sql("SELECT count(*) FROM relaxed").fetchall()[0] == (2,)


def test_tables_without_parts_are_empty(lake):
    catalog = Lake(lake)
    for table, columns in TABLES.items():
        result = catalog.sql(f"SELECT * FROM {table}")
        assert result.columns == ["system", "run_id", *[column.name for column in columns]]
        assert bool(result.fetchall()) == (table == "relaxed")


def test_new_parts_appear_after_a_refresh(lake):
    catalog = Lake(lake)
    write_part(lake, "amorphous", "MgF2", "run1", "a", [{"glass_id": "g0"}])
    catalog.refresh()
    assert catalog.sql("SELECT glass_id FROM amorphous").fetchall() == [("g0",)]


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW relaxed",
        "CREATE TABLE t AS SELECT 1",
        "SELECT 1; SELECT 2",
        "COPY relaxed TO '{outside}'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM read_text('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT nothing FROM relaxed",
        "SELEC 1",
        "",
    ],
)
def test_only_one_select_on_the_lake_is_run(lake, tmp_path, query):
    outside = tmp_path / "outside.csv"
    outside.write_text("secret\n1\n")
    with pytest.raises(QueryError):
        write_result(Lake(lake).sql(query.format(outside=outside)), "csv", None)
    assert outside.read_text() == "secret\n1\n"


def test_no_lake(tmp_path):
    with pytest.raises(NoLakeError, match="no lake at"):
        Lake(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def test_formats(lake, tmp_path, capsys):
    catalog = Lake(lake)
    query = "SELECT subcell_id, energy_per_atom, lattice FROM relaxed ORDER BY subcell_id"
    write_result(catalog.sql(query), "csv", None)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["subcell_id"] for row in rows] == ["g0-1", "g0-2"]
    assert json.loads(rows[0]["lattice"]) == [1.0] * 9
    assert rows[1]["energy_per_atom"] == ""
    write_result(catalog.sql(query), "json", None)
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[1]) == {
        "subcell_id": "g0-2",
        "energy_per_atom": None,
        "lattice": [1.0] * 9,
    }
    write_result(catalog.sql(query), "parquet", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 2
    write_result(catalog.sql(query), "table", None)
    assert "g0-2" in capsys.readouterr().out
    with pytest.raises(QueryError, match="--output"):
        write_result(catalog.sql(query), "parquet", None)
