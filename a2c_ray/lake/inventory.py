"""What a lake holds, run by run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from a2c_ray.lake.catalog import Lake
from a2c_ray.lake.parts import Part, all_parts
from a2c_ray.lake.rows import RunRow
from a2c_ray.lake.schemas import TABLES

LAST_ATTEMPTS = """
SELECT {columns} FROM runs
QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY attempt DESC) = 1
ORDER BY started_at DESC, run_id
"""

COUNTED = {"amorphous": "outcome = 'glass'", "relaxed": "true", "products": "true"}
"""Tables whose rows are counted, and which rows."""

IDS = {"amorphous": "glass_id", "screened": "subcell_id", "relaxed": "subcell_id"}
"""Columns that identify a row of a table."""


@dataclass(frozen=True)
class RunInventory:
    """One run.

    run_id, system: of the run.
    status: of its last attempt; "" if none is recorded.
    n_glasses, n_relaxed, n_products: rows; glasses that failed are left out.
    n_parts: files, superseded ones too.
    size: of these, bytes.
    changed: when the last of them was written.
    """

    run_id: str
    system: str
    status: str
    n_glasses: int
    n_relaxed: int
    n_products: int
    n_parts: int
    size: int
    changed: datetime


def last_attempts(lake: Lake) -> list[RunRow]:
    """The last attempt at each run; the latest run first."""
    found = lake.sql(LAST_ATTEMPTS.format(columns="*"))
    names = found.columns
    return [
        RunRow(**{name: _in_utc(value) for name, value in zip(names, row, strict=True)})
        for row in found.fetchall()  # as Arrow's rows, times would need pandas
    ]


def last_statuses(lake: Lake) -> dict[str, str]:
    """Status of the last attempt at each run, by run id."""
    return dict(lake.sql(LAST_ATTEMPTS.format(columns="run_id, status")).fetchall())


def _in_utc(value: Any) -> Any:
    """DuckDB gives times in the zone of the machine."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def inventory(lake: Lake) -> list[RunInventory]:
    """All runs of a lake, by system and run id."""
    statuses = last_statuses(lake)
    n_glasses, n_relaxed, n_products = (
        _count(lake, table, condition) for table, condition in COUNTED.items()
    )
    parts: dict[tuple[str, str], list[Part]] = {}
    for table in TABLES:
        for part in all_parts(lake.store, table):
            parts.setdefault((part.system, part.run_id), []).append(part)
    return [
        RunInventory(
            run_id=run_id,
            system=system,
            status=statuses.get(run_id, ""),
            n_glasses=n_glasses[run_id],
            n_relaxed=n_relaxed[run_id],
            n_products=n_products[run_id],
            n_parts=len(files),
            size=sum(part.file.size for part in files),
            changed=max(part.file.modified for part in files),
        )
        for (system, run_id), files in sorted(parts.items())
    ]


def repeated_ids(lake: Lake) -> list[tuple[str, str, int]]:
    """Run, table and number of the ids that several rows have; each should have one."""
    return [
        (run_id, table, n_ids)
        for table, column in IDS.items()
        for run_id, n_ids in lake.sql(
            f"SELECT run_id, count(*) FROM (SELECT run_id, {column} FROM {table} "
            f"GROUP BY ALL HAVING count(*) > 1) GROUP BY run_id ORDER BY run_id"
        ).fetchall()
    ]


def _count(lake: Lake, table: str, condition: str) -> Counter[str]:
    query = f"SELECT run_id, count(*) FROM {table} WHERE {condition} GROUP BY run_id"
    return Counter(dict(lake.sql(query).fetchall()))
