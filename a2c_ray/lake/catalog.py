"""The lake as SQL tables: DuckDB views over its parts.

The catalog holds no state of its own: each query sees the parts that are there when it is asked,
and none that another part supersedes, so that it is consistent while runs write and merge.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from a2c_ray.errors import InputError
from a2c_ray.lake.damage import truncated_parts
from a2c_ray.lake.parts import Part, all_parts, current_parts
from a2c_ray.lake.schemas import TABLES, schema, type_name
from a2c_ray.lake.store import Store
from a2c_ray.lake.structures import structure_from_row
from a2c_ray.lake.version import check_version

if TYPE_CHECKING:
    import pyarrow.dataset as ds
    from pymatgen.core import Structure

ReadingError = duckdb.Error
"""Of rows that are fetched and cannot be read; that parts lack their ends is told before."""

MACROS = (
    """formula(species) AS (
        SELECT string_agg(element || if(n > 1, n::VARCHAR, ''), '' ORDER BY element)
        FROM (SELECT element, count(*) AS n FROM unnest(species) AS _(element) GROUP BY element)
    )""",
    "per_atom(quantity, species) AS quantity / len(species)",
    """best(system_name, k) AS TABLE
        SELECT * FROM relaxed WHERE system = system_name AND subcell_id IN (
            SELECT unnest(min_by(subcell_id, coalesce(enthalpy_per_atom, energy_per_atom), k))
            FROM relaxed WHERE system = system_name GROUP BY formula
        )
        ORDER BY formula, coalesce(enthalpy_per_atom, energy_per_atom), subcell_id
    """,
    """trust(contact, force) AS TABLE
        WITH cells AS (
            SELECT system, run_id, count(*) AS n_relaxed,
                count(*) FILTER (outcome = 'exploded') AS n_exploded,
                count(*) FILTER (outcome = 'fused') AS n_fused,
                if(count(peak_force) = 0, NULL, count(*) FILTER (
                    energy_per_atom IS NOT NULL AND closest_contact < contact)) AS n_close,
                if(count(peak_force) = 0, NULL, count(*) FILTER (
                    energy_per_atom IS NOT NULL AND peak_force > force)) AS n_spikes,
                min(closest_contact) FILTER (energy_per_atom IS NOT NULL) AS closest_contact,
                max(peak_force) FILTER (energy_per_atom IS NOT NULL) AS peak_force
            FROM relaxed GROUP BY system, run_id
        ), glasses AS (
            SELECT system, run_id, count(*) AS n_glasses,
                if(count(peak_force) = 0, NULL, count(*) FILTER (
                    closest_contact < contact)) AS n_close_glasses,
                if(count(peak_force) = 0, NULL, count(*) FILTER (
                    peak_force > force)) AS n_spiked_glasses
            FROM amorphous WHERE outcome = 'glass' GROUP BY system, run_id
        )
        SELECT system, run_id, coalesce(n_relaxed, 0) AS n_relaxed,
            coalesce(n_exploded, 0) AS n_exploded, coalesce(n_fused, 0) AS n_fused, n_close,
            n_spikes, closest_contact, peak_force, coalesce(n_glasses, 0) AS n_glasses,
            n_close_glasses, n_spiked_glasses
        FROM cells FULL JOIN glasses USING (system, run_id) ORDER BY system, run_id
    """,
)
"""Helpers of queries: the formula of a list of elements; a quantity of a cell for each of its
atoms; the k lowest relaxed subcells of each composition of a system; for each run, how many of its
sound relaxations and glasses had contacts below, and forces above, what is given (null where that
is not recorded)."""

MACRO_NAMES, READ_BY_MACROS = ("best", "trust"), ("relaxed", "amorphous")
"""Macros that read tables, and which."""

ABOUT_TABLES = ("information_schema", "duckdb_", "pg_", "query")
"""Parts of the names of what tells which tables there are, or reads tables whose names are data."""


_HIVE = ("system", "run"), "hive_partitioning = true, hive_types_autocast = false"
"""System and run id of a row as DuckDB finds them in the path of its part, and how to ask for it.
It can then leave reading the large columns to the end."""

_FILENAME = (
    tuple(f"regexp_extract(filename, '/system=([^/]+)/run=([^/]+)/[^/]+$', {n})" for n in (1, 2)),
    "hive_partitioning = false, filename = true",
)
"""The same for lakes below folders with such names, which DuckDB would take them from, and for
names with %, which it would decode: `%2F` must not become a slash."""

MOST_SOUGHT = 10_000
"""Rows whose large columns DuckDB reads by their places, once a query has found that it wants these
rows; of more, it reads the columns as a whole."""

_IN_QUERY = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
"""Errors for which no part can be the cause."""


class NoLakeError(InputError):
    """There is no lake at a path."""


class QueryError(InputError):
    """A query that is not one correct SELECT."""


def existing_lake(address: str | Path | Store) -> Store:
    """The store of a lake.

    Raises:
        NoLakeError: there is none.
        NewerLakeError: it was written by a later version.
    """
    store = address if isinstance(address, Store) else Store.at(address)
    if not store.exists:
        raise NoLakeError(f"no lake at {store.address}: run `a2c run` first, or give --lake PATH")
    check_version(store)
    return store


class Lake:
    """Read access to a lake.

    Queries see a view of each table and the macros `formula`, `per_atom`, `best` and `trust`. They
    run in a sandbox: no files outside the lake, no writing, no settings, no extensions.

    Args:
        address: a folder, an URI such as `s3://bucket/lake`, or a store that is open already.
        run_id: of the only run to look at; None for all.

    Raises:
        NoLakeError: there is none.
        NewerLakeError: it was written by a later version.
    """

    def __init__(self, address: str | Path | Store, run_id: str | None = None) -> None:
        self.store = existing_lake(address)
        self._run_id = run_id
        self._parts: dict[str, list[Part]] = {}
        self._connection = self._connect()

    def sql(self, query: str, parameters: dict[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """Result of one SELECT statement, over what is in the lake now.

        Args:
            query: DuckDB SQL.
            parameters: values of `$name` placeholders.

        Raises:
            QueryError: the query is not one correct SELECT.
        """
        self._look(named_tables(query))
        try:
            statements = duckdb.extract_statements(query)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise QueryError("only a single SELECT statement can be run on the lake")
            return self._connection.sql(query, params=parameters)
        except duckdb.Error as error:
            raise self._query_error(error) from error

    def structures(self, query: str, parameters: dict[str, Any] | None = None) -> list[Structure]:
        """Structures of the rows of a query, with the other columns as their properties.

        Args:
            query: SELECT with the columns lattice, species and frac_coords among others.
            parameters: values of `$name` placeholders.

        Raises:
            QueryError: the query is not one correct SELECT.
            NoStructureError: those columns are missing, or null in a row.
        """
        rows = self.sql(query, parameters)
        try:
            return [structure_from_row(row) for row in rows.to_arrow_table().to_pylist()]
        except duckdb.Error as error:
            raise self._query_error(error) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(":memory:")
        for table in READ_BY_MACROS:
            connection.execute(f"CREATE VIEW {table} AS {_no_rows(table)}")
        for macro in MACROS:
            connection.execute(f"CREATE MACRO {macro}")
        for table in READ_BY_MACROS:  # no query may take what it has not looked at for empty
            connection.execute(f"DROP VIEW {table}")
        connection.execute("SET preserve_insertion_order = false")
        # It asks each time whether a file has changed since.
        connection.execute("SET parquet_metadata_cache = true")
        connection.execute(f"SET dynamic_or_filter_threshold = {MOST_SOUGHT}")
        if self.store.is_local:
            folder = f"{self.store.root}/"
            connection.execute("SET allowed_directories = [$folder]", {"folder": folder})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def _look(self, tables: Iterable[str]) -> None:
        """Let the views of some tables see the parts that are there now."""
        for table in tables:
            there = all_parts(self.store, table)
            parts = current_parts(p for p in there if self._run_id in (None, p.run_id))
            if parts != self._parts.get(table):
                self._show(table, parts)
                self._parts[table] = parts

    def _show(self, table: str, parts: list[Part]) -> None:
        try:
            if not parts:
                source = _no_rows(table)
            elif self.store.is_local:
                paths = [self.store.path(part.file.path) for part in parts]
                is_odd = "=" in self.store.root or any("%" in path for path in paths)
                where, options = _FILENAME if is_odd else _HIVE
                files = _read_parquet(paths, options)
                there = self._connection.sql(f"FROM {files}").columns
                source = _select(table, files, there, *where)
            else:
                self._connection.register(f"{table}_parts", self._dataset(table, parts))
                source = _select(table, f"{table}_parts", schema(table).names, "system", "run")
            self._connection.execute(f"CREATE OR REPLACE VIEW {table} AS {source}")
        except (duckdb.Error, pa.ArrowException) as error:
            raise self._query_error(error) from error

    def _dataset(self, table: str, parts: list[Part]) -> ds.Dataset:
        """Parts in an object store, which DuckDB reads through pyarrow."""
        import pyarrow.dataset as ds  # which imports pandas; lakes on disks need neither

        where = pa.schema([("system", pa.string()), ("run", pa.string())])
        return ds.dataset(
            [self.store.path(part.file.path) for part in parts],
            schema=pa.schema([*schema(table), *where]),
            format="parquet",
            filesystem=self.store.filesystem,
            partitioning=ds.HivePartitioning(where, segment_encoding="none"),
            partition_base_dir=self.store.root,
        )

    def _query_error(self, error: Exception) -> QueryError:
        """What to tell: the first truncated part, if there is one, or what DuckDB says."""
        if not isinstance(error, _IN_QUERY):
            for fault in truncated_parts(self.store):
                if fault.is_damaged:
                    return QueryError(
                        f"{self.store.path(fault.path)} is damaged: `a2c lake check --set-aside`, "
                        "then repeat its run"
                    )
        return QueryError(f"cannot run this query: {error}")


def named_tables(query: str) -> list[str]:
    """Tables that a query may read: those whose names are in it, or all if none is."""
    text = query.lower()
    if any(name in text for name in ABOUT_TABLES):
        return list(TABLES)
    by_macros = READ_BY_MACROS if any(name in text for name in MACRO_NAMES) else ()
    return [name for name in TABLES if name in text or name in by_macros] or list(TABLES)


def _select(table: str, source: str, there: Iterable[str], system: str, run_id: str) -> str:
    """All columns of a table; those that its source does not have are null.

    Args:
        table: name.
        source: that is selected from.
        there: columns of it.
        system, run_id: expressions for these columns.
    """
    columns = [
        field.name if field.name in there else f"NULL::{type_name(field.type)} AS {field.name}"
        for field in schema(table)
    ]
    return f"SELECT {system} AS system, {run_id} AS run_id, {', '.join(columns)} FROM {source}"


def _no_rows(table: str) -> str:
    return _select(table, "range(0)", (), "NULL::VARCHAR", "NULL::VARCHAR")


def _read_parquet(paths: list[str], options: str) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{quoted}], union_by_name = true, {options})"
