"""Results come back from every format."""

from __future__ import annotations

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from a2c_ray.lake import Lake, QueryError, Store, write_part, write_result

ROWS = [
    {"subcell_id": "g0-1", "energy_per_atom": -5.3, "lattice": [1.0] * 9},
    {"subcell_id": "g0-2", "energy_per_atom": None, "lattice": [1.0] * 9},
]
QUERY = "SELECT subcell_id, energy_per_atom, lattice FROM relaxed ORDER BY subcell_id"


@pytest.fixture
def result(tmp_path):
    write_part(Store.at(tmp_path / "lake"), "relaxed", "MgF2", "run1", "a", ROWS)
    return Lake(tmp_path / "lake").sql(QUERY)


def test_csv(result, capsys):
    write_result(result, "csv", None)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["subcell_id"] for row in rows] == ["g0-1", "g0-2"]
    assert json.loads(rows[0]["lattice"]) == [1.0] * 9
    assert rows[1]["energy_per_atom"] == ""


def test_json(result, capsys):
    write_result(result, "json", None)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == ROWS


def test_numbers_are_numbers_in_json(result, tmp_path, capsys):
    query = "SELECT sum(3) AS a, -8.5 * sum(2) AS b, 'nan'::DOUBLE AS c, [1.0, 'inf'::DOUBLE] AS d"
    write_result(Lake(tmp_path / "lake").sql(f"{query}, DATE '2026-01-02' AS e"), "json", None)
    assert json.loads(capsys.readouterr().out) == {
        "a": 3, "b": -17.0, "c": None, "d": [1.0, None], "e": "2026-01-02"
    }  # fmt: skip


def test_parquet_needs_a_file(result, tmp_path):
    write_result(result, "parquet", tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == ROWS
    with pytest.raises(QueryError, match="--output"):
        write_result(result, "parquet", None)


def test_table(result, capsys):
    write_result(result, "table", None)
    assert "g0-2" in capsys.readouterr().out


def test_files_hold_what_the_terminal_would_show(result, tmp_path, capsys):
    write_result(result, "csv", tmp_path / "out.csv")
    write_result(result, "csv", None)
    assert (tmp_path / "out.csv").read_text() == capsys.readouterr().out


HOSTILE = "'\x1b]0;title\x07' || chr(155) || '2J' || chr(8238)"
"""Sets the title of a window, clears it, and lets what follows run from right to left."""


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_what_rows_hold_does_not_control_a_terminal(result, tmp_path, monkeypatch, format):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    lake = Lake(tmp_path / "lake")
    write_result(lake.sql(f"SELECT {HOSTILE} AS name"), format, None)
    shown = terminal.getvalue()
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert "]0;title" in shown
    assert "2J" in shown


def test_files_hold_what_rows_hold(result, tmp_path):
    write_result(Lake(tmp_path / "lake").sql(f"SELECT {HOSTILE} AS name"), "csv", tmp_path / "it")
    assert (tmp_path / "it").read_text() == "name\n\x1b]0;title\x07\x9b2J\u202e\n"
