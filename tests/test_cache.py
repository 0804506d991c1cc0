"""Programs of several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from a2c_ray import cache

PROGRAM = """
import sys, time
from a2c_ray.cache import one_compiles, use_compilation_cache
use_compilation_cache()
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
with one_compiles("a program"):
    waited = time.monotonic() - began
    print(f"{waited:.3f}", flush=True)
    time.sleep(float(sys.argv[1]))
with one_compiles("a program"):
    print("again", flush=True)
"""


@pytest.fixture
def process(tmp_path):
    """Starts processes that want a program, and take so long to compile it."""
    with ExitStack() as stack:

        def start(seconds):
            started = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(seconds)],
                env=os.environ | {"A2C_CACHE": str(tmp_path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(started)
            assert started.stdout.readline() == "ready\n"
            return started

        yield start


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_one_process_compiles_and_the_others_wait(process):
    first, second, third = (process(1.5) for _ in range(3))
    go(first)
    assert float(first.stdout.readline()) < 0.5
    go(second)
    go(third)
    began = time.monotonic()
    assert float(second.stdout.readline()) > 0.5
    assert float(third.stdout.readline()) > 0.5
    assert time.monotonic() - began < 2.5  # they load the program side by side
    for one in (first, second, third):
        assert one.stdout.readline() == "again\n"
        assert one.wait(10) == 0
    late = process(0)
    go(late)
    assert float(late.stdout.readline()) < 0.5
    assert late.wait(10) == 0


def test_a_process_that_is_stopped_holds_nobody_up_for_ever(process, tmp_path, monkeypatch):
    first = process(100)
    go(first)
    first.stdout.readline()
    first.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(cache, "PATIENCE_S", 0.5)
    [lock] = (tmp_path / "xla" / "known").glob("*.lock")
    with lock.open("w") as file:
        began = time.monotonic()
        assert not cache._is_ours(file)
    assert 0.4 < time.monotonic() - began < 5.0
    first.kill()


def test_a_process_that_is_killed_holds_up_nobody(process):
    first, second = process(100), process(0)
    go(first)
    first.stdout.readline()
    go(second)
    first.kill()
    assert float(second.stdout.readline()) < 5
    assert second.wait(10) == 0
    first.wait(10)


def test_programs_are_dropped_once_they_take_too_many_maps(monkeypatch):
    import jax

    program = jax.jit(lambda x: x + 1)
    assert program(1) == 2
    cache.drop_programs_if_many()
    assert program._cache_size() == 1
    monkeypatch.setattr(cache, "MOST_MAPS", 0)
    cache.drop_programs_if_many()
    assert program._cache_size() == 0
    assert program(1) == 2
