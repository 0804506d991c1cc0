"""Trainings from beginning to end."""

from __future__ import annotations

import csv
import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
from labels import labelled_silicon

from a2c_ray.errors import OperationError
from a2c_ray.potentials.loading import load_potential
from a2c_ray.training.batches import MAX_STRATA
from a2c_ray.training.checkpoints import CheckpointError
from a2c_ray.training.fitting import Recipe
from a2c_ray.training.labelled import DataError
from a2c_ray.training.networks import Architecture, new_network
from a2c_ray.training.parity import parity_errors
from a2c_ray.training.session import DivergedError, Training, identity, train

ARCHITECTURE = Architecture(None, 2, "16x0e+8x1e", 1, 4.0, 8, (16, 8), 6.0, 8, "linear")
SMALLEST = Architecture(None, 1, "8x0e", 1, 4.0, 8, (8, 8), 6.0, 8, "linear")
"""Where what it learns is not the point."""


@pytest.fixture(scope="module")
def data(silicon_f64):
    return labelled_silicon(silicon_f64, 220)


def training(data, **changes) -> Training:
    """Of a small network, whose structures are all padded to one size: less is compiled."""
    architecture = changes.pop("architecture", ARCHITECTURE)
    config, parameters = new_network(architecture, data[:180], seed=0)
    recipe = Recipe(epochs=3, batch_size=20, learning_rate=1e-2, averaging=0.95)
    return Training(
        config=config,
        parameters=parameters,
        train=data[:180],
        validation=data[180:],
        recipe=dataclasses.replace(recipe, **changes.pop("recipe", {})),
        seed=0,
        round_steps=changes.pop("round_steps", 1000),
        patience=changes.pop("patience", None),
        provenance={},
        max_strata=changes.pop("max_strata", 1),
        **changes,
    )


def weights(folder) -> list[np.ndarray]:
    import jax

    return jax.tree.leaves(load_potential(folder).parameters)


@pytest.mark.slow
def test_a_network_learns_silicon_in_half_a_minute(data, tmp_path):
    """To 25 meV/atom and 0.25 eV/Å, where energies spread by 0.2 eV/atom and forces by 2 eV/Å."""
    outcome = train(training(data, recipe={"epochs": 40}, max_strata=MAX_STRATA), tmp_path)
    assert outcome.reason == "finished"
    assert outcome.history[-1]["epoch"] == 40
    errors = {
        r.quantity: r
        for r in parity_errors(load_potential(outcome.potential), data[180:])
        if r.element == "all"
    }
    assert np.std([x.energy / len(x.forces) for x in data[180:]]) > 0.2
    assert np.std(np.concatenate([x.forces for x in data[180:]])) > 2.0
    assert errors["energy"].mae < 0.025
    assert errors["forces"].mae < 0.25
    # The saved potential is the one that was validated.
    assert errors["energy"].mae == pytest.approx(outcome.best["validation_energy_mae"], rel=0.02)


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_exactly(data, tmp_path):
    """The same losses and weights, to the last bit, as without a stop in the second epoch."""
    whole = train(training(data), tmp_path / "whole")
    stopped = train(training(data), tmp_path / "stopped", lambda step, *_: step == 14)
    assert stopped.reason == "interrupted"
    assert [row["step"] for row in stopped.history] == [9]
    resumed = train(training(data), tmp_path / "stopped")
    assert resumed.history == whole.history
    for a, b in zip(weights(resumed.potential), weights(whole.potential), strict=True):
        np.testing.assert_array_equal(a, b)
    with (tmp_path / "stopped/metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["train_loss"]) for row in rows] == [r["train_loss"] for r in whole.history]
    again = train(training(data), tmp_path / "stopped", lambda *_: pytest.fail("a step"))
    assert again.history == whole.history


@pytest.mark.slow
def test_checkpoints_of_other_settings_and_damaged_ones_are_refused(data, tmp_path):
    train(training(data), tmp_path)
    with pytest.raises(CheckpointError, match="other settings or data"):
        train(training(data, recipe={"learning_rate": 2e-2}), tmp_path)
    with pytest.raises(CheckpointError, match="other settings or data"):
        train(dataclasses.replace(training(data), train=data[:179]), tmp_path)
    latest = max((tmp_path / "checkpoints").glob("*[0-9]"), key=lambda path: int(path.name))
    for arrays in latest.glob("**/d/*"):
        content = bytearray(arrays.read_bytes())
        middle = len(content) // 2
        content[middle : middle + 64] = bytes(64)
        arrays.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        train(training(data), tmp_path)
    assert f"checkpoint {latest} is damaged" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_it_stops_early(data, tmp_path):
    """A learning rate too small to improve on anything, after two rounds without progress."""
    recipe = {"epochs": 50, "learning_rate": 1e-30}
    fruitless = training(data, architecture=SMALLEST, recipe=recipe, patience=2, round_steps=3)
    outcome = train(fruitless, tmp_path)
    assert outcome.reason == "early stop"
    assert [row["step"] for row in outcome.history] == [3, 6, 9]


@pytest.mark.slow
def test_what_stops_a_training_says_so(data, tmp_path):
    nan = data[3]._replace(energy=float("nan"))
    with pytest.raises(DataError, match="structure 3: energy not finite"):
        train(dataclasses.replace(training(data), train=[*data[:3], nan]), tmp_path / "a")
    with pytest.raises(DivergedError, match=r"not finite at step .*learning_rate"):
        train(training(data, recipe={"learning_rate": 1e30}), tmp_path / "b")
    with pytest.raises(OperationError, match="before its first round"):
        train(training(data), tmp_path / "c", lambda *_: True)


@pytest.mark.slow
def test_two_devices_take_the_same_steps_as_one(data, tmp_path):
    """Each with half of the slots: the same losses but for the order of sums."""
    from pathlib import Path

    here = train(training(data), tmp_path / "one")
    script = tmp_path / "two.py"
    script.write_text(
        "import sys\n"
        f"sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[1])!r}]\n"
        "import jax\n"
        "from test_session import training\n"
        "from labels import labelled_silicon\n"
        "from a2c_ray.potentials.loading import load_potential\n"
        "from a2c_ray.training.session import train\n"
        "from pathlib import Path\n"
        "assert len(jax.devices()) == 2\n"
        "data = labelled_silicon(load_potential('stillinger-weber', 'float64'), 220)\n"
        f"train(training(data), Path({str(tmp_path / 'two')!r}))\n"
    )
    devices = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, str(script)], env=os.environ | devices, check=True)
    with (tmp_path / "two/metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(here.history)
    for row, expected in zip(rows, here.history, strict=True):
        assert float(row["validation_loss"]) == pytest.approx(expected["validation_loss"], rel=1e-2)
        assert float(row["train_loss"]) == pytest.approx(expected["train_loss"], rel=1e-2)


def test_other_stresses_are_another_training(data):
    turned = [structure._replace(stress=-structure.stress) for structure in data]
    unknown = [structure._replace(stress=None) for structure in data]
    assert len({identity(training(structures)) for structures in (data, turned, unknown)}) == 3


def test_where_training_ends_and_validation_begins_is_no_other_training(data):
    whole = training(data)
    fewer = dataclasses.replace(whole, train=data[:170], validation=data[170:])
    assert identity(fewer) != identity(whole)
