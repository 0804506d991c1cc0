"""Labelled structures as a Parquet file that SQL can query and a training can read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ase.data import atomic_numbers, chemical_symbols

from a2c_ray.cells import Cell
from a2c_ray.lake.schemas import REAL, REALS, TEXT, TEXTS
from a2c_ray.lake.store import TEMPORARY, Store
from a2c_ray.reading.frames import reason_of
from a2c_ray.training.labelled import DataError, Labelled

SCHEMA = pa.schema(
    [
        ("formula", TEXT),
        ("lattice", REALS),
        ("species", TEXTS),
        ("frac_coords", REALS),
        ("energy", REAL),
        ("forces", REALS),
        ("stress", REALS),
        ("source", TEXT),
    ]
)
"""Structures as in the other tables; energy in eV, forces in eV/Å, stress in eV/Å³ or null, one
component after another."""


def write_labels(structures: Sequence[Labelled], path: Path) -> None:
    """Write labelled structures; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    _write(structures, temporary)
    os.replace(temporary, path)


def store_labels(structures: Sequence[Labelled], store: Store, name: str) -> None:
    """As `write_labels`, into a file of a lake."""
    store.write(name, partial(_write, structures))


def read_labels(path: Path) -> list[Labelled]:
    """Labelled structures of a file, or of all Parquet files of a folder, by name.

    Raises:
        DataError: one cannot be read, or lacks a column or a value; or a folder has none.
    """
    if not path.is_dir():
        return _read(path, path)
    # One by one: of a folder pyarrow would leave out columns that the first file lacks.
    files = sorted(file for file in path.rglob("*.parquet") if file.is_file())
    if not files:
        raise DataError(f"{path} holds no Parquet file")
    return [structure for file in files for structure in _read(file, file)]


def stored_labels(store: Store, name: str) -> list[Labelled]:
    """As `read_labels`, from a file of a lake."""
    with store.open(name) as file:
        return _read(file, name)


def _write(structures: Sequence[Labelled], where: Path | IO[bytes]) -> None:
    table = pa.Table.from_pylist([_row(structure) for structure in structures], SCHEMA)
    pq.write_table(table, where, write_page_checksum=True)


def _read(source: Any, path: Path | str) -> list[Labelled]:
    """Labelled structures of what pyarrow can read, which is at a path."""
    needed = [name for name in SCHEMA.names if name not in ("formula", "stress", "source")]
    try:
        table = pq.read_table(source)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"cannot read {path}: {' '.join(str(error).split())}") from error
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise DataError(
            f"{path} has no column {', '.join(missing)}: needed are {', '.join(needed)}"
        )
    structures = []
    for number, row in enumerate(table.to_pylist()):
        absent = [name for name in needed if row[name] is None]
        if absent:
            raise DataError(f"{path}, row {number}: {', '.join(absent)} is null")
        structures.append(_labelled(row, f"{path}, row {number}"))
    return structures


def _row(structure: Labelled) -> dict[str, Any]:
    cell = structure.cell
    return {
        "formula": structure.formula,
        "lattice": np.ravel(cell.lattice).tolist(),
        "species": [chemical_symbols[z] for z in cell.numbers],
        "frac_coords": np.ravel(cell.positions @ np.linalg.inv(cell.lattice)).tolist(),
        "energy": structure.energy,
        "forces": np.ravel(structure.forces).tolist(),
        "stress": None if structure.stress is None else np.ravel(structure.stress).tolist(),
        "source": structure.source,
    }


def _labelled(row: dict[str, Any], where: str) -> Labelled:
    try:
        lattice = _reals(row["lattice"], 3)
        numbers = np.array([atomic_numbers[symbol] for symbol in row["species"]], np.int32)
        cell = Cell(lattice, _reals(row["frac_coords"], len(numbers)) @ lattice, numbers)
        energy, forces = float(row["energy"]), _reals(row["forces"], len(numbers))
        stress = None if row.get("stress") is None else _reals(row["stress"], 3)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{where}: {reason_of(error)}") from error
    return Labelled(cell, energy, forces, stress, row.get("source") or where)


def _reals(values: Any, n: int) -> np.ndarray:
    """Rows of three, `[n, 3]`; what is null among them becomes NaN."""
    return np.reshape(np.asarray(values, np.float64), (n, 3))
