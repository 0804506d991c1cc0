"""Labelled structures from files of any of the formats that are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from a2c_ray.lake import read_labels
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.readers import read_labelled


def read_data_sets(paths: Sequence[str | Path]) -> list[Labelled]:
    """All labelled structures of some files; a folder is one of Parquet files.

    Raises:
        DataError: one is missing, damaged, or holds no labelled structure.
    """
    structures: list[Labelled] = []
    for path in map(Path, paths):
        is_parquet = path.suffix == ".parquet" or path.is_dir()
        structures += read_labels(path) if is_parquet else read_labelled(path)
    return structures
