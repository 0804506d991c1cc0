"""The lake as SQL tables: DuckDB views over its parts.

The catalog holds no state of its own; it sees what has been written when it is asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from a2c_ray.errors import InputError
from a2c_ray.lake.damage import damaged_parts
from a2c_ray.lake.schemas import TABLES, schema


class NoLakeError(InputError):
    """There is no lake at a path."""


class QueryError(InputError):
    """A query that is not one correct SELECT."""


def existing_lake(root: str | Path) -> Path:
    """The folder of a lake.

    Raises:
        NoLakeError: there is none.
    """
    root = Path(root)
    if not root.is_dir():
        raise NoLakeError(f"no lake at {root}: run `a2c run` first, or give --lake PATH")
    return root


class Lake:
    """Read access to a lake.

    Queries see the views `runs`, `amorphous`, `md_trace`, `relaxed` and `products`. They run in a
    sandbox: no files outside the lake, no writing, no settings, no extensions.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = existing_lake(root)
        self._connection = self._connect()

    def sql(self, query: str, parameters: dict[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """Result of one SELECT statement.

        Args:
            query: DuckDB SQL.
            parameters: values of `$name` placeholders.

        Raises:
            QueryError: the query is not one correct SELECT.
        """
        try:
            statements = duckdb.extract_statements(query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("only a single SELECT statement can be run on the lake")
            return self._connection.sql(query, params=parameters)
        except duckdb.Error as error:
            raise self._query_error(error) from error

    def refresh(self) -> None:
        """See parts of tables that had none when the lake was opened."""
        self._connection.close()
        self._connection = self._connect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:")
        try:
            for table in TABLES:
                connection.execute(f"CREATE VIEW {table} AS {self._view(table)}")
        except duckdb.Error as error:
            raise self._query_error(error) from error
        connection.execute("SET allowed_directories = [$root]", {"root": f"{self.root.resolve()}/"})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _query_error(self, error: duckdb.Error) -> QueryError:
        """What to tell: the first truncated part, if there is one, or what DuckDB says."""
        for path, _ in damaged_parts(self.root, run_id=""):
            return QueryError(
                f"{path} is damaged: `a2c lake check --set-aside`, then repeat its run"
            )
        return QueryError(f"cannot run this query: {error}")

    def _view(self, table: str) -> str:
        columns = ", ".join(column.name for column in TABLES[table])
        if not any((self.root / table).glob("system=*/run=*/*.parquet")):
            empty = ", ".join(
                f"NULL::{_duckdb_type(field.type)} AS {field.name}" for field in schema(table)
            )
            return f"SELECT NULL::VARCHAR AS system, NULL::VARCHAR AS run_id, {empty} WHERE false"
        glob = str(self.root.resolve() / table / "system=*" / "run=*" / "*.parquet")
        source = (
            f"read_parquet('{glob.replace(chr(39), chr(39) * 2)}', hive_partitioning = true, "
            "hive_types_autocast = false, union_by_name = true)"
        )
        return f"SELECT system, run AS run_id, {columns} FROM {source}"


def _duckdb_type(type_: Any) -> str:
    if pa.types.is_list(type_):
        return f"{_duckdb_type(type_.value_type)}[]"
    if pa.types.is_timestamp(type_):
        return "TIMESTAMPTZ"
    return {
        pa.string(): "VARCHAR",
        pa.int32(): "INTEGER",
        pa.int64(): "BIGINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
    }[type_]
