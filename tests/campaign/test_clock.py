"""A clock that is set by a day while a campaign runs, in driver, actors and all of Ray.

libfaketime (Debian: `libfaketime`, or `A2C_LIBFAKETIME=its .so file`) stands in for the clock.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from campaigns import SMALL, a2c, relaxed

LIBRARIES = (
    os.environ.get("A2C_LIBFAKETIME", ""),
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
)

LIBRARY = next((path for path in LIBRARIES if path and Path(path).is_file()), None)


@pytest.mark.slow
@pytest.mark.skipif(LIBRARY is None, reason="no libfaketime")
@pytest.mark.parametrize("jumps", [("+1d", "+0"), ("-1d", "+2d")])
def test_a_clock_that_is_set_changes_nothing(small_run, tmp_path, monkeypatch, jumps):
    clock = tmp_path / "clock"
    clock.write_text("+0")
    monkeypatch.setenv("LD_PRELOAD", LIBRARY)
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    monkeypatch.setenv("NO_FAKE_STAT", "1")
    run = a2c(tmp_path, "run", *SMALL)
    for jump, table in zip(jumps, ("amorphous", "relaxed"), strict=True):
        while run.poll() is None and not list((tmp_path / "lake" / table).rglob("*.parquet")):
            time.sleep(0.02)
        assert run.poll() is None, run.communicate()
        clock.write_text(jump)
    output, _ = run.communicate(timeout=200)
    assert run.returncode == 0, output
    assert "failed:" not in output
    assert relaxed(tmp_path) == relaxed(small_run.folder)
