"""Parts are written once, and hide those that they supersede."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from a2c_ray.lake import Store, write_part
from a2c_ray.lake.parts import Part, all_parts, current_parts, without_superseded
from a2c_ray.lake.schemas import TABLES, schema
from a2c_ray.lake.store import StoredFile


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "lake")


def part(part_id, table="relaxed", run_id="run1"):
    file = StoredFile(f"{table}/{run_id}/{part_id}", 1, datetime.now(UTC))
    return Part(table, "MgF2", run_id, part_id, file)


def current(*parts):
    return [p.part_id for p in current_parts(parts)]


def test_the_path_tells_whose_a_part_is(store):
    path = write_part(store, "relaxed", "MgF2", "run1", "g0.a", [{"subcell_id": "s"}])
    assert path == "relaxed/system=MgF2/run=run1/part.g0.a.parquet"
    write_part(store, "relaxed", "MgF2", "run1", "", [])
    write_part(store, "relaxed", "TiO2", "run2", "a", [])
    assert [(p.system, p.run_id, p.part_id) for p in all_parts(store, "relaxed")] == [
        ("MgF2", "run1", "g0.a"),
        ("MgF2", "run1", ""),
        ("TiO2", "run2", "a"),
    ]
    assert [p.run_id for p in all_parts(store, "relaxed", "TiO2", "run2")] == ["run2"]
    assert all_parts(store, "amorphous") == []


def test_writing_a_part_twice_leaves_one(store):
    for _ in range(2):
        write_part(store, "relaxed", "MgF2", "run1", "b", [{"subcell_id": "s"}])
    assert len(all_parts(store, "relaxed")) == 1


def test_only_parts_count_as_parts(store):
    path = write_part(store, "relaxed", "MgF2", "run1", "a", [])
    for name in (f"{path}.12ab.tmp", f"{path}.damaged", "relaxed/part.parquet"):
        store.write(name, lambda file: file.write(b"PAR1"))
    assert [p.file.path for p in all_parts(store, "relaxed")] == [path]


def test_the_schema_is_in_the_file(store):
    for table in TABLES:
        path = write_part(store, table, "MgF2", "run1", "a", [{}])
        assert pq.read_schema(store.path(path)).equals(schema(table), check_metadata=False)


def test_real_numbers_are_split_by_bytes_and_texts_are_not(store):
    row = {"subcell_id": "s", "energy_per_atom": -5.0, "lattice": [1.0] * 9, "species": ["Mg"]}
    path = write_part(store, "relaxed", "MgF2", "run1", "a", [row])
    group = pq.read_metadata(store.path(path)).row_group(0)
    split = {
        group.column(k).path_in_schema.split(".")[0]
        for k in range(group.num_columns)
        if "BYTE_STREAM_SPLIT" in group.column(k).encodings
    }
    reals = {"energy_per_atom", "volume_per_atom", "max_force", "max_stress", "polymorph_rms"}
    reals |= {"min_distance", "closest_contact", "peak_force", "enthalpy_per_atom"}
    assert split == reals | {"lattice", "frac_coords", "forces", "stress"}
    assert pq.read_table(store.path(path)).num_rows == 1


def test_a_value_of_the_wrong_type_is_refused(store):
    with pytest.raises(pa.ArrowInvalid):
        write_part(store, "relaxed", "MgF2", "run1", "a", [{"steps": "many"}])
    assert store.files() == []


def test_a_part_supersedes_those_below_it():
    assert current(part("g0.a"), part("g0.b"), part("g0"), part("g1.a")) == ["g0", "g1.a"]
    assert current(part("g0.a.x"), part("g0")) == ["g0"]
    assert current(part(""), part("g0"), part("g1.a")) == [""]


def test_files_of_parts_are_left_out_wherever_others_supersede_them():
    names = ["a/part.g0.parquet", "a/part.g0.1.parquet", "b/part.g0.1.parquet", "a/x.1.parquet"]
    kept = [str(path) for path in without_superseded(map(Path, names))]
    assert kept == [names[0], names[2], names[3]]


def test_names_that_only_begin_alike_supersede_nothing():
    assert current(part("g0"), part("g00"), part("g00.a")) == ["g0", "g00"]


def test_parts_of_other_runs_and_tables_supersede_nothing():
    assert current(part("", run_id="run1"), part("a", run_id="run2")) == ["", "a"]
    assert current(part("", table="amorphous"), part("a", table="relaxed")) == ["", "a"]


@pytest.mark.parametrize("table", TABLES)
def test_nan_never_reaches_a_part(store, table):
    real = [c.name for c in TABLES[table] if pa.types.is_floating(c.type)]
    lists = [c.name for c in TABLES[table] if c.type == pa.list_(pa.float64())]
    nan = dict.fromkeys(real, float("nan")) | {name: [1.0, float("nan")] for name in lists}
    sound = dict.fromkeys(real, 1.0) | {name: [1.0, 2.0] for name in lists}
    path = write_part(store, table, "MgF2", "run1", "a", [sound, nan, {}, sound])
    rows = pq.read_table(store.path(path)).to_pylist()
    assert [{name: row[name] for name in sound} for row in (rows[0], rows[3])] == [sound, sound]
    assert {row[name] for row in rows[1:3] for name in sound} <= {None}


@pytest.mark.parametrize("names", [("../MgF2", "run1", "a"), ("MgF2", "../run1", "a")])
def test_no_name_leads_out_of_the_lake(tmp_path, names):
    with pytest.raises(ValueError, match="with a slash"):
        write_part(Store.at(tmp_path / "lake"), "relaxed", *names, [])
    assert not (tmp_path / "lake").exists()
