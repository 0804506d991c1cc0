"""Columns are described as they are."""

from __future__ import annotations

from pathlib import Path

import duckdb

from a2c_ray.lake import describe_columns, schemas
from a2c_ray.lake.schemas import TABLES, columns_of, schema, type_name


def test_the_description_in_the_package_is_up_to_date():
    """If not: a2c lake columns > a2c_ray/lake/COLUMNS.md."""
    described = Path(schemas.__file__).with_name("COLUMNS.md")
    assert described.read_text(encoding="utf-8") == describe_columns()


def test_every_column_has_a_meaning():
    for table in TABLES:
        for column in columns_of(table):
            assert len(column.meaning) > 10
            assert "|" not in column.meaning


def test_types_have_the_names_that_sql_gives_them():
    for table in TABLES:
        empty = duckdb.from_arrow(schema(table).empty_table())
        for column, found in zip(TABLES[table], empty.types, strict=True):
            (named,) = duckdb.sql(f"SELECT NULL::{type_name(column.type)}").types
            assert named == found


def test_units_and_meanings_are_in_the_files():
    field = schema("relaxed").field("max_force")
    assert field.metadata == {b"unit": "eV/Å".encode(), b"meaning": b"largest force on an atom"}
