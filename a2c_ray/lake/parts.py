"""Parts: the Parquet files of the lake.

A part's path says whose it is: `<table>/system=<system>/run=<run id>/part.<part id>.parquet`. The
name follows from the work that made it, so that doing the work twice leaves one part. Part ids are
paths themselves, with dots: `part.a.parquet` holds all that `part.a.1.parquet` and
`part.a.2.parquet` do and supersedes them, `part.parquet` supersedes all. Readers leave out what is
superseded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from a2c_ray.lake.schemas import schema
from a2c_ray.lake.store import Store, StoredFile

SUFFIX = ".parquet"

PAGE = 65_536
"""Bytes, before compression."""

Key = tuple[str, str, str, str]
"""Table, system, run id and part id."""

_PATH = re.compile(
    r"(?P<table>\w+)/system=(?P<system>[^/]+)/run=(?P<run_id>[^/]+)/part(?P<stem>[^/]*)\.parquet"
)


class Part(NamedTuple):
    """A file of rows.

    table, system, run_id: whose rows they are.
    part_id: identifies the work that made them; "" for all of a run.
    file: that holds them.
    """

    table: str
    system: str
    run_id: str
    part_id: str
    file: StoredFile

    @property
    def key(self) -> Key:
        """What no other part shares."""
        return self.table, self.system, self.run_id, self.part_id

    def lies_in(self, part_id: str) -> bool:
        """Whether it is a part of this id, or below it; all parts of a run lie in ""."""
        return not part_id or f"{self.part_id}.".startswith(f"{part_id}.")

    @property
    def superseders(self) -> set[Key]:
        """Keys of the parts that would hold its rows too."""
        words = self.part_id.split(".") if self.part_id else []
        return {(*self.key[:3], ".".join(words[:n])) for n in range(len(words))}


def part_path(table: str, system: str, run_id: str, part_id: str) -> str:
    """Where a part lives in a lake.

    Raises:
        ValueError: a name would lead elsewhere.
    """
    if any("/" in piece for piece in (table, system, run_id, part_id)):
        raise ValueError(f"names of a part with a slash: {(table, system, run_id, part_id)}")
    name = f"part.{part_id}" if part_id else "part"
    return f"{table}/system={system}/run={run_id}/{name}{SUFFIX}"


def write_part(
    store: Store, table: str, system: str, run_id: str, part_id: str, rows: Sequence[dict[str, Any]]
) -> str:
    """Write rows as one part, replacing it if it exists; returns its path.

    Args:
        store: of the lake.
        table: name.
        system, run_id: whose rows they are.
        part_id: identifies the work that made them.
        rows: one dictionary a row; missing columns are null.

    Raises:
        OSError: the disk is full or not writable; no part appears.
        pyarrow.ArrowInvalid: a value does not fit its column.
    """
    whole = pa.Table.from_pylist(list(rows), schema(table))
    return write_rows(store, table, system, run_id, part_id, whole)


def write_rows(
    store: Store, table: str, system: str, run_id: str, part_id: str, rows: pa.Table
) -> str:
    """As `write_part`, of rows that have the schema of their table already."""
    rows = pa.table([_without_nan(column) for column in rows.columns], schema=rows.schema)
    path = part_path(table, system, run_id, part_id)
    store.write(path, lambda file: pq.write_table(rows, file, **writing_options(rows.schema)))
    return path


def _without_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """NaN, and a list that holds one, as null.

    Parquet's statistics leave NaN out, and filters would miss such rows; in lists it is taken for
    more than any number.
    """
    if pa.types.is_floating(column.type):
        is_nan = pc.is_nan(column)
    elif pa.types.is_list(column.type) and pa.types.is_floating(column.type.value_type):
        inside = pc.is_nan(pc.list_flatten(column))
        if not pc.any(inside).as_py():
            return column
        broken = pc.filter(pc.list_parent_indices(column.combine_chunks()), inside.combine_chunks())
        is_nan = pa.array(np.isin(np.arange(len(column)), broken))
    else:
        return column
    return pc.if_else(is_nan, pa.scalar(None, column.type), column)


def writing_options(columns: pa.Schema) -> dict[str, Any]:
    """How the Parquet of a table is written.

    Real numbers, which hardly ever repeat, are split by bytes instead of being looked up in
    dictionaries: files of made-up structures are a fifth smaller, and read in two thirds of the
    time. Pages are small, since a page is read as a whole for any of its rows. No query asks for
    extremes of lists, and to read them takes as long as to read the other columns'.
    """
    real = [_leaf(field) for field in columns if _is_real(field.type)]
    return {
        "compression": "lz4",
        "write_page_checksum": True,
        "data_page_size": PAGE,
        "write_statistics": [c.name for c in columns if not pa.types.is_list(c.type)],
        "use_dictionary": [_leaf(field) for field in columns if not _is_real(field.type)],
        "column_encoding": dict.fromkeys(real, "BYTE_STREAM_SPLIT"),
    }


def all_parts(store: Store, table: str, system: str = "", run_id: str = "") -> list[Part]:
    """Parts of a table, or of one run in it, superseded ones too."""
    folder = f"{table}/system={system}/run={run_id}" if run_id else table
    parts = []
    for file in store.files(folder):
        match = _PATH.fullmatch(file.path)
        if match:
            part_id = match["stem"].removeprefix(".")
            parts.append(Part(match["table"], match["system"], match["run_id"], part_id, file))
    return parts


def current_parts(parts: Iterable[Part]) -> list[Part]:
    """Those that no other part supersedes."""
    parts = list(parts)
    there = {part.key for part in parts}
    return [part for part in parts if not part.superseders & there]


def without_superseded(paths: Iterable[Path]) -> list[Path]:
    """Parquet files, wherever they are, without parts whose rows others of their folder hold."""
    paths = list(paths)
    there = set(paths)
    return [path for path in paths if not _superseders(path) & there]


def _superseders(path: Path) -> set[Path]:
    words = path.name.removesuffix(SUFFIX).split(".")
    if words[0] != "part":
        return set()
    return {path.with_name(".".join(words[:n]) + SUFFIX) for n in range(1, len(words))}


def _leaf(field: pa.Field) -> str:
    """Name of a column in a Parquet file."""
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name


def _is_real(type_: pa.DataType) -> bool:
    return pa.types.is_floating(type_.value_type if pa.types.is_list(type_) else type_)
