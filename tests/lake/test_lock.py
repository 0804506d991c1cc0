"""A run has one driver at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from a2c_ray.lake import RunLockedError, run_lock

HOLDER = """
import sys, time
from pathlib import Path
from a2c_ray.lake import run_lock
with run_lock(Path(sys.argv[1]), "run1"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_driver_is_told_who_the_first_is(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunLockedError, match=f"run1 is being run by process {holder.pid} on "),
            run_lock(tmp_path, "run1"),
        ):
            pass
        with run_lock(tmp_path, "run2"):
            pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    with run_lock(tmp_path, "run1"):  # a killed driver holds nothing
        pass


def test_a_run_can_be_held_again(tmp_path):
    for _ in range(2):
        with run_lock(tmp_path, "run1"):
            assert f"process {os.getpid()} on " in (tmp_path / ".locks" / "run1.lock").read_text()
