"""The recipes for clusters are ones that Ray, Kubernetes and Slurm would take."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from campaigns import SMALL, relaxed
from ray.autoscaler._private.util import prepare_config, validate_config

from a2c_ray.config.compose import conf_folder

RECIPES = conf_folder() / "recipes"


def test_the_cluster_launcher_takes_its_file():
    config = yaml.safe_load((RECIPES / "ray-up.yaml").read_text())
    validate_config(prepare_config(config))
    with pytest.raises(Exception, match="max_worker"):
        validate_config(prepare_config(config | {"max_worker": 3}))


def test_the_job_for_kubernetes_is_consistent():
    job = yaml.safe_load((RECIPES / "kuberay-rayjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        [container] = group["template"]["spec"]["containers"]
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert container["image"] == "my-registry/a2c-ray:0.2"
    assert job["spec"]["entrypoint"].startswith("a2c run cluster.address=auto ")


@pytest.fixture
def slurm(tmp_path) -> dict[str, str]:
    """Environment of a Slurm job of two nodes, both of them this machine."""
    programs = tmp_path / "bin"
    programs.mkdir()
    commands = {
        "scontrol": "echo 127.0.0.1; echo localhost",
        "srun": 'while [[ $1 != ray ]]; do shift; done; exec "$@"',
    }
    for name, text in commands.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {
        "PATH": path,
        "SLURM_JOB_NODELIST": "node[1-2]",
        "SLURM_CPUS_PER_TASK": "1",
        "RAY_PORT": "6399",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
    }


@pytest.mark.slow
def test_a_campaign_on_slurm(tmp_path, slurm):
    command = [str(RECIPES / "slurm.sh"), *SMALL]
    run = subprocess.run(command, cwd=tmp_path, env=slurm, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(relaxed(tmp_path)) == 200
