"""Logs that programs read."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from a2c_ray.terminal.console import open_console
from a2c_ray.terminal.log import JsonHandler, logging_to


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


@pytest.fixture
def logger(path):
    logger, handler = logging.getLogger("a2c_ray.of_a_test"), JsonHandler(path)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_a_record(logger, path):
    logger.info("%d subcells of %s", 24, "g0")
    logger.warning("two\nlines")
    first, second = lines(path)
    assert (first["level"], first["message"]) == ("info", "24 subcells of g0")
    assert (second["level"], second["message"]) == ("warning", "two\nlines")
    time = datetime.fromisoformat(first["time"])
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=1)
    assert set(first) == {"time", "level", "message"}


def test_extra_fields_are_fields(logger, path):
    logger.info("done", extra={"event": "finished", "wall_s": 1.5})
    [line] = lines(path)
    assert (line["event"], line["wall_s"]) == ("finished", 1.5)


def test_what_is_no_json_is_text(logger, path):
    logger.info("Å", extra={"where": Path("/lake"), "error": ValueError("no")})
    [line] = lines(path)
    assert (line["message"], line["where"], line["error"]) == ("Å", "/lake", "no")


def test_a_log_is_continued(path):
    for n in range(2):
        handler = JsonHandler(path)
        handler.handle(logging.makeLogRecord({"msg": f"run {n}"}))
        handler.close()
    assert [line["message"] for line in lines(path)] == ["run 0", "run 1"]


def test_warnings_do_not_control_the_terminal(path, capsys):
    with logging_to(open_console(), path):
        logging.getLogger("a2c_ray.of_a_test").warning("part \x1b[2J of \x9b")
    shown = capsys.readouterr().out
    assert r"part \x1b[2J of \x9b" in shown
    assert lines(path)[0]["message"] == "part \x1b[2J of \x9b"
