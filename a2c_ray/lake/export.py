"""Results of queries as text or files."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import date, time
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pyarrow.parquet as pq

from a2c_ray.controls import harmless
from a2c_ray.lake.catalog import QueryError

MAX_TABLE_ROWS, MAX_TABLE_WIDTH = 1000, 10_000
"""Longer tables are abridged, and wider ones in pipes; the other formats are complete."""

BATCH_ROWS = 10_000


LARGEST = 2**63
"""Whole number that other readers cannot hold any more, ASE's databases among them."""


def write_result(result: duckdb.DuckDBPyRelation, format: str, path: Path | None) -> None:
    """Write the result of a query.

    Args:
        result: of `Lake.sql`.
        format: "table", "csv", "json" or "parquet".
        path: of the file; None for standard output, which takes no Parquet.

    Raises:
        QueryError: the query fails as it is run, or Parquet is asked for without a path.
    """
    try:
        _write(result, format, path)
    except duckdb.Error as error:
        raise QueryError(f"cannot run this query: {error}") from error


def _write(result: duckdb.DuckDBPyRelation, format: str, path: Path | None) -> None:
    if format == "parquet":
        if path is None:
            raise QueryError("--format parquet needs --output FILE")
        pq.write_table(result.to_arrow_table(), path)
        return
    write = _WRITERS[format]
    if path is None:
        write(result, sys.stdout)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            write(result, file)


def _write_table(result: duckdb.DuckDBPyRelation, stream: TextIO) -> None:
    with redirect_stdout(io.StringIO()) as table:
        # What reads a pipe has room for all columns.
        width = shutil.get_terminal_size().columns if stream.isatty() else MAX_TABLE_WIDTH
        result.show(max_rows=MAX_TABLE_ROWS, max_width=width)
    stream.write(harmless(table.getvalue()))


def _write_csv(result: duckdb.DuckDBPyRelation, stream: TextIO) -> None:
    """As it is in a file or pipe; on a terminal, control characters are visible."""
    shown = harmless if stream.isatty() else str
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for values in chain([result.columns], (row.values() for row in rows_of(result))):
        writer.writerow([_plain(value) for value in values])
        stream.write(shown(line.getvalue()))
        line.seek(0)
        line.truncate()


def _write_json(result: duckdb.DuckDBPyRelation, stream: TextIO) -> None:
    """One JSON object a line, in which NaN, of which JSON knows nothing, is null."""
    for row in rows_of(result):
        numbers = {name: _without_nan(value) for name, value in row.items()}
        stream.write(json.dumps(numbers, default=_of_json) + "\n")


def rows_of(result: duckdb.DuckDBPyRelation) -> Iterator[dict[str, Any]]:
    """Row by row, so that results may be larger than memory."""
    for batch in result.to_arrow_reader(BATCH_ROWS):
        yield from batch.to_pylist()


def plain_value(value: Any) -> Any:
    """Times as texts, and what DuckDB makes of sums and quotients of whole numbers as numbers."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        is_whole = value.as_tuple().exponent == 0 and abs(value) < LARGEST
        return int(value) if is_whole else float(value)
    return value


def _of_json(value: Any) -> Any:
    plain = plain_value(value)
    return str(value) if plain is value else plain


def _without_nan(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nan(element) for element in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """Lists as JSON, so that a field can be read back."""
    return json.dumps(value) if isinstance(value, list) else value


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyRelation, TextIO], None]] = {
    "table": _write_table,
    "csv": _write_csv,
    "json": _write_json,
}
