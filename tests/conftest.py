"""Structures and potentials that tests share."""

from __future__ import annotations

import gc
import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leaving import leave_with  # before any library that has an exit handler

# Before JAX is imported anywhere: these tests must not depend on what a machine has, and programs
# that they start must not fill the pipes that are read at their end with XLA's remarks.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if os.environ["JAX_PLATFORMS"] == "cpu":
    # Compiling takes most of the time of these tests, and half as long with the older emitters and
    # fewer passes. `.ci/nightly` leaves XLA as it is.
    flags = "--xla_cpu_use_fusion_emitters=false --xla_backend_optimization_level=1"
    os.environ.setdefault("XLA_FLAGS", flags)
# Before NumPy is: its threads wait actively for each other, which costs seconds on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.groups import SpaceGroup

from a2c_ray.cache import drop_programs_if_many
from a2c_ray.potentials import potential as evaluation
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

# Tracing leaves many objects that live on; to search them for circles takes a tenth of the time.
gc.set_threshold(100_000, 50, 1000)

_make = SpaceGroup.__new__
_space_groups: dict[int, SpaceGroup] = {}


def _make_and_hold(cls: type[SpaceGroup], *args: Any, **kwargs: Any) -> SpaceGroup:
    made = _make(cls, *args, **kwargs)
    _space_groups[id(made)] = made
    return made


# pymatgen makes a group, which takes seconds if it is cubic, anew for each crystal unless held.
SpaceGroup.__new__ = _make_and_hold

# To pad structures more takes milliseconds, to compile a program for another size seconds.
evaluation.MAX_SIZES = 2


def pytest_sessionfinish(exitstatus: int) -> None:
    leave_with(int(exitstatus))


class SmallRun(NamedTuple):
    """Where the lake of a campaign is, and what the command printed."""

    folder: Path
    output: str


@pytest.fixture(scope="module", autouse=True)
def _room_for_programs() -> Iterator[None]:
    yield
    drop_programs_if_many()


@pytest.fixture(scope="session")
def sevennet() -> Potential:
    """Float32; its weights are fetched once into the user's cache."""
    return load_potential("sevennet-0")


@pytest.fixture(scope="session")
def sevennet_f64() -> Potential:
    return load_potential("sevennet-0", dtype="float64")


@pytest.fixture(scope="session")
def silicon() -> Potential:
    return load_potential("stillinger-weber")


@pytest.fixture(scope="session")
def silicon_f64() -> Potential:
    return load_potential("stillinger-weber", dtype="float64")


@pytest.fixture
def diamond() -> Structure:
    """Conventional cell of silicon."""
    return Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.431), ["Si"], [[0, 0, 0]])


@pytest.fixture
def rutile() -> Structure:
    """MgF2."""
    return Structure.from_spacegroup(
        "P4_2/mnm", Lattice.tetragonal(4.62, 3.05), ["Mg", "F"], [[0, 0, 0], [0.303, 0.303, 0]]
    )


@pytest.fixture(scope="session")
def random_glass() -> Structure:
    """96 atoms without order; not packed, so atoms may be close."""
    rng = np.random.default_rng(7)
    species = ["Ti"] * 32 + ["O"] * 64
    return Structure(Lattice.cubic(10.5), species, rng.random((96, 3)))


@pytest.fixture(scope="session")
def silicon_lake(tmp_path_factory) -> str:
    """Address of a lake with one finished run: two glasses of silicon, 30 subcells of each."""
    from runs import make_run

    folder = tmp_path_factory.mktemp("silicon")
    return make_run(folder).lake


@pytest.fixture(scope="session")
def unfinished_lake(tmp_path_factory) -> str:
    """Address of a lake with a run that was stopped half way, before anything was ranked."""
    from runs import make_run

    folder = tmp_path_factory.mktemp("unfinished")
    return make_run(folder, status="running").lake


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Host and port of an S3 server on this machine."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3_lake(s3_endpoint: str, monkeypatch) -> str:
    """Address of a lake in a bucket of its own."""
    from pyarrow import fs

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = f"endpoint_override=http://{s3_endpoint}&region=us-east-1"
    bucket = f"bucket{secrets.token_hex(4)}"
    filesystem, _ = fs.FileSystem.from_uri(f"s3://{bucket}?allow_bucket_creation=true&{options}")
    filesystem.create_dir(bucket)
    return f"s3://{bucket}/some/lake?{options}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Ray cluster for all tests: a head without work, and two nodes with room for two actors."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(2):
        cluster.add_node(num_cpus=2)
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> SmallRun:
    """The small campaign as a command on a Ray of its own, which nothing disturbed."""
    from campaigns import SMALL, a2c

    folder = tmp_path_factory.mktemp("undisturbed")
    run = a2c(folder, "run", *SMALL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0, output
    return SmallRun(folder, output)
