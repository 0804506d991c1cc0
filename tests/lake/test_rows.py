"""Rows of the lake with types."""

from __future__ import annotations

import dataclasses

import pytest

from a2c_ray.lake import LimitRow, ProductRow, RelaxedRow, RescoredRow, RunRow
from a2c_ray.lake.schemas import columns_of


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (RunRow, "runs"),
        (RelaxedRow, "relaxed"),
        (ProductRow, "products"),
        (RescoredRow, "rescored"),
        (LimitRow, "limits"),
    ],
)
def test_fields_are_the_columns(row, table):
    columns = [column.name for column in columns_of(table)]
    assert [field.name for field in dataclasses.fields(row)] == columns
