"""From overrides to the jobs of a sweep."""

from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from a2c_ray.config import (
    ConfigError,
    compose_config,
    compose_jobs,
    compose_relaxation,
    compose_training,
)
from a2c_ray.config.compose import flatten
from a2c_ray.config.jobs import expand_sweep


def values(overrides, *names):
    jobs = compose_jobs(overrides, multirun=True)
    return [tuple(job.settings[name] for name in names) for job in jobs]


def test_the_last_override_varies_fastest():
    overrides = ["seed=0,1", "crystallize.max_atoms=4", "melt_quench.t_low=300,400"]
    found = values(overrides, "seed", "melt_quench.t_low", "crystallize.max_atoms")
    assert found == [(0, 300, 4), (0, 400, 4), (1, 300, 4), (1, 400, 4)]


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("seed=range(0,3)", [0, 1, 2]),
        ("seed=range(0,7,3)", [0, 3, 6]),
        ("seed=choice(4,2)", [4, 2]),
        ("seed=5", [5]),
        ("melt_quench.t_high=[900,1000],[1200]", [[900, 1000], [1200]]),
        ("melt_quench.t_high=[900,1000]", [[900, 1000]]),
        ("system.name='a,b',c", ["a,b", "c"]),
        ("system.formula=InF,NaN,SiO₂", ["InF", "NaN", "SiO2"]),
        ("system.formula=choice(SiO2,InF)", ["SiO2", "InF"]),
        ("cluster.kernels=xla,e3j", ["xla", "e3j"]),
        ("crystallize.max_subcells=null,7", [None, 7]),
    ],
)
def test_what_a_sweep_may_be(override, found):
    name = override.split("=")[0]
    assert values([override], name) == [(value,) for value in found]


def test_config_groups_can_be_swept():
    overrides = ["system=mgf2,tio2", "preset=quick,paper"]
    found = values(overrides, "system.name", "preset", "melt_quench.n_atoms")
    assert found == [
        ("MgF2", "quick", 30),
        ("MgF2", "paper", 100),
        ("TiO2", "quick", 30),
        ("TiO2", "paper", 100),
    ]


def test_a_sweep_without_sweeps_is_one_job():
    [job] = compose_jobs(["seed=3"], multirun=True)
    assert job.settings == compose_config(["seed=3"])
    assert job.folder.name == "0"


def test_added_keys_stay_added():
    assert expand_sweep(["+cluster.resources.highmem=1,2"]) == [
        ["+cluster.resources.highmem=1"],
        ["+cluster.resources.highmem=2"],
    ]


def test_jobs_are_numbered_in_one_folder():
    jobs = compose_jobs(["seed=0,1,2"], multirun=True)
    assert [job.folder.name for job in jobs] == ["0", "1", "2"]
    [root] = {job.folder.parent for job in jobs}
    assert root.parts[0] == "multirun"
    assert [job.overrides for job in jobs] == [["seed=0"], ["seed=1"], ["seed=2"]]


@pytest.mark.parametrize(
    ("overrides", "folders"),
    [
        (["hydra.sweep.dir=here"], ["here/0", "here/1"]),
        (
            ["hydra.sweep.dir=a/b", "hydra.sweep.subdir=job${hydra.job.num}"],
            ["a/b/job0", "a/b/job1"],
        ),
        (["hydra.sweep.dir=a", "hydra.sweep.subdir=b/${hydra.job.num}"], ["a/b/0", "a/b/1"]),
        (
            ["hydra.sweep.dir=a", "hydra.sweep.subdir=${hydra.job.override_dirname}"],
            ["a/seed=0", "a/seed=1"],
        ),
    ],
)
def test_folders_are_where_hydra_is_told(overrides, folders):
    jobs = compose_jobs(["seed=0,1", *overrides], multirun=True)
    assert [job.folder for job in jobs] == [Path(folder) for folder in folders]


def test_a_single_job_has_a_folder_of_its_own():
    [job] = compose_jobs(["seed=1"])
    assert job.folder.parts[0] == "outputs"
    [job] = compose_jobs(["seed=1", "hydra.run.dir=there/x"])
    assert job.folder == Path("there/x")


