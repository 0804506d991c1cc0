"""Many small parts into one large one, while others read.

The large part supersedes the small ones as soon as it appears (see `parts`); they are deleted only
later, when nobody who listed them can still be reading them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from a2c_ray.lake.damage import UnreadablePartError, is_sound
from a2c_ray.lake.parts import Key, Part, all_parts, current_parts, part_path, writing_options
from a2c_ray.lake.schemas import TABLES, schema
from a2c_ray.lake.store import Store

READING_TIME = timedelta(minutes=10)
"""How long superseded parts are kept for those who are reading them."""

SORTED_TOGETHER, ROW_GROUP = 100_000, 20_000
"""Rows that are sorted, and that DuckDB reads at a time."""

_BEGAN = datetime.now(UTC), time.monotonic()
"""When this process began, by the clock and by what only counts on."""

LOWEST_FIRST = ("formula", "energy_per_atom")
"""By which rows are sorted, where a table has these columns. The lowest of each composition, and
those of each glass among them, then lie together, and little else need be read to find them."""

MERGED_TABLES = ("amorphous", "md_trace", "screened", "relaxed")
"""Tables that a run writes in many parts."""


def merge_parts(store: Store, table: str, system: str, run_id: str, part_id: str) -> int:
    """Write one part that holds the rows of all below it; returns how many parts it replaced.

    It must be known that no further part will be written below it.

    Args:
        store: of the lake.
        table, system, run_id: whose parts.
        part_id: of the new part; "" for all of the run.

    Raises:
        pyarrow.ArrowInvalid, OSError: a part is damaged, or the disk is full; nothing is changed.
    """
    parts = [
        part
        for part in current_parts(all_parts(store, table, system, run_id))
        if part.part_id != part_id and part.lies_in(part_id)
    ]
    if parts:
        path = part_path(table, system, run_id, part_id)
        store.write(path, partial(_write_rows, store, table, parts))
    return len(parts)


def rows_below(
    store: Store, table: str, system: str, run_id: str, part_id: str
) -> list[dict[str, Any]]:
    """Rows of a part, or else of all below it.

    Raises:
        UnreadablePartError: one is damaged, or cannot be had.
    """
    rows = []
    for part in current_parts(all_parts(store, table, system, run_id)):
        if part.lies_in(part_id):
            try:
                rows += _rows(store, part, schema(table)).to_pylist()
            except (OSError, pa.ArrowException) as error:
                reason = str(error).splitlines()[0]
                raise UnreadablePartError(f"cannot read {part.file.path}: {reason}") from None
    return rows


def remove_parts(store: Store, table: str, system: str, run_id: str, part_id: str = "") -> None:
    """Delete a part and all below it; those of the whole run if none is named."""
    for part in all_parts(store, table, system, run_id):
        if part.lies_in(part_id):
            store.delete(part.file.path)


def remove_repeated(store: Store, table: str, system: str, run_id: str) -> int:
    """Delete parts of parts that hold a row of another; returns how many.

    There are such if two actors, one of them taken for lost, were at the same work, and neither
    came to its end. What only a deleted part held is missing again.
    """
    seen: set[str] = set()
    removed = 0
    parts = current_parts(all_parts(store, table, system, run_id))
    for part in sorted(parts, key=lambda part: (part.part_id.count("."), part.part_id)):
        ids = set(_rows(store, part, schema(table))["subcell_id"].to_pylist())
        if part.part_id.count(".") > 1 and ids & seen:
            store.delete(part.file.path)
            removed += 1
        else:
            seen |= ids
    return removed


def merge_run(store: Store, system: str, run_id: str) -> int:
    """Merge all parts of a finished run by table; returns how many were replaced."""
    return sum(merge_parts(store, table, system, run_id, "") for table in MERGED_TABLES)


def remove_superseded(store: Store, run_id: str | None = None) -> int:
    """Delete parts that have been superseded for a while, by sound ones; returns how many.

    Args:
        store: of the lake.
        run_id: whose; None for all runs.
    """
    now = _now()
    removed = 0
    for table in TABLES:
        parts = [p for p in all_parts(store, table) if run_id in (None, p.run_id)]
        old = {p.key: p for p in parts if now - p.file.modified > READING_TIME}
        sound: dict[Key, bool] = {}
        for part in parts:
            for key in part.superseders & old.keys() - sound.keys():
                sound[key] = is_sound(store, old[key])
            if any(sound.get(key) for key in part.superseders):
                store.delete(part.file.path)
                removed += 1
    return removed


def _now() -> datetime:
    """The clock's time, or what it would be had nobody set it, if that is earlier.

    Whichever way the clock jumps while a campaign runs, what has just been written is not old.
    """
    began, counted = _BEGAN
    return min(datetime.now(UTC), began + timedelta(seconds=time.monotonic() - counted))


def _write_rows(store: Store, table: str, parts: list[Part], file: IO[bytes]) -> None:
    columns = schema(table)
    with pq.ParquetWriter(file, columns, **writing_options(columns)) as writer:
        for rows in _in_groups(_rows(store, part, columns) for part in parts):
            writer.write_table(_lowest_first(rows), ROW_GROUP)


def _rows(store: Store, part: Part, columns: pa.Schema) -> pa.Table:
    """All rows of a part; columns that it does not have yet are null."""
    whole = pa.BufferReader(store.read(part.file.path))
    rows = pq.ParquetFile(whole, page_checksum_verification=True).read()
    missing = [field for field in columns if field.name not in rows.column_names]
    for field in missing:
        rows = rows.append_column(field, pa.nulls(len(rows), field.type))
    return rows.select(columns.names).cast(columns)


def _lowest_first(rows: pa.Table) -> pa.Table:
    if not set(LOWEST_FIRST) <= set(rows.column_names):
        return rows
    return rows.sort_by([(name, "ascending") for name in LOWEST_FIRST])


def _in_groups(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Tables put together until there are enough to be sorted."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) >= SORTED_TOGETHER:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)
