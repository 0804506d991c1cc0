"""Where the runs of a lake stand."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from campaigns import small_plan

from a2c_ray.campaign.live import LiveStatus
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.campaign.time_left import Cost
from a2c_ray.cli import main
from a2c_ray.lake import Store, run_lock, write_part

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A lake of four runs, two of which say that they are running."""
    monkeypatch.chdir(tmp_path)
    store = Store.at("lake")
    failures = ["g0: too hot", "[/scratch] is full"]
    record(store, "run-a", "finished")
    record(store, "run-b", "interrupted")
    record(store, "run-b", "failed", attempt=2, failures=failures)
    record(store, "run-c", "running", hour=2)
    record(store, "run-d", "running", hour=1)
    return store


def record(store, run_id, status, attempt=1, failures=(), hour=0):
    row = {
        "attempt": attempt,
        "status": status,
        "failures": None if status == "running" else list(failures),
        "started_at": NOON + timedelta(hours=hour, minutes=attempt),
    }
    write_part(store, "runs", "Si", run_id, f"{attempt:04d}", [row])


def write_live(tmp_path, run_id, **fields):
    """What a driver writes of a run under way."""
    plan = dataclasses.replace(small_plan(tmp_path), run_id=run_id)
    point = PointStatus(run_id, "Si16", 2, glasses_done=1, subcells_total=90, **fields)
    point.atoms_total, point.atoms_done = 10 * point.subcells_total, 10 * point.subcells_done
    relaxing = Cost(n_units=10**6, amount=240, actor_s=90.0)
    points = {run_id: point}
    status = Status(points, n_actors=3, occupancy=0.9, relaxing_s=30.0, relaxing=relaxing)
    LiveStatus({plan.run_id: Store.at(plan.lake)}).write(status)


def rows(capsys, *arguments):
    """Cells of the table that is shown, by run."""
    assert main(["status", *arguments]) == 0
    shown = capsys.readouterr().out
    table = [line.split("│")[1:-1] for line in shown.splitlines() if line.startswith("│")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in table}


def fields(capsys, run_id):
    """What is shown of one run, by name; failures in a list."""
    assert main(["status", run_id]) == 0
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    failures = [text for name, text in lines if name == "failed:"]
    return {name: text for name, text in lines if name != "failed:"}, failures


def test_a_line_a_run_in_the_order_of_their_starts(store, capsys):
    shown = rows(capsys)
    assert list(shown) == ["run-a", "run-b", "run-d", "run-c"]
    assert [shown[run][0] for run in ("run-a", "run-b")] == ["finished", "failed"]
    assert [shown[run][-1] for run in ("run-a", "run-b")] == ["", "2"]


def test_a_run_that_nobody_holds_has_died(store, capsys):
    with run_lock(store, "run-c"):
        shown = rows(capsys)
    assert shown["run-c"][0] == "running"
    assert shown["run-d"][0] == "died; repeat its command to resume"


def test_of_a_run_that_died_all_that_is_in_the_lake_counts(store, tmp_path, capsys):
    """Also what actors have written after its driver wrote last, if that wrote anything."""
    write_live(tmp_path, "run-d", subcells_done=30)
    rows_of_run = [{"subcell_id": f"s{k}"} for k in range(47)]
    write_part(store, "relaxed", "Si", "run-d", "g", rows_of_run)
    write_part(store, "relaxed", "Si", "run-c", "g", rows_of_run[:5])
    shown = rows(capsys)
    assert shown["run-d"][1:3] == ["1/2", "47/90"]
    assert shown["run-c"][0] == "died; repeat its command to resume"


def test_progress_is_what_the_driver_wrote_last(store, tmp_path, capsys):
    write_live(tmp_path, "run-c", subcells_done=30, outcomes=Counter(converged=20, fused=4))
    with run_lock(store, "run-c"):
        assert rows(capsys)["run-c"] == [
            "running",
            "1/2",
            "30/90",
            "48/min",
            "about 1 min 15 s",
            "",
        ]
        shown, failures = fields(capsys, "run-c")
    assert shown["glasses"] == "1/2"
    assert shown["outcomes"] == "20 converged, 4 fused"
    assert shown["actors"] == "3, 90 % busy"
    assert shown["rate"] == "48 subcells/min"
    assert shown["left"] == "about 1 min 15 s"
    assert shown["driver"].startswith("process ")
    assert failures == []


def test_what_has_ended_has_no_rate(store, tmp_path, capsys):
    write_live(tmp_path, "run-a", subcells_done=90, lowest={"Si": -4.33661})
    assert rows(capsys)["run-a"] == ["finished", "1/2", "90/90", "", "", ""]
    shown, _ = fields(capsys, "run-a")
    assert shown["lowest"] == "Si -4.3366 eV/atom"
    assert not {"actors", "rate", "left"} & set(shown)


def test_the_last_attempt_of_one_run_with_its_failures(store, capsys):
    shown, failures = fields(capsys, "run-b")
    assert (shown["run"], shown["system"]) == ("run-b", "Si")
    assert (shown["status"], shown["attempt"]) == ("failed", "2")
    assert failures == ["g0: too hot", "[/scratch] is full"]


def test_failures_so_far_of_a_run_under_way(store, tmp_path, capsys):
    write_live(tmp_path, "run-c", failures=["g1: it exploded"])
    with run_lock(store, "run-c"):
        assert rows(capsys)["run-c"][-1] == "1"
        assert fields(capsys, "run-c")[1] == ["g1: it exploded"]


def test_an_unknown_run_is_one_line(store, capsys):
    assert main(["status", "run-z"]) == 2
    captured = capsys.readouterr()
    assert captured.err == (
        "a2c: no run 'run-z' in the lake; there are: run-c, run-d, run-b, run-a\n"
    )
    assert captured.out == ""


def test_no_lake_is_one_line(tmp_path, capsys):
    assert main(["status", "--lake", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
