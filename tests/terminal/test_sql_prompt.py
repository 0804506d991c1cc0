"""`a2c sql` without a query: at a terminal, and at the end of a pipe."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from a2c_ray.lake import Lake, Store, write_part
from a2c_ray.terminal.sql_prompt import run_statements

A2C = [sys.executable, "-m", "a2c_ray.cli", "sql"]


@pytest.fixture
def lake(tmp_path):
    rows = [{"subcell_id": f"s{k}", "energy_per_atom": -5.0 - k} for k in range(3)]
    write_part(Store.at(tmp_path / "lake"), "relaxed", "MgF2", "run1", "a", rows)
    return tmp_path / "lake"


def fed(lake, text, format="csv"):
    return run_statements(Lake(lake), text.splitlines(keepends=True), format)


def test_statements_over_several_lines_and_several_in_one(lake, capsys):
    assert fed(lake, "SELECT count(*) AS n\nFROM relaxed;\nSELECT 1 AS a; SELECT 2 AS a;\n")
    assert capsys.readouterr().out == "n\n3\na\n1\na\n2\n"


def test_semicolons_in_texts_and_comments_end_nothing(lake, capsys):
    assert fed(lake, "SELECT 'a;\nb' AS t -- no; end\n, 1 AS n;\n", "json")
    assert capsys.readouterr().out == '{"t": "a;\\nb", "n": 1}\n'


def test_the_last_statement_needs_no_semicolon(lake, capsys):
    assert fed(lake, "SELECT 1 AS a")
    assert capsys.readouterr().out == "a\n1\n"


def test_an_error_is_one_line_and_the_rest_is_run(lake, capsys):
    assert not fed(
        lake, "SELECT wrong FROM relaxed;\nDROP VIEW relaxed;\nSELEC 1;\nSELECT 1 AS a;\n"
    )
    captured = capsys.readouterr()
    assert captured.out == "a\n1\n"
    assert captured.err.count("\n") == 3
    assert all(line.startswith("a2c: ") for line in captured.err.splitlines())


def test_nothing_and_comments_alone_are_no_error(lake, capsys):
    assert fed(lake, "\n-- nothing;\n;\n")
    assert capsys.readouterr().out == ""


def test_tables_and_macros(lake, capsys):
    assert fed(lake, ".tables\n")
    lines = capsys.readouterr().out.splitlines()
    assert {"relaxed", "products", "formula(species)", "best(system_name, k)"} < set(lines)


def test_columns(lake, capsys):
    assert fed(lake, ".columns relaxed\n")
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(r"run_id +VARCHAR +identifies the run$", line) for line in lines)
    assert any(re.match(r"max_force +DOUBLE +eV/Å +largest force", line) for line in lines)


@pytest.mark.parametrize("command", [".columns", ".columns nothing", ".fly"])
def test_commands_that_are_none(lake, capsys, command):
    assert not fed(lake, f"{command}\nSELECT 1 AS a;")
    captured = capsys.readouterr()
    assert captured.out == "a\n1\n"
    assert captured.err.count("\n") == 1


def test_quit_ends_the_input(lake, capsys):
    assert fed(lake, ".quit\nSELECT 1;\n")
    assert capsys.readouterr().out == ""


def test_the_program_reads_a_pipe(lake):
    query = "SELECT count(*) AS n FROM relaxed;\n"
    command = [*A2C, "--lake", str(lake), "--format", "csv"]
    done = subprocess.run(command, input=query, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "n\n3\n", "")
    done = subprocess.run(command, input=f"SELEC 1;\n{query}", capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "n\n3\n")
    assert done.stderr.count("\n") == 1


class Terminal:
    """A program at a pseudo-terminal."""

    def __init__(self, command, environment):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            close_fds=True,
            # Programs that a script has put into the background ignore it, and so would this one.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        self._shown = ""

    def read_until(self, text, seconds=20.0):
        end = time.monotonic() + seconds
        while text not in self._shown:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not appear in {self._shown!r}"
            self._shown += os.read(self._ours, 4096).decode(errors="replace")
        before, _, self._shown = self._shown.partition(text)
        return before + text

    def type(self, text):
        os.write(self._ours, text.encode())

    def interrupt(self):
        """As Ctrl-C does; again, since Python misses signals just before it waits for input."""
        for _ in range(20):
            self.process.send_signal(signal.SIGINT)
            if select.select([self._ours], [], [], 1.0)[0]:
                return
        raise AssertionError("the program ignores Ctrl-C")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal(lake, tmp_path):
    environment = os.environ | {"A2C_CACHE": str(tmp_path / "cache"), "TERM": "dumb"}
    terminal = Terminal([*A2C, "--lake", str(lake)], environment)
    yield terminal
    terminal.close()


def test_at_a_terminal(terminal, tmp_path):
    terminal.read_until("a2c> ")
    terminal.type("SELECT count(*) + 40 AS n\n")
    terminal.read_until("...> ")
    terminal.type("FROM relaxed;\n")
    assert "43" in terminal.read_until("a2c> ")
    terminal.type("SELECT wrong FROM relaxed;\n")
    assert "a2c: cannot run this query" in terminal.read_until("a2c> ")
    terminal.type("SELECT this is dropped\n")
    terminal.read_until("...> ")
    terminal.interrupt()
    terminal.read_until("a2c> ")
    terminal.type(".tables\n")
    terminal.read_until("md_trace")
    terminal.read_until("a2c> ")
    terminal.type("\x04")  # Ctrl-D
    assert terminal.process.wait(timeout=20) == 0
    history = (tmp_path / "cache" / "sql_history").read_text()
    assert "SELECT count(*) + 40 AS n\nFROM relaxed;\n" in history
