"""The metrics of a training, a row a round, for spreadsheets and for SQL."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from a2c_ray.training.checkpoints import History

CSV_FILE, PARQUET_FILE = "metrics.csv", "metrics.parquet"

COLUMNS = (
    "step",
    "epoch",
    "learning_rate",
    "train_loss",
    "train_energy_mae",
    "train_forces_mae",
    "validation_loss",
    "validation_energy_mae",
    "validation_forces_mae",
    "validation_stress_mae",
)
"""Errors of the energy per atom in eV, of forces in eV/Å, of stress in eV/Å³; without labels of a
kind there is none of it."""


def write_metrics(history: History, folder: Path) -> None:
    """Write metrics.csv and metrics.parquet, each whole or not at all."""
    rows = [
        {name: None if math.isnan(value) else value for name, value in row.items()}
        for row in history
    ]
    temporary = folder / f"{CSV_FILE}.tmp"
    with temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    os.replace(temporary, folder / CSV_FILE)
    temporary = folder / f"{PARQUET_FILE}.tmp"
    types = pa.Table.from_pylist(list(history)).schema
    pq.write_table(pa.Table.from_pylist(rows, types), temporary)
    os.replace(temporary, folder / PARQUET_FILE)
