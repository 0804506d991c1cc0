"""What must not harm a campaign: lost workers and nodes, crashes, NaNs, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import psutil
import pytest
from actors import actor_pids
from campaigns import relaxed, run_plans, silicon_for_all, small_plan, with_glasses_of

from a2c_ray.campaign import driver
from a2c_ray.campaign.driver import CampaignError
from a2c_ray.campaign.status import Status
from a2c_ray.cluster import crew
from a2c_ray.cluster.resources import Resources
from a2c_ray.errors import TooLargeError
from a2c_ray.lake import Lake
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.potential import Potential


@pytest.fixture
def undisturbed(small_run) -> Path:
    """The folder of the run that nothing disturbed."""
    return small_run.folder


@pytest.fixture
def melted(small_run, tmp_path) -> Path:
    """A folder whose run has its glasses, and nothing else yet."""
    return with_glasses_of(small_run.folder / "lake", tmp_path, "relaxed", "products")


def with_fault(potential: Potential, fault) -> Potential:
    """A potential whose energies go through `fault(numbers, energies)`."""
    model = potential.model

    def atomic_energies(parameters, numbers, edges):
        return fault(numbers, model.atomic_energies(parameters, numbers, edges))

    return replace(potential, model=EnergyModel(atomic_energies, model.cutoff))


@pytest.mark.slow
def test_lost_workers_and_nodes_change_nothing(cluster, undisturbed, tmp_path):
    faults = []

    def disturb(status: Status) -> None:
        if not faults and status.n_actors == 4:
            faults.append("killed")
            os.kill(actor_pids("Worker")[0], signal.SIGKILL)
        if len(faults) == 1 and status.outcomes:
            faults.append("removed")
            cluster.remove_node(cluster.list_all_nodes()[-1])
            cluster.add_node(num_cpus=2)

    campaign = run_plans([small_plan(tmp_path)], Resources(address=cluster.address), disturb)
    assert faults == ["killed", "removed"]
    assert campaign.status.failures == []
    assert relaxed(tmp_path) == relaxed(undisturbed)


@pytest.mark.slow
def test_units_that_always_fail_are_given_up_and_their_subcells_named(
    cluster, undisturbed, tmp_path
):
    def check(numbers):
        if np.any(np.sum(numbers > 0, axis=-1) == 4):
            raise RuntimeError("no energies for four atoms")
        return np.float32(0.0)

    def fail_for_four_atoms(numbers, energies):
        zero = jax.ShapeDtypeStruct((), jnp.float32)
        return energies + jax.pure_callback(check, zero, numbers)

    plan = small_plan(tmp_path, "crystallize.max_subcells=8")
    campaign = run_plans(
        [plan],
        Resources(address=cluster.address, actors=1, write_s=0.0),
        potential_of=lambda choice: with_fault(silicon_for_all(choice), fail_for_four_atoms),
    )
    n_failed = len(campaign.status.failures)
    assert n_failed > 0
    assert all("1 subcells of" in f and "four atoms" in f for f in campaign.status.failures)
    there = relaxed(tmp_path)
    assert len(there) == len({row[0] for row in there}) == 16 - n_failed
    assert all(len(row[5]) < 4 for row in there)
    assert campaign.status.points[plan.run_id].products

    run_plans([plan], Resources(address=cluster.address, actors=1))  # repeated, without the fault
    assert len(relaxed(tmp_path)) == 16


@pytest.mark.slow
def test_a_unit_that_kills_its_actor_is_given_up(cluster, tmp_path):
    def die(numbers, energies):
        if numbers.shape[-1] < 16:
            os._exit(1)
        return energies

    plan = small_plan(tmp_path, "crystallize.max_subcells=1", "melt_quench.replicas=1")
    campaign = run_plans(
        [plan],
        Resources(address=cluster.address, actors=1),
        potential_of=lambda choice: with_fault(silicon_for_all(choice), die),
    )
    assert campaign.is_finished
    [failure] = campaign.status.failures
    assert "1 subcells of" in failure
    assert "the actor died" in failure


@pytest.mark.slow
def test_nan_is_an_outcome(cluster, undisturbed, melted):
    def nan_for_two_atoms(numbers, energies):
        n_atoms = jnp.sum(numbers > 0, axis=-1, keepdims=True)
        return jnp.where(n_atoms == 2, jnp.nan, energies)

    plan = small_plan(melted)
    campaign = run_plans(
        [plan],
        Resources(address=cluster.address, actors=2),
        potential_of=lambda choice: with_fault(silicon_for_all(choice), nan_for_two_atoms),
    )
    assert campaign.status.failures == []
    rows, expected = relaxed(melted), relaxed(undisturbed)
    assert [row[0] for row in rows] == [row[0] for row in expected]
    pairs = [(row, other) for row, other in zip(rows, expected, strict=True) if len(row[5]) == 2]
    assert {row[1] for row, _ in pairs} == {"exploded"}
    assert all(row[3] is None for row, _ in pairs)
    others = [(row, other) for row, other in zip(rows, expected, strict=True) if len(row[5]) != 2]
    assert all(row == other for row, other in others)


@pytest.mark.slow
def test_glasses_that_do_not_fit_together_are_melted_in_halves(cluster, tmp_path):
    def only_two(numbers, energies):
        if numbers.shape[0] > 2 and numbers.shape[-1] == 16:
            raise TooLargeError(f"no memory for {numbers.shape[0]} glasses")
        return energies

    plan = small_plan(tmp_path, "crystallize.max_subcells=1", "melt_quench.replicas=5")
    campaign = run_plans(
        [plan],
        Resources(address=cluster.address, actors=1, unit_replicas=5),
        potential_of=lambda choice: with_fault(silicon_for_all(choice), only_two),
    )
    assert campaign.status.failures == []
    [(n_glasses,)] = Lake(tmp_path / "lake").sql("SELECT count(*) FROM amorphous").fetchall()
    assert n_glasses == 5


@pytest.mark.slow
def test_a_glass_of_nan_fails_with_its_reason(cluster, tmp_path):
    plan = small_plan(tmp_path, "melt_quench.replicas=1")
    campaign = run_plans(
        [plan],
        Resources(address=cluster.address, actors=1),
        potential_of=lambda choice: with_fault(
            silicon_for_all(choice), lambda numbers, energies: energies * jnp.nan
        ),
    )
    [failure] = campaign.status.failures
    assert "nan" in failure
    query = "SELECT outcome, reason FROM amorphous"
    [(outcome, reason)] = Lake(tmp_path / "lake").sql(query).fetchall()
    assert outcome == "failed"
    assert reason in failure


@pytest.mark.slow
def test_a_stopped_process_is_noticed_and_its_unit_done_elsewhere(
    cluster, undisturbed, melted, monkeypatch, caplog
):
    monkeypatch.setattr(crew, "ANSWER_S", 5.0)
    stopped = []

    def stop_one(status: Status) -> None:
        if not stopped and status.outcomes:
            stopped.append(actor_pids("Worker")[0])
            os.kill(stopped[0], signal.SIGSTOP)

    resources = Resources(address=cluster.address, actors=2)
    campaign = run_plans([small_plan(melted)], resources, stop_one)
    assert stopped
    psutil.wait_procs([psutil.Process(pid) for pid in stopped if psutil.pid_exists(pid)], 20)
    assert not psutil.pid_exists(stopped[0])
    assert campaign.status.failures == []
    assert "its process has not answered" in caplog.text
    assert relaxed(melted) == relaxed(undisturbed)


@pytest.mark.slow
def test_a_unit_that_comes_no_further_is_done_elsewhere(
    cluster, undisturbed, melted, monkeypatch, caplog
):
    monkeypatch.setattr(driver, "LEAST_PATIENCE_S", 15.0)
    monkeypatch.setattr(driver, "PATIENCE", 0.2)  # the first units have to compile
    armed, hung = melted / "armed", melted / "hung"

    def hang_once(numbers):
        if armed.exists() and not hung.exists():
            hung.touch()
            time.sleep(1000)
        return np.float32(0.0)

    def fault(numbers, energies):
        zero = jax.ShapeDtypeStruct((), jnp.float32)
        return energies + jax.pure_callback(hang_once, zero, numbers)

    def arm(status: Status) -> None:
        if status.n_units_done >= 2:  # relaxations whose time is known now
            armed.touch()

    campaign = run_plans(
        [small_plan(melted)],
        Resources(address=cluster.address, actors=2),
        arm,
        potential_of=lambda choice: with_fault(silicon_for_all(choice), fault),
    )
    assert hung.exists()
    assert campaign.status.failures == []
    assert "it has come no further" in caplog.text
    assert [row[:2] for row in relaxed(melted)] == [row[:2] for row in relaxed(undisturbed)]


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A disk of 700 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_stops_the_campaign_and_loses_nothing(cluster, undisturbed, small_disk):
    ballast = small_disk / "ballast"

    def fill(status: Status) -> None:
        if status.outcomes and not ballast.exists():
            free = os.statvfs(small_disk)
            ballast.write_bytes(np.random.default_rng(0).bytes(free.f_bavail * free.f_frsize))

    plan = small_plan(small_disk)
    with pytest.raises(CampaignError, match=r"cannot write to .*: No space left on device"):
        run_plans([plan], Resources(address=cluster.address, actors=2), fill)
    before = len(relaxed(small_disk))
    assert 0 < before < 200
    ballast.unlink()
    run_plans([plan], Resources(address=cluster.address, actors=2))
    assert relaxed(small_disk) == relaxed(undisturbed)


@pytest.mark.slow
def test_a_disk_that_is_unmounted_stops_the_campaign_and_loses_nothing(
    cluster, undisturbed, small_disk, tmp_path
):
    image = tmp_path / "elsewhere"
    image.mkdir()

    def unmount(status: Status) -> None:
        if status.outcomes and not any(image.iterdir()):
            subprocess.run(["mount", "--move", str(small_disk), str(image)], check=True)

    plan = small_plan(small_disk)
    with pytest.raises(CampaignError, match="is gone; is its disk mounted"):
        run_plans([plan], Resources(address=cluster.address, actors=2), unmount)
    assert list(small_disk.iterdir()) == []  # no second lake where the first was
    subprocess.run(["mount", "--move", str(image), str(small_disk)], check=True)
    assert 0 < len(relaxed(small_disk)) < 200
    run_plans([plan], Resources(address=cluster.address, actors=2))
    assert relaxed(small_disk) == relaxed(undisturbed)
