"""Sweeps whose jobs are run by one of Hydra's launchers."""

from __future__ import annotations

import json

import pytest
from campaigns import SMALL, a2c
from omegaconf import OmegaConf

from a2c_ray.config import ConfigError, launch, names_launcher
from a2c_ray.lake import Lake

TINY = (
    *SMALL,
    "crystallize.max_subcells=4",
    "crystallize.max_steps=20",
    "melt_quench.replicas=1",
    "melt_quench.steps=[10,10,10]",
    "crystallize.max_shapes=1",
    "cluster.actors=1",
)
BASIC = ("run", "-m", "hydra/launcher=basic", "hydra.sweep.dir=jobs")


def test_a_launcher_is_named():
    assert names_launcher(["seed=0,1", "hydra/launcher=submitit_slurm"])
    assert not names_launcher(["seed=0,1", "hydra.sweep.dir=here"])


@pytest.mark.slow
def test_every_job_is_a_run_of_its_own(cluster, tmp_path):
    address = f"cluster.address={cluster.address}"
    sweep = a2c(tmp_path, *BASIC, *TINY, address, "seed=0,1")
    output, _ = sweep.communicate(timeout=240)
    assert sweep.returncode == 0, output
    query = "SELECT run_id, status, config FROM runs"
    runs = Lake(tmp_path / "lake").sql(query).fetchall()
    assert len({run_id for run_id, *_ in runs}) == 2
    assert {status for _, status, _ in runs} == {"finished"}
    assert sorted(json.loads(config)["seed"] for *_, config in runs) == [0, 1]
    counts = Lake(tmp_path / "lake").sql("SELECT count(*) FROM relaxed GROUP BY run_id")
    assert counts.fetchall() == [(4,), (4,)]
    for number in (0, 1):
        folder = tmp_path / "jobs" / str(number)
        assert OmegaConf.load(folder / ".hydra" / "config.yaml").seed == number
        assert (folder / "campaign.jsonl").exists()
    assert "INFO" not in output


def test_every_job_that_fails_is_told(tmp_path):
    sweep = a2c(tmp_path, *BASIC, *TINY, "system.formula=MgF2,GeO2")
    output, _ = sweep.communicate(timeout=120)
    assert sweep.returncode == 1, output
    reasons = [
        f"potential 'stillinger-weber' does not know {names}" for names in ("F, Mg", "O, Ge")
    ]
    assert output.splitlines()[-1].startswith(f"a2c: job 0 failed: {reasons[0]}")
    assert "Traceback" not in output
    for number, reason in enumerate(reasons):
        assert f"job {number} failed: {reason}" in output
        [log] = (tmp_path / "jobs" / str(number)).glob("*.log")
        assert reason in log.read_text()
    assert not (tmp_path / "lake").exists()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=0,-1", "seed=-1: expected a whole number"),
        ("sede=0,1", "did you mean 'seed'"),
        ("hydra/launcher=slurm", "unknown hydra/launcher 'slurm'"),
    ],
)
def test_nothing_is_started_if_a_job_cannot_be_used(tmp_path, monkeypatch, override, message):
    monkeypatch.chdir(tmp_path)
    started = []
    with pytest.raises(ConfigError, match=message) as error:
        launch([override], None, lambda *job: started.append(job))
    assert "\n" not in str(error.value)
    assert not started
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "of_hydra",
    [
        "callbacks: {mine: {_target_: os.mkdir, path: made}}",
        "job_logging: {handlers: {mine: {(): os.mkdir, path: made}}}",
        "job: {env_set: {PYTHONPATH: elsewhere}}",
    ],
)
def test_a_folder_of_files_runs_nothing(tmp_path, monkeypatch, of_hydra):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine" / "preset").mkdir(parents=True)
    text = f"# @package _global_\npreset: odd\nhydra:\n  {of_hydra}\n"
    (tmp_path / "mine" / "preset" / "odd.yaml").write_text(text)
    started = []
    name = of_hydra.partition(":")[0]
    with pytest.raises(ConfigError, match=f"--config-dir sets hydra.{name}.*, which can run code"):
        launch(["preset=odd", "seed=0,1"], tmp_path / "mine", lambda *job: started.append(job))
    assert not started
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
