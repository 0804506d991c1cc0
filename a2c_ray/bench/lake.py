"""Measure the lake: opening it, and one query over all of it, in a fresh process."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from a2c_ray.bench.synthetic import write_random_lake
from a2c_ray.errors import OperationError
from a2c_ray.lake import Lake, Store

LOWEST_TEN = """
SELECT * FROM relaxed
QUALIFY row_number() OVER (PARTITION BY formula, glass_id ORDER BY energy_per_atom) <= 10
"""


def measure_lake(n_rows: int, n_glasses: int, repeats: int) -> dict[str, Any]:
    """Make a lake in a temporary folder, and read it in fresh processes.

    The files have just been written, so they are read from memory.

    Args:
        n_rows: relaxed subcells, about.
        n_glasses: that they are from.
        repeats: processes, of whose times the medians are reported.

    Raises:
        OperationError: a process failed.
    """
    with tempfile.TemporaryDirectory(prefix="a2c-lake-") as folder:
        started = time.perf_counter()
        store = Store.at(folder)
        write_random_lake(store, n_rows, n_glasses)
        write_s = time.perf_counter() - started
        times = [_read_afresh(folder) for _ in range(repeats)]
        size = sum(file.size for file in store.files())
    return {
        "what": "lake",
        "rows": times[0]["rows"],
        "glasses": n_glasses,
        "size_mb": size / 1e6,
        "write_s": write_s,
        "open_s": statistics.median(t["open_s"] for t in times),
        "query_s": statistics.median(t["query_s"] for t in times),
        "query_rows": times[0]["query_rows"],
        "processors": os.cpu_count(),
    }


def read_lake(folder: str) -> dict[str, Any]:
    """Open a lake and count its rows, then query it; what there was, and times in s."""
    started = time.perf_counter()
    lake = Lake(folder)
    n_rows = lake.sql("SELECT count(*) FROM relaxed").fetchall()[0][0]
    opened = time.perf_counter()
    n_found = len(lake.sql(LOWEST_TEN).to_arrow_table())
    return {
        "rows": n_rows,
        "open_s": opened - started,
        "query_rows": n_found,
        "query_s": time.perf_counter() - opened,
    }


def _read_afresh(folder: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "a2c_ray.bench.lake", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise OperationError(f"reading the lake failed: {last}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    print(json.dumps(read_lake(sys.argv[1])))
