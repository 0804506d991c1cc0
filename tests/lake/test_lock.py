"""A run has one driver at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from a2c_ray.lake import RunLockedError, Store, is_held, run_lock

HOLDER = """
import sys, time
from a2c_ray.lake import Store, run_lock
with run_lock(Store.at(sys.argv[1]), "run1"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path)


def test_a_second_driver_is_told_who_the_first_is(store, tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunLockedError, match=f"run1 is being run by process {holder.pid} on "),
            run_lock(store, "run1"),
        ):
            pass
        assert is_held(store, "run1")
        assert not is_held(store, "run2")
        with run_lock(store, "run2"):
            pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    assert not is_held(store, "run1")
    with run_lock(store, "run1"):  # a killed driver holds nothing
        pass


def test_a_run_can_be_held_again(store):
    for _ in range(2):
        with run_lock(store, "run1"):
            assert f"process {os.getpid()} on " in store.read(".locks/run1.lock").decode()


def test_looking_at_a_lock_does_not_hold_it(store):
    with run_lock(store, "run1"):
        pass
    for _ in range(3):
        assert not is_held(store, "run1")
        with run_lock(store, "run1"):
            assert is_held(store, "run1")
