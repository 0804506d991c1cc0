"""A training in a Ray actor: as here, and when its actor is lost."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from actors import actor_pids
from labels import labelled_silicon

from a2c_ray.training.fitting import Recipe
from a2c_ray.training.labelled import DataError
from a2c_ray.training.networks import Architecture, new_network
from a2c_ray.training.remote import train_on_cluster
from a2c_ray.training.session import Training, train

ARCHITECTURE = Architecture(None, 1, "8x0e+4x1e", 1, 4.0, 8, (8, 4), 6.0, 4, "linear")


@pytest.fixture
def address(cluster) -> str:
    return cluster.address


@pytest.fixture(scope="module")
def training(silicon_f64) -> Training:
    """Of a tiny network, in 30 rounds of two steps."""
    data = labelled_silicon(silicon_f64, 40)
    config, parameters = new_network(ARCHITECTURE, data[:32], seed=0)
    recipe = Recipe(epochs=30, batch_size=16, learning_rate=1e-2)
    return Training(config, parameters, data[:32], data[32:], recipe, 0, 2, None, {})


def place(address: str, folder: Path) -> SimpleNamespace:
    """What a plan says of where a training runs."""
    return SimpleNamespace(address=address, output=folder, cpus=1, gpus=0)


@pytest.mark.slow
def test_an_actor_that_is_lost_changes_nothing(address, training, tmp_path):
    here = train(training, tmp_path / "here")
    killed = []

    def kill_once(step: int, n_steps: int, history: list) -> bool:
        if history and not killed:
            killed.extend(actor_pids("Trainer"))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        return False

    there = train_on_cluster(training, place(address, tmp_path / "there"), kill_once)
    assert killed
    assert there.reason == "finished"
    assert [row["step"] for row in there.history] == [row["step"] for row in here.history]
    for row, expected in zip(there.history, here.history, strict=True):
        assert row["validation_loss"] == pytest.approx(expected["validation_loss"], rel=1e-3)


@pytest.mark.slow
def test_data_that_cannot_be_used_is_told_as_here(address, training, tmp_path):
    nan = training.train[0]._replace(energy=float("nan"))
    broken = replace(training, train=[nan, *training.train[1:]])
    with pytest.raises(DataError, match="energy not finite"):
        train_on_cluster(broken, place(address, tmp_path), lambda *_: False)
