"""SQL statements one after another, typed at a prompt or piped in."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import duckdb

from a2c_ray.controls import harmless
from a2c_ray.errors import InputError, OperationError
from a2c_ray.lake.catalog import MACROS, Lake
from a2c_ray.lake.export import write_result
from a2c_ray.lake.schemas import TABLES, columns_of, type_name

READY, WAITING = "a2c> ", "...> "
"""Prompts for a new statement, and for the rest of one."""

HISTORY_LINES = 1000

WELCOME = "End statements with ;  .help lists the other commands."

HELP = """\
SELECT ...;      run a query; it may take several lines
.tables          tables and macros
.columns TABLE   columns of a table: name, type, unit, meaning
.help            this
.quit            leave, as does Ctrl-D"""


class Session:
    """Statements on a lake, given line by line.

    A statement that fails is told in one line on standard error, and the session goes on.
    """

    def __init__(self, lake: Lake, format: str) -> None:
        """Begin.

        Args:
            lake: to query.
            format: of the results, see `write_result`.
        """
        self.n_failed = 0
        self._lake = lake
        self._format = format
        self._text = ""

    @property
    def is_waiting(self) -> bool:
        """Whether a statement has begun and not ended."""
        return bool(self._text.strip())

    def feed(self, line: str) -> None:
        """Take one more line, and run what it ends.

        Raises:
            EOFError: it is `.quit`.
        """
        if not self.is_waiting and line.lstrip().startswith("."):
            self._try(self._command, line)
            return
        self._text += line.rstrip("\n") + "\n"
        # SQLite's notion of the end of a statement knows quotes and comments as DuckDB has them.
        if sqlite3.complete_statement(self._text):
            self.end()

    def end(self) -> None:
        """Run what has been fed, complete or not."""
        text, self._text = self._text, ""
        self._try(self._run, text)

    def drop(self) -> None:
        """Forget a statement that has begun."""
        self._text = ""

    def _try(self, action: Callable[[str], None], text: str) -> None:
        try:
            action(text)
        except BrokenPipeError:  # nobody reads on
            raise
        except (InputError, OperationError, OSError, duckdb.Error) as error:
            self.n_failed += 1
            print(harmless(f"a2c: {' '.join(str(error).split())}"), file=sys.stderr)

    def _run(self, text: str) -> None:
        for statement in duckdb.extract_statements(text):
            write_result(self._lake.sql(statement.query), self._format, None)

    def _command(self, line: str) -> None:
        match line.split():
            case [".quit"]:
                raise EOFError
            case [".help"]:
                print(HELP)
            case [".tables"]:
                print("\n".join([*TABLES, *(macro.split(" AS ")[0] for macro in MACROS)]))
            case [".columns", table] if table in TABLES:
                _print_columns(table)
            case [".columns", *_]:
                raise InputError(f".columns needs a table: {', '.join(TABLES)}")
            case [command, *_]:
                raise InputError(f"no command {command}: .help lists them")


def run_statements(lake: Lake, lines: Iterable[str], format: str) -> bool:
    """Run statements that are piped in; returns whether all succeeded.

    Args:
        lake: to query.
        lines: of text.
        format: of the results.
    """
    session = Session(lake, format)
    try:
        for line in lines:
            session.feed(line)
        session.end()
    except EOFError:
        pass
    return session.n_failed == 0


def interact(lake: Lake, format: str, history: Path) -> None:
    """Read statements from the terminal until the user leaves.

    Args:
        lake: to query.
        format: of the results.
        history: file of the lines typed in earlier sessions.
    """
    readline = _line_editing(history)
    session = Session(lake, format)
    print(WELCOME)
    while True:
        try:
            session.feed(input(WAITING if session.is_waiting else READY))
        except EOFError:
            break
        except KeyboardInterrupt:
            session.drop()
            print()
    if readline:
        readline.write_history_file(history)


def _line_editing(history: Path) -> ModuleType | None:
    """Let `input` edit lines and recall earlier ones; the module, or None where there is none."""
    try:
        import readline
    except ImportError:
        return None
    history.parent.mkdir(parents=True, exist_ok=True)
    if history.exists():
        readline.read_history_file(history)
    readline.set_history_length(HISTORY_LINES)
    return readline


def _print_columns(table: str) -> None:
    rows = [(c.name, type_name(c.type), c.unit, c.meaning) for c in columns_of(table)]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    for *cells, meaning in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), meaning
        )
