"""Actors that fit on clusters of all kinds, and clusters that are not there."""

from __future__ import annotations

import math

import numpy as np
import pytest
import ray
from campaigns import SMALL, a2c
from ray import cloudpickle

from a2c_ray.cluster.nodes import actor_kinds, room_for
from a2c_ray.cluster.resources import Resources
from a2c_ray.cluster.worker import environment


@pytest.fixture
def cluster_of(monkeypatch):
    """Lets Ray report nodes with given resources."""

    def report(*nodes: dict[str, float], dead: dict[str, float] | None = None) -> None:
        listed = [{"Alive": True, "Resources": resources} for resources in nodes]
        if dead:
            listed.append({"Alive": False, "Resources": dead})
        names = {name for resources in nodes for name in resources}
        total = {name: sum(r.get(name, 0.0) for r in nodes) for name in names}
        monkeypatch.setattr(ray, "nodes", lambda: listed)
        monkeypatch.setattr(ray, "cluster_resources", lambda: total)

    return report


def rooms(resources: Resources) -> dict[str, int]:
    kinds = actor_kinds(resources)
    return {kind.name: room_for(kind, kinds) for kind in kinds}


def test_actors_do_not_straddle_nodes(cluster_of):
    cluster_of({"CPU": 6.0}, {"CPU": 7.0}, {"CPU": 3.0}, dead={"CPU": 64.0})
    assert rooms(Resources(cpus=4)) == {"cpu": 2}


def test_each_gpu_has_an_actor(cluster_of):
    cluster_of({"CPU": 32.0, "GPU": 4.0}, {"CPU": 2.0, "GPU": 4.0}, {"CPU": 64.0})
    assert rooms(Resources()) == {"gpu": 6}
    assert rooms(Resources(cpus=2)) == {"gpu": 5}


def test_actors_share_gpus(cluster_of):
    cluster_of({"CPU": 16.0, "GPU": 2.0})
    assert rooms(Resources(gpus=0.5)) == {"gpu": 4}
    assert rooms(Resources(gpus=0.1)) == {"gpu": 16}


def test_a_mixed_cluster_can_use_its_other_processors(cluster_of):
    cluster_of({"CPU": 8.0, "GPU": 2.0}, {"CPU": 5.0})
    assert rooms(Resources(cpus=2, cpu_actors=None)) == {"gpu": 2, "cpu": 4}
    assert rooms(Resources(cpus=2)) == {"gpu": 2}
    assert rooms(Resources(gpus=0.0, cpus=2)) == {"cpu": 6}


def test_other_resources_are_reserved_by_name(cluster_of):
    cluster_of({"CPU": 8.0, "highmem": 2.0}, {"CPU": 8.0})
    assert rooms(Resources(custom={"highmem": 1.0})) == {"cpu": 2}


def test_one_actor_is_asked_for_where_none_fits_so_that_clusters_can_grow(cluster_of):
    cluster_of({"CPU": 0.0})
    assert rooms(Resources()) == {"cpu": 1}


def test_actors_on_cpus_do_not_see_gpus():
    assert environment(cpus=3, on_gpu=False)["JAX_PLATFORMS"] == "cpu"
    assert environment(cpus=3, on_gpu=False)["OMP_NUM_THREADS"] == "3"
    assert environment(cpus=3, on_gpu=True)["JAX_PLATFORMS"].startswith("cuda")


def test_a_network_travels_to_the_nodes_unchanged(sevennet, diamond):
    there = cloudpickle.loads(cloudpickle.dumps(sevennet))
    [ours], [theirs] = sevennet.evaluate([diamond]), there.evaluate([diamond])
    assert math.isfinite(ours.energy)
    assert theirs.energy == ours.energy
    np.testing.assert_array_equal(theirs.forces, ours.forces)


def test_a_cluster_that_is_not_there_is_one_line(tmp_path):
    run = a2c(tmp_path, "run", *SMALL, "cluster.address=127.0.0.1:6390")
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 1
    assert output.splitlines()[-1].startswith("a2c: cluster.address=127.0.0.1:6390: cannot join it")
    assert "Traceback" not in output
