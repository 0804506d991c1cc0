"""A small campaign as a command: whole, repeated, killed, interrupted and swept."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from campaigns import SMALL, a2c, on, relaxed

from a2c_ray.lake import Lake


def count(folder: Path, table: str) -> int:
    """Rows of a table, none while there is no lake."""
    if not (folder / "lake" / "lake.json").exists():
        return 0
    return Lake(folder / "lake").sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def wait_for(folder: Path, table: str) -> None:
    """Wait until a run has written rows of a table."""
    deadline = time.monotonic() + 240
    while not count(folder, table):
        assert time.monotonic() < deadline, f"no rows of {table}"
        time.sleep(0.05)


def test_every_subcell_is_in_the_lake_once(small_run):
    folder, _ = small_run
    lake = Lake(folder / "lake")
    counts = lake.sql("SELECT count(*), count(DISTINCT subcell_id) FROM relaxed").fetchall()
    assert counts == [(200, 200)]
    glasses = lake.sql("SELECT glass_id, density, energy_per_atom, temperature FROM amorphous")
    assert len(glasses.fetchall()) == 2
    density = lake.sql("SELECT min(density), max(density) FROM amorphous").fetchall()[0]
    assert density == pytest.approx((2.332, 2.332), abs=1e-3)
    trace = lake.sql("SELECT count(*), max(step), count(frac_coords) FROM md_trace").fetchall()[0]
    assert trace == (24, 120, 24)


def test_every_row_leads_back_to_what_made_it(small_run):
    lake = Lake(small_run[0] / "lake")
    query = """
        SELECT DISTINCT status, attempt, config, versions, potential_fingerprint
        FROM relaxed JOIN runs USING (run_id)
    """
    [(status, attempt, config, versions, fingerprint)] = lake.sql(query).fetchall()
    assert (status, attempt) == ("finished", 1)
    assert json.loads(config)["potential.name"] == "stillinger-weber"
    assert json.loads(config)["seed"] == 0
    assert {"source", "jax", "a2c-ray"} <= set(json.loads(versions))
    assert fingerprint


def test_parts_of_a_finished_run_are_merged(small_run):
    parts = small_run[0] / "lake"
    for table in ("relaxed", "amorphous", "md_trace"):
        assert len(list((parts / table).rglob("part.parquet"))) == 1


def test_products_are_ranked_and_shown(small_run):
    folder, output = small_run
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


def test_configuration_and_log_are_in_the_output_folder(small_run):
    [folder] = (small_run[0] / "outputs").glob("*/*")
    assert "stillinger-weber" in (folder / ".hydra" / "config.yaml").read_text()
    assert "- seed" not in (folder / ".hydra" / "overrides.yaml").read_text()
    lines = [json.loads(line) for line in (folder / "campaign.jsonl").read_text().splitlines()]
    finished = [line for line in lines if line.get("event") == "finished"]
    assert {"time", "level", "message", "wall_s"} <= set(finished[0])


@pytest.mark.slow
def test_a_finished_run_is_not_done_again(small_run, cluster, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(small_run.folder, folder)
    before = relaxed(folder)
    run = a2c(folder, "run", *SMALL, *on(cluster))
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 0, output
    assert "Products" in output
    assert relaxed(folder) == before
    attempts = Lake(folder / "lake").sql("SELECT attempt FROM runs ORDER BY attempt").fetchall()
    assert attempts == [(1,), (2,)]
    logs = [log.read_text() for log in (folder / "outputs").rglob("campaign.jsonl")]
    assert sum("melt-quench" in log for log in logs) == 1


@pytest.mark.slow
def test_a_killed_run_is_finished_by_repeating_it(small_run, tmp_path):
    run = a2c(tmp_path, "run", *SMALL)
    wait_for(tmp_path, "relaxed")
    os.kill(run.pid, signal.SIGSTOP)  # so that it is at it while the second one starts
    second = a2c(tmp_path, "run", *SMALL)
    refusal, _ = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"process {run.pid} on" in refusal
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert 0 < count(tmp_path, "relaxed") < 200

    status = a2c(tmp_path, "status")
    assert "died" in status.communicate(timeout=60)[0]
    folder = next((tmp_path / "lake" / "relaxed").glob("*/*"))
    leftover = folder / "part.half.parquet.0123.tmp"
    leftover.write_bytes(b"PAR1 half a file")
    for path in folder.iterdir():  # written by a machine whose clock is ahead
        os.utime(path, (time.time() + 7200,) * 2)
    again = a2c(tmp_path, "run", *SMALL)
    output, _ = again.communicate(timeout=300)
    assert again.returncode == 0, output
    assert relaxed(tmp_path) == relaxed(small_run[0])
    assert not leftover.exists()


def test_a_truncated_part_is_set_aside_and_made_again(small_run, cluster, tmp_path):
    shutil.copytree(small_run[0] / "lake", tmp_path / "lake")
    parts = sorted((tmp_path / "lake" / "relaxed").rglob("*.parquet"), key=lambda p: len(p.name))
    merged, one = parts[0], parts[-1]
    merged.write_bytes(merged.read_bytes()[:-50])
    one.write_bytes(one.read_bytes()[:-50])
    query = a2c(tmp_path, "sql", "SELECT count(*) FROM relaxed")
    assert "is damaged" in query.communicate(timeout=60)[0]
    assert query.returncode == 2
    run = a2c(tmp_path, "run", *SMALL, *on(cluster))
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    assert "set aside a damaged part" in output
    assert merged.with_name(merged.name + ".damaged").exists()
    assert relaxed(tmp_path) == relaxed(small_run[0])


def metrics(pid: int) -> str:
    """What the Prometheus endpoint of a driver's Ray shows."""
    [port] = Path("/tmp/ray").glob(f"session_*_{pid}/metrics_export_port*")
    with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text()}/metrics") as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_sigterm_finishes_what_is_in_flight_and_says_how_to_resume(tmp_path):
    run = a2c(tmp_path, "run", *SMALL, "seed=5", "cluster.dashboard=true")
    wait_for(tmp_path, "amorphous")
    children = psutil.Process(run.pid).children(recursive=True)
    listening = [
        connection.laddr.ip
        for process in (psutil.Process(run.pid), *children)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}
    deadline = time.monotonic() + 30
    while "ray_a2c_queue_subcells" not in metrics(run.pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "ray_a2c_occupancy" in metrics(run.pid)
    os.kill(run.pid, signal.SIGTERM)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 130, output
    assert "Resume with: a2c run system=custom" in output
    assert Lake(tmp_path / "lake").sql("SELECT status FROM runs").fetchall() == [("interrupted",)]
    assert count(tmp_path, "amorphous") == 2
    assert count(tmp_path, "relaxed") < 200


@pytest.mark.slow
def test_a_sweep_is_one_campaign_of_many_runs(small_run, cluster, tmp_path):
    sweep = ["system.volume_per_atom=20,1", "crystallize.max_subcells=100,12", "seed=0"]
    run = a2c(tmp_path, "run", "-m", *SMALL, *sweep, *on(cluster))
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 1, output  # no glass holds together at 1 Å³ an atom
    assert output.count("\nfailed: ") == 4
    assert "max_subcells=12" in output
    jobs = sorted((tmp_path / "multirun").glob("*/*/*/.hydra/overrides.yaml"))
    assert [job.parent.parent.name for job in jobs] == ["0", "1", "2", "3"]
    assert "crystallize.max_subcells=12" in jobs[1].read_text()
    lake = Lake(tmp_path / "lake")
    counts = lake.sql("SELECT count(*) FROM relaxed GROUP BY run_id ORDER BY 1").fetchall()
    assert counts == [(24,), (200,)]
    outcomes = lake.sql("SELECT outcome, count(*) FROM amorphous GROUP BY 1 ORDER BY 1").fetchall()
    assert outcomes == [("failed", 4), ("glass", 4)]
    statuses = lake.sql("SELECT status, len(failures) FROM runs ORDER BY 1, 2").fetchall()
    assert statuses == [("failed", 2)] * 2 + [("finished", 0)] * 2
    [run_id] = Lake(small_run[0] / "lake").sql("SELECT DISTINCT run_id FROM runs").fetchall()[0]
    same = [row for row in relaxed(tmp_path) if row[0].startswith(run_id)]
    assert same == relaxed(small_run[0])
