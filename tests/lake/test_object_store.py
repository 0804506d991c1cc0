"""A lake in an object store: S3, as moto's server on this machine speaks it."""

from __future__ import annotations

import pickle
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from a2c_ray.cli import main
from a2c_ray.lake import (
    Lake,
    NoLakeError,
    QueryError,
    RunLockedError,
    Store,
    damaged_parts,
    lock,
    mark_version,
    merge_run,
    remove_superseded,
    run_lock,
    set_aside,
    write_part,
)
from a2c_ray.lake.parts import all_parts
from a2c_ray.lake.schemas import TABLES, schema

COUNT = "SELECT count(*), count(DISTINCT subcell_id) FROM relaxed"


@pytest.fixture
def store(s3_lake):
    store = Store.at(s3_lake)
    mark_version(store)
    for unit in range(3):
        rows = [{"subcell_id": f"s{unit}-{k}", "steps": k, "lower": [k] * 3} for k in range(50)]
        write_part(store, "relaxed", "MgF2", "run1", f"g0.{unit}", rows)
    return store


def test_rows_come_back_with_their_run(store, s3_lake):
    query = "SELECT system, run_id, subcell_id, lower FROM relaxed WHERE steps = 7 ORDER BY ALL"
    rows = Lake(s3_lake).sql(query).fetchall()
    assert rows[0] == ("MgF2", "run1", "s0-7", [7, 7, 7])
    assert len(rows) == 3


def test_a_name_with_percents_stays_as_it_is(store, s3_lake):
    write_part(store, "relaxed", "100%25", "..%2Frun2", "a", [{"subcell_id": "s"}])
    query = "SELECT system, run_id FROM relaxed WHERE subcell_id = 's'"
    assert Lake(s3_lake).sql(query).fetchall() == [("100%25", "..%2Frun2")]


def test_tables_without_parts_are_empty(store, s3_lake):
    catalog = Lake(s3_lake)
    for table, columns in TABLES.items():
        result = catalog.sql(f"SELECT * FROM {table}")
        assert result.columns == ["system", "run_id", *[column.name for column in columns]]
        assert bool(result.fetchall()) == (table == "relaxed")


def test_there_is_no_lake_before_something_is_written(s3_lake):
    with pytest.raises(NoLakeError, match="no lake at s3://"):
        Lake(s3_lake)


def test_an_open_lake_sees_new_parts(store, s3_lake):
    catalog = Lake(s3_lake)
    assert catalog.sql(COUNT).fetchall() == [(150, 150)]
    write_part(store, "relaxed", "MgF2", "run1", "g1.0", [{"subcell_id": "new"}])
    assert catalog.sql(COUNT).fetchall() == [(151, 151)]


def test_the_program_takes_the_address(store, s3_lake, capsys):
    assert main(["sql", "SELECT count(*) AS n FROM relaxed", "--lake", s3_lake]) == 0
    assert "150" in capsys.readouterr().out
    assert main(["lake", "check", "--lake", s3_lake]) == 0
    assert main(["lake", "ls", "--lake", s3_lake]) == 0
    assert "run1" in capsys.readouterr().out


def test_a_store_can_be_sent_to_other_processes(store):
    assert pickle.loads(pickle.dumps(store)).files() == store.files()


def test_merging_keeps_the_rows(store, s3_lake):
    query = "SELECT * FROM relaxed ORDER BY subcell_id"
    catalog = Lake(s3_lake)
    before = catalog.sql(query).fetchall()
    assert merge_run(store, "MgF2", "run1") == 3
    assert catalog.sql(query).fetchall() == before
    assert remove_superseded(store) == 0
    for part in all_parts(store, "relaxed")[:3]:
        store.delete(part.file.path)
    assert catalog.sql(query).fetchall() == before
    assert len(before) == 150


def test_columns_that_earlier_parts_lack_are_null(store, s3_lake):
    columns = [field for field in schema("relaxed") if field.name not in ("lower", "upper")]
    earlier = pa.Table.from_pylist([{"subcell_id": "early"}], pa.schema(columns))
    path = "relaxed/system=MgF2/run=run0/part.g0.0.parquet"
    store.write(path, lambda file: pq.write_table(earlier, file))
    query = "SELECT run_id, lower, upper FROM relaxed WHERE subcell_id = 'early'"
    assert Lake(s3_lake).sql(query).fetchall() == [("run0", None, None)]
    merge_run(store, "MgF2", "run0")
    assert Lake(s3_lake).sql(query).fetchall() == [("run0", None, None)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM read_parquet('s3://bucket/other/part.parquet')",
        "SELECT * FROM read_csv('http://127.0.0.1/x.csv')",
        "COPY relaxed TO '/tmp/out.csv'",
        "SET enable_external_access = true",
        "DROP VIEW relaxed",
    ],
)
def test_queries_see_nothing_but_the_lake(store, s3_lake, query):
    with pytest.raises(QueryError):
        Lake(s3_lake).sql(query).fetchall()


def test_a_damaged_part_is_found_and_set_aside(store, s3_lake):
    path = all_parts(store, "relaxed")[1].file.path
    truncated = store.read(path)[:-20]
    store.write(path, lambda file: file.write(truncated))
    assert [found for found, _ in damaged_parts(store)] == [path]
    before = store.files()
    with pytest.raises(pa.ArrowInvalid):
        merge_run(store, "MgF2", "run1")
    assert store.files() == before
    set_aside(store, path)
    assert Lake(s3_lake).sql(COUNT).fetchall() == [(100, 100)]


def test_a_write_that_fails_leaves_no_object(store):
    before = store.files()

    def fails_midway(file):
        file.write(b"half of the")
        raise RuntimeError("the rest is missing")

    with pytest.raises(RuntimeError):
        store.write("relaxed/half", fails_midway)
    assert store.files() == before


def test_large_files_pass_over_a_disk(store, monkeypatch):
    monkeypatch.setattr("a2c_ray.lake.store.IN_MEMORY", 1000)
    content = bytes(range(256)) * 50_000
    store.write("large", lambda file: file.write(content))
    assert store.read("large") == content


@pytest.fixture
def short_lease(monkeypatch):
    monkeypatch.setattr(lock, "RENEWAL_S", 0.25)
    monkeypatch.setattr(lock, "SETTLING_S", 0.5)


@pytest.mark.usefixtures("short_lease")
def test_a_held_run_is_refused_and_a_released_one_is_not(store):
    for _ in range(2):
        with (
            run_lock(store, "run1"),
            pytest.raises(RunLockedError, match="run1 is being run by process"),
            run_lock(store, "run1"),
        ):
            pass
    assert [file for file in store.files(".locks") if file.path.endswith(".lock")] == []


@pytest.mark.usefixtures("short_lease")
def test_a_lease_that_nobody_renews_is_taken_over(store):
    store.write(".locks/run1.lock", lambda file: file.write(b"process 1 on elsewhere\n0\n"))
    with run_lock(store, "run1"):
        assert b"elsewhere" not in store.read(".locks/run1.lock")


@pytest.mark.usefixtures("short_lease")
def test_of_two_that_come_at_once_one_is_refused(store):
    outcomes, together = [], threading.Barrier(2)

    def drive():
        together.wait()
        try:
            with run_lock(store, "run1"):
                outcomes.append("held")
                time.sleep(1.0)
        except RunLockedError:
            outcomes.append("refused")

    drivers = [threading.Thread(target=drive) for _ in range(2)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    assert sorted(outcomes) == ["held", "refused"]
