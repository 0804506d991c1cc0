"""What was computed again of a run, kept in the lake."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence

from a2c_ray.lake import LimitRow, RescoredRow, Store, mark_version, write_part


def keep_rows(
    store: Store, table: str, rows: Sequence[RescoredRow] | Sequence[LimitRow], asked: Iterable[str]
) -> None:
    """Write rows of one run as a part; asked for again, they replace it.

    Args:
        store: of the lake.
        table: name.
        rows: at least one.
        asked: identifies what they answer.

    Raises:
        OSError: the disk is full or not writable.
    """
    part_id = hashlib.sha256("\n".join(asked).encode()).hexdigest()[:16]
    mark_version(store)
    columns = [dataclasses.asdict(row) for row in rows]
    for row in columns:
        del row["system"], row["run_id"]
    write_part(store, table, rows[0].system, rows[0].run_id, part_id, columns)
