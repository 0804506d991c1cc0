"""Queries see the parts of the lake, and cannot do anything else."""

from __future__ import annotations

import duckdb
import pytest

import a2c_ray
from a2c_ray.lake import Lake, NoLakeError, QueryError, Store, write_part, write_result
from a2c_ray.lake.catalog import named_tables
from a2c_ray.lake.schemas import TABLES

ROW = {"subcell_id": "g0-1", "outcome": "converged", "energy_per_atom": -5.3, "lattice": [1.0] * 9}


@pytest.fixture
def lake(tmp_path):
    rows = [ROW, ROW | {"subcell_id": "g0-2", "energy_per_atom": None, "outcome": "fused"}]
    write_part(Store.at(tmp_path / "lake"), "relaxed", "MgF2", "run1", "a", rows)
    return tmp_path / "lake"


def test_rows_come_back_with_their_run(lake):
    query = "SELECT run_id, system, subcell_id, lattice FROM relaxed ORDER BY subcell_id"
    rows = a2c_ray.lake.open(lake).sql(query).fetchall()
    assert rows[0] == ("run1", "MgF2", "g0-1", [1.0] * 9)
    assert len(rows) == 2


def test_tables_without_parts_are_empty(lake):
    catalog = Lake(lake)
    for table, columns in TABLES.items():
        result = catalog.sql(f"SELECT * FROM {table}")
        assert result.columns == ["system", "run_id", *[column.name for column in columns]]
        assert bool(result.fetchall()) == (table == "relaxed")


def test_an_open_lake_sees_parts_that_are_added_replaced_and_deleted(lake):
    catalog, store = Lake(lake), Store.at(lake)
    query = "SELECT glass_id FROM amorphous ORDER BY glass_id"
    assert catalog.sql(query).fetchall() == []
    path = write_part(store, "amorphous", "MgF2", "run1", "a", [{"glass_id": "g0"}])
    assert catalog.sql(query).fetchall() == [("g0",)]
    write_part(store, "amorphous", "MgF2", "run1", "a", [{"glass_id": "g0"}, {"glass_id": "g1"}])
    assert catalog.sql(query).fetchall() == [("g0",), ("g1",)]
    store.delete(path)
    assert catalog.sql(query).fetchall() == []


@pytest.mark.parametrize("folder", ["run=7/lake", "system=SiO2/run=7/lake", "it's [1] *, {a}?"])
def test_folders_of_any_name(tmp_path, folder):
    write_part(Store.at(tmp_path / folder), "relaxed", "MgF2", "run1", "a", [ROW])
    query = "SELECT system, run_id, subcell_id FROM relaxed WHERE run_id = 'run1'"
    assert Lake(tmp_path / folder).sql(query).fetchall() == [("MgF2", "run1", "g0-1")]


def test_a_name_with_percents_stays_as_it_is(tmp_path):
    """Decoded, it would lead out of the folder that a report of the run is written to."""
    write_part(Store.at(tmp_path), "relaxed", "100%25", "..%2F..%2Frun1", "a", [ROW])
    rows = Lake(tmp_path).sql("SELECT system, run_id, subcell_id FROM relaxed").fetchall()
    assert rows == [("100%25", "..%2F..%2Frun1", "g0-1")]


def test_parameters(lake):
    query = "SELECT subcell_id FROM relaxed WHERE outcome = $outcome"
    assert Lake(lake).sql(query, {"outcome": "fused"}).fetchall() == [("g0-2",)]


def test_macros(lake):
    rows = [
        {"subcell_id": f"{formula}-{k}", "formula": formula, "energy_per_atom": -5.0 + 0.1 * k}
        for formula in ("MgF2", "MgF")
        for k in range(4)
    ]
    write_part(Store.at(lake), "relaxed", "Mg-F", "run2", "a", rows)
    catalog = Lake(lake)
    best = catalog.sql("SELECT subcell_id FROM best('Mg-F', 2)").fetchall()
    assert best == [("MgF-0",), ("MgF-1",), ("MgF2-0",), ("MgF2-1",)]
    query = "SELECT formula(['F', 'Mg', 'F']), per_atom(12.0, ['F', 'Mg', 'F'])"
    assert catalog.sql(query).fetchall() == [("F2Mg", 4.0)]


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
        "SELECT * FROM glob('/*')",
        "SELECT * FROM ROW",
        "CREATE OR REPLACE VIEW relaxed AS SELECT 1",
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


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('SELECT count(*) FROM "Relaxed"', {"relaxed"}),
        ("FROM best('Si', 3)", {"relaxed", "amorphous"}),
        ("SELECT * FROM proof JOIN students USING (student)", {"proof", "students"}),
        ("SELECT 1", set(TABLES)),
        (
            "SELECT table_name FROM information_schema.tables WHERE table_name <> 'runs'",
            set(TABLES),
        ),
        ("FROM query_table('pro' || 'of')", set(TABLES)),
    ],
)
def test_a_query_waits_only_for_what_it_reads(query, names):
    assert names <= set(named_tables(query))
    assert len(named_tables(query)) <= len(names) + 1


def test_tables_that_no_query_has_named_are_there_all_the_same(lake):
    catalog = Lake(lake)
    assert catalog.sql("SELECT count(*) FROM relaxed").fetchall() == [(2,)]
    of_name = "SELECT count(*) FROM query_table('re' || 'laxed')"
    assert catalog.sql(of_name).fetchall() == [(2,)]
    found = catalog.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {name for (name,) in found} == set(TABLES)
    assert catalog.sql("SELECT n_relaxed FROM trust(1.0, 1.0)").fetchall() == [(2,)]


def test_nothing_that_was_not_looked_at_is_taken_for_empty(lake):
    """What duckdb itself makes of a result may read tables that the query did not name."""
    result = Lake(lake).sql("SELECT * FROM runs")
    with pytest.raises(duckdb.CatalogException, match="relaxed"):
        result.query("found", "SELECT count(*) FROM relaxed")
