"""What is refused before a campaign starts."""

from __future__ import annotations

import pytest
from campaigns import SMALL, small_plan

from a2c_ray.cli import main
from a2c_ray.terminal.campaign import ranked_column


@pytest.mark.parametrize(
    ("sweep", "jobs"),
    [
        (["seed=0,0"], "jobs 0 and 1"),
        (["seed=0,1", "rank.window=0.1,0.2"], "jobs 0 and 1"),
        (["rank.window=0.1,0.2", "seed=0,1"], "jobs 0 and 2"),
        (["lake.path=lake1,lake2"], "jobs 0 and 1"),
    ],
)
def test_jobs_that_compute_the_same_are_told(tmp_path, monkeypatch, capsys, sweep, jobs):
    monkeypatch.chdir(tmp_path)
    assert main(["run", "-m", *SMALL, *sweep]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"a2c: {jobs} of the sweep are the same run (si-")
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert list(tmp_path.iterdir()) == []


def test_what_is_asked_of_the_lake_is_what_crystals_are_ranked_by(tmp_path):
    assert ranked_column(small_plan(tmp_path)) == "energy_per_atom"
    assert ranked_column(small_plan(tmp_path, "crystallize.pressure=5")) == "enthalpy_per_atom"
