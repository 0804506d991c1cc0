"""Structures of queries as files that other programs read: CIF, extended XYZ, ASE databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any

import duckdb
from ase import Atoms
from ase.calculators.calculator import all_properties
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.db.core import reserved_keys, str_represents
from ase.io.extxyz import write_extxyz
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.cif import CifWriter

from a2c_ray.errors import InputError
from a2c_ray.lake.catalog import Lake, QueryError
from a2c_ray.lake.export import plain_value, rows_of
from a2c_ray.lake.store import TEMPORARY
from a2c_ray.lake.structures import NoStructureError, right_handed, structure_from_row
from a2c_ray.lake.xyz_labels import as_entries

NAMES = ("product_id", "subcell_id", "glass_id")
"""Columns that a CIF file may be named after, the first of these that is selected."""

DIGITS = 8
"""Of the numbers in a CIF file."""

Row = dict[str, Any]

Found = tuple[Row, Structure]
"""A row and its structure."""


class ExportError(InputError):
    """Structures that cannot be exported as asked."""


def export_structures(lake: Lake, query: str, format: str, path: Path) -> int:
    """Write the structure of each row of a query; returns how many there are.

    Args:
        lake: to query.
        query: SELECT with the columns lattice, species and frac_coords among others.
        format: "cif" for a folder with a file a row, "extxyz" or "ase-db" for one file. These two
            hold the energy of the cell, eV, if energy_per_atom is selected, and the other columns
            that are numbers or texts; those texts that look like numbers are in the `data` of an
            "ase-db".
        path: of the file or folder; it appears whole or not at all.

    Raises:
        ExportError: something is at the path already, the query selects no row, or a value that
            the format cannot hold.
        QueryError: the query is not one correct SELECT.
        NoStructureError: columns of the structure are missing, or make none in a row.
    """
    if path.exists():
        raise ExportError(f"{path} is there already: delete it, or give another --output")
    result = lake.sql(query)
    try:
        rows = rows_of(result)
        first = next(rows, None)
        if first is None:
            raise ExportError("the query selects no row, so there is nothing to export")
        return _write_aside(_WRITERS[format], _with_structures(chain([first], rows)), path)
    except duckdb.Error as error:
        raise QueryError(f"cannot run this query: {error}") from error


def _with_structures(rows: Iterator[Row]) -> Iterator[Found]:
    for number, row in enumerate(rows, 1):
        try:
            yield row, structure_from_row(row)
        except NoStructureError as error:
            named = f" ({_name(row)})" if _name(row) else ""
            raise NoStructureError(f"row {number}{named}: {error}") from error


def _write_aside(
    write: Callable[[Iterator[Found], Path], int], rows: Iterator[Found], path: Path
) -> int:
    """Write under another name, so that a failure leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + TEMPORARY)
    _delete(temporary)
    try:
        n_written = write(rows, temporary)
        temporary.rename(path)
    finally:
        _delete(temporary)
    return n_written


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _write_cif(rows: Iterator[Found], folder: Path) -> int:
    folder.mkdir()
    used: set[str] = set()
    numbers: dict[str, Iterator[str]] = {}
    for number, (row, structure) in enumerate(rows, 1):
        name = _name(row) or f"{number:06d}"
        names = numbers.setdefault(name, _numbered(name))
        unique = next(each for each in names if each not in used)
        used.add(unique)
        writer = CifWriter(right_handed(structure), significant_figures=DIGITS)
        writer.write_file(folder / f"{unique}.cif")
    return len(used)


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _name(row: Row) -> str:
    names = (row[column] for column in NAMES if row.get(column))
    return str(next(names, "")).replace("/", "-")


def _write_extxyz(rows: Iterator[Found], path: Path) -> int:
    n_written = 0
    with path.open("w", encoding="utf-8") as file:
        for row, structure in rows:
            atoms = _atoms(row, structure)
            values = {k: v for k, v in _scalars(row).items() if k not in all_properties}
            atoms.info.update(as_entries(values))
            write_extxyz(file, [atoms])
            n_written += 1
    return n_written


def _write_ase_db(rows: Iterator[Found], path: Path) -> int:
    n_written = 0
    with connect(path, type="db", append=False) as database:
        for row, structure in rows:
            atoms = _atoms(row, structure)
            values = {k: v for k, v in _scalars(row).items() if k not in reserved_keys}
            texts = {k: v for k, v in values.items() if _is_refused(v)}
            pairs = {k: v for k, v in values.items() if k not in texts}
            try:
                database.write(atoms, key_value_pairs=pairs, data=texts)
            except ValueError as error:
                raise ExportError(
                    f"an ASE database cannot hold row {n_written + 1}: {error}"
                ) from error
            n_written += 1
    return n_written


def _is_refused(value: Any) -> bool:
    """Whether it is a text that ASE's databases refuse as a pair, since it looks like a number."""
    return isinstance(value, str) and str_represents(value, (bool, int, float))


def _atoms(row: Row, structure: Structure) -> Atoms:
    """Atoms of a row, with their energy if there is one."""
    atoms = AseAtomsAdaptor.get_atoms(structure, msonable=False)
    atoms.info.clear()
    energy, per_atom = row.get("energy"), row.get("energy_per_atom")
    if energy is None and per_atom is not None:
        energy = per_atom * len(atoms)
    if energy is not None:
        atoms.calc = SinglePointCalculator(atoms, energy=energy)
    return atoms


def _scalars(row: Row) -> Row:
    """Columns that are one number or text; times as text."""
    values = {k: plain_value(v) for k, v in row.items()}
    return {k: v for k, v in values.items() if isinstance(v, bool | int | float | str)}


_WRITERS = {"cif": _write_cif, "extxyz": _write_extxyz, "ase-db": _write_ase_db}
