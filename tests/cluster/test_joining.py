"""Clusters that `ray start` made, of several nodes, too small ones, and ones that are not there."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
import ray
from campaigns import SMALL, a2c, relaxed
from ray_nodes import free_port, head_options, node

from a2c_ray.cache import cache_folder
from a2c_ray.cluster import crew, nodes
from a2c_ray.cluster.nodes import NoClusterError, start_ray
from a2c_ray.cluster.resources import ActorKind

LEAST = ("crystallize.max_subcells=12", "seed=3")


class Cluster(NamedTuple):
    """address: of the head. cache: A2C_CACHE of the nodes."""

    address: str
    cache: Path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """A head without room for actors, and two nodes with room for one each."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    logs = tmp_path_factory.mktemp("logs")
    cache = tmp_path_factory.mktemp("cache-of-the-nodes")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "token")  # the cluster is open to this machine's network
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        compiled = str(cache_folder() / "xla")
        there = os.environ | {"A2C_CACHE": str(cache), "JAX_COMPILATION_CACHE_DIR": compiled}
        sockets = stack.enter_context(TemporaryDirectory(prefix="ray-"))  # their paths are short
        stack.enter_context(node(logs / "head", there, *head_options(port, sockets, cpus=0)))
        for name in ("one", "two"):
            worker = node(logs / name, there, f"--address={address}", "--num-cpus=1")
            stack.enter_context(worker)
        yield Cluster(address, cache)


@pytest.mark.slow
def test_a_campaign_on_nodes_that_have_no_weights(cluster, tmp_path):
    arguments = ["run", *SMALL, *LEAST, f"cluster.address={cluster.address}"]
    run = a2c(tmp_path, *arguments)
    output, _ = run.communicate(timeout=200)
    assert run.returncode == 0, output
    assert len(relaxed(tmp_path)) == 24
    assert list(cluster.cache.iterdir()) == []


@pytest.mark.slow
def test_a_cluster_without_room_is_told_of_and_waited_for(cluster, tmp_path):
    run = a2c(tmp_path, "run", *SMALL, f"cluster.address={cluster.address}", "cluster.gpus=1")
    lines = []
    with run:
        for line in run.stdout:
            lines.append(line)
            if "no actor after" in line:
                os.kill(run.pid, signal.SIGINT)
    assert run.returncode == 130, lines
    output = " ".join("".join(lines).split())
    assert "one wants 1 CPU and 1 GPU; the cluster has" in output
    assert "2 nodes with 1 CPU and 0 GPU" in output


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_a_cluster_that_is_not_there_is_one_line(scheme):
    port = free_port()
    address = f"{scheme}127.0.0.1:{port}"
    begin = time.monotonic()
    with pytest.raises(NoClusterError) as error:
        start_ray(address)
    assert time.monotonic() - begin < 10
    assert str(error.value) == f"cluster.address={address}: cannot join it (Connection refused)"


@pytest.mark.parametrize("fails", [1, 2])
def test_where_ray_starts_too_slowly_it_is_started_again(monkeypatch, caplog, fails):
    """On a machine without time left; Ray itself gives up after 30 s."""
    starts = []

    def init(**options):
        starts.append(options["address"])
        if len(starts) <= fails:
            raise Exception("The current node timed out during startup.")

    monkeypatch.setattr(ray, "init", init)
    monkeypatch.setattr(ray, "shutdown", lambda: None)
    if fails == 2:
        with pytest.raises(NoClusterError, match=r"timed out during startup.*repeat the command"):
            start_ray(None)
    else:
        start_ray(None)
    assert starts == ["local", "local"]
    assert "started again" in caplog.text


def test_an_address_that_is_none_is_one_line():
    for address in ("no-port", "a.host.invalid:6379", "host:65536000", "host:port"):
        with pytest.raises(
            NoClusterError, match=f"cluster.address={address}: cannot join"
        ) as error:
            start_ray(address)
        assert "\n" not in str(error.value)


@pytest.fixture
def alone(monkeypatch):
    """A crew on a cluster of given nodes on which no actor ever starts."""

    def on(kinds: list[ActorKind], *there: dict[str, float]) -> crew.Crew:
        listed = [{"Alive": True, "Resources": resources} for resources in there]
        monkeypatch.setattr(nodes.ray, "nodes", lambda: listed)
        monkeypatch.setattr(nodes.ray, "available_resources", lambda: {"CPU": 1.0})
        monkeypatch.setattr(crew, "_start", lambda kind: crew.Member(None, kind, None))
        return crew.Crew(kinds, most=9)

    return on


def wait_alone(monkeypatch, caplog, lonely: crew.Crew, seconds: list[float]) -> list[str]:
    """What is said if somebody looks for room at these times."""
    with caplog.at_level(logging.WARNING, logger="a2c_ray"):
        for second in seconds:
            now = 1000.0 + second
            monkeypatch.setattr(crew.time, "monotonic", lambda now=now: now)
            lonely.recruit()
    return caplog.messages


def test_what_fits_nowhere_is_said_once(alone, monkeypatch, caplog):
    kinds = [ActorKind("cpu", 4, 0.0, (("highmem", 1.0),), None)]
    lonely = alone(kinds, {"CPU": 2.0}, {"CPU": 2.0}, {"CPU": 64.0})
    [said] = wait_alone(monkeypatch, caplog, lonely, [0.0, 6.0, 12.0, 18.0, 600.0])
    assert said == (
        "no actor after 12 s: one wants 4 CPU and 1 highmem; the cluster has 2 nodes with 2 CPU "
        "and 0 highmem, 1 node with 64 CPU and 0 highmem; free: 1 CPU and 0 highmem; "
        "waiting for nodes to come or others to leave"
    )


def test_where_actors_fit_they_may_take_their_time(alone, monkeypatch, caplog):
    lonely = alone([ActorKind("cpu", 2, 0.0, (), None)], {"CPU": 2.0})
    assert wait_alone(monkeypatch, caplog, lonely, [0.0, 12.0, 50.0]) == []
    [said] = wait_alone(monkeypatch, caplog, lonely, [61.0, 67.0])
    assert said.startswith(
        "no actor after 61 s: one wants 2 CPU; the cluster has 1 node with 2 CPU"
    )
