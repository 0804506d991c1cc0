"""A campaign whose cluster loses its head ends in one line, and goes on with another head."""

from __future__ import annotations

import os
import secrets
import time
from tempfile import TemporaryDirectory

import pytest
from campaigns import SMALL, a2c, relaxed
from ray_nodes import free_port, head_options, kill_node, node

from a2c_ray.cache import cache_folder
from a2c_ray.lake import Lake


@pytest.mark.slow
def test_a_head_that_is_killed(small_run, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(cache_folder() / "xla"))
    port = free_port()
    command = ["run", *SMALL, f"cluster.address=127.0.0.1:{port}", "cluster.unit_s=1"]
    with TemporaryDirectory(prefix="ray-") as one, TemporaryDirectory(prefix="ray-") as two:
        with node(tmp_path / "one.log", dict(os.environ), *head_options(port, one, 1)) as head:
            run = a2c(tmp_path, *command)
            while run.poll() is None and not list((tmp_path / "lake/relaxed").rglob("*.parquet")):
                time.sleep(0.05)
            assert run.poll() is None, run.communicate()
            kill_node(head)
            output, _ = run.communicate(timeout=40)
        assert run.returncode == 1, output
        last = output.splitlines()[-1]
        gone = (
            "a2c: the head of the Ray cluster is gone; what is finished is kept. Resume with: a2c"
        )
        assert last.startswith(gone)
        assert "Traceback" not in output
        statuses = "SELECT status FROM runs ORDER BY attempt"
        assert Lake(tmp_path / "lake").sql(statuses).fetchall() == [("failed",)]
        assert 0 < len(relaxed(tmp_path)) < len(relaxed(small_run.folder))
        with node(tmp_path / "two.log", dict(os.environ), *head_options(port, two, 1)):
            again = a2c(tmp_path, *command)
            output, _ = again.communicate(timeout=200)
    assert again.returncode == 0, output
    assert relaxed(tmp_path) == relaxed(small_run.folder)
    assert Lake(tmp_path / "lake").sql(statuses).fetchall() == [("failed",), ("finished",)]
