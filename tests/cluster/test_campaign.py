"""A small campaign on a local Ray cluster: whole, killed and resumed, and with failures."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from a2c_ray.lake import Lake

SMALL = [
    "system=custom",
    "system.name=Si",
    "system.formula=Si",
    "system.t_high=3000",
    "system.volume_per_atom=20",
    "potential=stillinger-weber",
    "melt_quench.n_atoms=16",
    "melt_quench.steps=[40,40,40]",
    "crystallize.max_subcells=40",
    "crystallize.max_atoms=4",
    "crystallize.max_steps=120",
    "cluster.unit_subcells=10",
]


def a2c(folder: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "a2c_ray.cli", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def n_parts(folder: Path, table: str) -> int:
    return len(list((folder / "lake" / table).rglob("*.parquet")))


def relaxed(folder: Path) -> list[tuple]:
    query = """
        SELECT subcell_id, outcome, steps, energy_per_atom, lattice, frac_coords
        FROM relaxed ORDER BY subcell_id
    """
    return Lake(folder / "lake").sql(query).fetchall()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    run = a2c(folder, "run", *SMALL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    return folder, output


def test_every_subcell_is_in_the_lake_once(undisturbed):
    folder, _ = undisturbed
    lake = Lake(folder / "lake")
    assert lake.sql("SELECT count(*), count(DISTINCT subcell_id) FROM relaxed").fetchall()[0] == (
        80,
        80,
    )
    glasses = lake.sql("SELECT glass_id, density, energy_per_atom, temperature FROM amorphous")
    assert len(glasses.fetchall()) == 2
    density = lake.sql("SELECT min(density), max(density) FROM amorphous").fetchall()[0]
    assert density == pytest.approx((2.332, 2.332), abs=1e-3)
    trace = lake.sql("SELECT count(*), max(step), count(frac_coords) FROM md_trace").fetchall()[0]
    assert trace == (24, 120, 24)
    status, config = lake.sql("SELECT status, config FROM runs").fetchall()[0]
    assert status == "finished"
    assert '"potential.name": "stillinger-weber"' in config


def test_products_are_ranked_and_shown(undisturbed):
    folder, output = undisturbed
    lake = Lake(folder / "lake")
    products = lake.sql(
        "SELECT energy_per_atom, delta_mev, n_subcells, subcell_ids FROM products "
        "ORDER BY energy_per_atom"
    ).fetchall()
    lowest = lake.sql("SELECT min(energy_per_atom) FROM relaxed").fetchall()[0][0]
    assert products[0][0] == lowest
    assert products[0][1] == 0.0
    assert products[0][2] == len(products[0][3])
    assert f"{lowest:.4f}" in output
    assert "a2c sql" in output
    assert len(list((folder / "lake" / "cif").rglob("*.cif"))) == len(products)


def test_a_finished_run_is_not_done_again(undisturbed):
    folder, _ = undisturbed
    before = relaxed(folder)
    started = time.monotonic()
    run = a2c(folder, "run", *SMALL)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 0, output
    assert "Products" in output
    assert relaxed(folder) == before
    assert Lake(folder / "lake").sql("SELECT count(*) FROM runs").fetchall()[0] == (2,)
    assert time.monotonic() - started < 60


def test_a_killed_run_is_finished_by_repeating_it(undisturbed, tmp_path):
    run = a2c(tmp_path, "run", *SMALL)
    deadline = time.monotonic() + 240
    while n_parts(tmp_path, "relaxed") < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert 0 < n_parts(tmp_path, "relaxed") < 8
    again = a2c(tmp_path, "run", *SMALL)
    output, _ = again.communicate(timeout=300)
    assert again.returncode == 0, output
    assert relaxed(tmp_path) == relaxed(undisturbed[0])


def test_a_truncated_part_is_set_aside_and_made_again(undisturbed, tmp_path):
    shutil.copytree(undisturbed[0] / "lake", tmp_path / "lake")
    part = sorted((tmp_path / "lake" / "relaxed").rglob("*.parquet"))[1]
    part.write_bytes(part.read_bytes()[:-50])
    run = a2c(tmp_path, "run", *SMALL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    assert "set aside a damaged part" in output
    assert part.with_name(part.name + ".damaged").exists()
    assert relaxed(tmp_path) == relaxed(undisturbed[0])


def test_ctrl_c_finishes_what_is_in_flight_and_says_how_to_resume(undisturbed, tmp_path):
    run = a2c(tmp_path, "run", *SMALL, "seed=5")
    deadline = time.monotonic() + 240
    while n_parts(tmp_path, "amorphous") < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 130, output
    assert "Resume with: a2c run system=custom" in output
    assert Lake(tmp_path / "lake").sql("SELECT status FROM runs").fetchall() == [("interrupted",)]
    assert n_parts(tmp_path, "amorphous") == 2
    assert len(relaxed(tmp_path)) < 80


def test_a_glass_that_explodes_fails_the_run_but_not_the_others(tmp_path):
    changes = [
        "system.volume_per_atom=[20,1]",
        "melt_quench.replicas=1",
        "melt_quench.max_conditions=null",
    ]
    run = a2c(tmp_path, "run", *SMALL, *changes, "crystallize.glasses=0")
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 1, output
    outcomes = Lake(tmp_path / "lake").sql("SELECT outcome FROM amorphous ORDER BY glass_id")
    assert outcomes.fetchall() == [("glass",), ("failed",)]
    assert "failed:" in output