def test_the_configuration_written_is_the_one_that_is_run(tmp_path):
    overrides = ["system=tio2", "seed=3", "melt_quench.t_high=[900,1000],[1200]"]
    jobs = compose_jobs([*overrides, f"hydra.sweep.dir={tmp_path}"], multirun=True)
    for job in jobs:
        job.write_config()
    for number, job in enumerate(jobs):
        folder = tmp_path / str(number) / ".hydra"
        assert flatten(OmegaConf.load(folder / "config.yaml")) == job.settings
        again = OmegaConf.to_container(OmegaConf.load(folder / "overrides.yaml"))
        assert again == job.overrides
        assert compose_config(again) == job.settings
    written = (tmp_path / "0" / ".hydra" / "config.yaml").read_text()
    assert "${" not in written
    assert "hydra" not in written


def test_a_folder_of_ones_own_can_be_swept(tmp_path):
    (tmp_path / "preset").mkdir()
    (tmp_path / "preset" / "tiny.yaml").write_text("# @package _global_\npreset: tiny\nseed: 77\n")
    jobs = compose_jobs(["preset=quick,tiny"], tmp_path, multirun=True)
    assert [job.settings["seed"] for job in jobs] == [0, 77]


def test_resources_of_a_cluster_have_names_of_its_own():
    [job] = compose_jobs(["+cluster.resources.highmem=1", "+cluster.resources.fpga=0.5"])
    assert job.settings["cluster.resources"] == {"highmem": 1, "fpga": 0.5}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("cluster.cpus=1,2", "cluster.cpus=2: jobs of a sweep share their actors.* has 1"),
        ("cluster.unit_s=5,9", "cluster.unit_s=9: jobs of a sweep share"),
        ("+cluster.resources.highmem=1,2", "'highmem': 2.*: jobs of a sweep share"),
        ("seed=0,-1", "seed=-1: expected a whole number of at least 0"),
        ("seed=range(0,1,0.5)", "seed=0.0: expected a whole number"),
        ("seed=range(3,0)", r"seed=range\(3,0\): a sweep without values"),
        ("seed=interval(0,3)", r"seed=interval\(0,3\): a sweep takes values"),
        ("system=glob(*)", r"system=glob\(\*\): a sweep takes values"),
        ("system=mgf2,mgf3", "unknown system 'mgf3'; choose from"),
        ("sede=0,1", "unknown config key 'sede'; did you mean 'seed'"),
        ("seed=[0,1", "cannot read"),
        ("hydra/launcher=slurm", "unknown hydra/launcher 'slurm'; choose from .*basic"),
    ],
)
def test_sweeps_that_cannot_be_are_refused_in_one_line(override, message):
    with pytest.raises(ConfigError, match=message) as error:
        compose_jobs([override], multirun=True)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("override", ["seed=0,1", "seed=range(0,3)", "system=mgf2,tio2"])
def test_a_sweep_needs_to_be_said(override):
    with pytest.raises(ConfigError, match="a sweep, which needs -m") as error:
        compose_jobs([override])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("compose", "override"),
    [(compose_training, "seed=0,1"), (compose_relaxation, "crystallize.max_steps=9,8")],
)
def test_only_runs_can_be_swept(compose, override):
    with pytest.raises(ConfigError, match=rf"{override}: a sweep, which only `a2c run` takes"):
        compose([override])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+cluster.resources.highmem=-1", "expected names of Ray resources with an amount each"),
        ("+cluster.resources.highmem=much", "expected names of Ray resources"),
        ("+cluster.resources.highmem.x=1", "expected names of Ray resources"),
        ("cluster.resources.highmem=1", r"use \+cluster.resources.highmem=1"),
        ("cluster.unit_s=0", "cluster.unit_s=0: expected a positive number"),
        ("cluster.unit_subcells=64", "unknown config key 'cluster.unit_subcells'"),
        ("cluster.cpu_actors=-1", "cluster.cpu_actors=-1: expected a whole number"),
        ("cluster.dashboard=maybe", "cluster.dashboard=maybe: expected true or false"),
    ],
)
def test_what_a_cluster_cannot_be_is_refused_in_one_line(override, message):
    with pytest.raises(ConfigError, match=message) as error:
        compose_jobs([override])
    assert "\n" not in str(error.value)
