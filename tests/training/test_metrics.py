"""Metrics of a training as files."""

from __future__ import annotations

import csv
import math

import pyarrow.parquet as pq

from a2c_ray.training.metrics import COLUMNS, CSV_FILE, PARQUET_FILE, write_metrics


def test_what_was_not_labelled_is_null_and_not_a_number_that_is_none(tmp_path):
    history = [dict.fromkeys(COLUMNS, 0.5) | {"step": k} for k in (1, 2)]
    for row in history:
        row["validation_stress_mae"] = math.nan
    write_metrics(history, tmp_path)
    table = pq.read_table(tmp_path / PARQUET_FILE)
    assert table["validation_stress_mae"].to_pylist() == [None, None]
    assert str(table.schema.field("validation_stress_mae").type) == "double"
    assert table["step"].to_pylist() == [1, 2]
    with (tmp_path / CSV_FILE).open() as file:
        rows = list(csv.DictReader(file))
    assert [row["validation_stress_mae"] for row in rows] == ["", ""]
    assert [row["validation_energy_mae"] for row in rows] == ["0.5", "0.5"]
