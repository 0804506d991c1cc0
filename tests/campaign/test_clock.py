"""A clock that is set by a day while a campaign runs: in the driver, the actors and all of Ray."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest
from campaigns import SMALL, a2c, relaxed

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static long ahead(void) {
    static volatile long *seconds;
    if (!seconds) {
        int file = open(getenv("CLOCK_AHEAD"), O_RDONLY);
        if (file < 0) return 0;
        seconds = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    }
    return *seconds;
}

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id, now);
    if (!status && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return status;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    int status = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return status;
}

time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}
"""
"""Stands for the clock of a machine: what it says is as many seconds ahead as a file says."""

DAY = 86_400


@pytest.fixture(scope="module")
def shim(tmp_path_factory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "clock.c").write_text(SHIM)
    library = folder / "clock.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, folder / "clock.c", "-ldl"]
    subprocess.run(command, check=True)
    return library


def set_clock(file: Path, seconds: int) -> None:
    """In place: processes have the file in memory."""
    file.touch()
    with file.open("r+b") as opened:
        opened.write(struct.pack("l", seconds))


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [(DAY, 0), (-DAY, 2 * DAY)], ids=["forwards", "backwards"])
def test_a_clock_that_is_set_changes_nothing(small_run, shim, tmp_path, monkeypatch, jumps):
    clock = tmp_path / "ahead"
    set_clock(clock, 0)
    monkeypatch.setenv("LD_PRELOAD", str(shim))
    monkeypatch.setenv("CLOCK_AHEAD", str(clock))
    run = a2c(tmp_path, "run", *SMALL)
    for jump, table in zip(jumps, ("amorphous", "relaxed"), strict=True):
        while run.poll() is None and not list((tmp_path / "lake" / table).rglob("*.parquet")):
            time.sleep(0.02)
        assert run.poll() is None, run.communicate()
        set_clock(clock, jump)
    output, _ = run.communicate(timeout=200)
    assert run.returncode == 0, output
    assert "failed:" not in output
    assert relaxed(tmp_path) == relaxed(small_run.folder)
    log = next((tmp_path / "outputs").rglob("campaign.jsonl")).read_text()
    dates = {json.loads(line)["time"][:10] for line in log.splitlines()}
    assert len(dates) > 1, "nobody has seen the clock jump"
