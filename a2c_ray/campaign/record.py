"""The record of a run in the lake: its settings, software and hardware, and how it ended."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import ray

import a2c_ray
from a2c_ray.campaign.plan import Plan
from a2c_ray.crystallize.settings import Cascade
from a2c_ray.errors import InputError
from a2c_ray.lake import Lake, Store, mark_version, write_part
from a2c_ray.lake.parts import all_parts
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.potential import Potential

PACKAGES = ("a2c-ray", "jax", "jaxlib", "jax-md", "flax", "numpy", "pymatgen", "ray", "spglib")


class NameTakenError(InputError):
    """Two names of systems that differ in nothing that run ids tell."""


def check_name(plan: Plan, store: Store) -> None:
    """Refuse to record a run that another name of its system has led to.

    Run ids are lower case and without punctuation.

    Raises:
        NameTakenError: names both.
    """
    systems = {part.system for part in all_parts(store, "runs") if part.run_id == plan.run_id}
    for system in systems - {plan.system}:
        raise NameTakenError(
            f"run {plan.run_id} is there as one of {system!r}, which differs from {plan.system!r} "
            f"in case or punctuation only: give it that name, or quite another"
        )


@dataclass(frozen=True)
class RunRecord:
    """One attempt at a run; later attempts at the same run have records of their own.

    hardware: as it was at the beginning, JSON.
    """

    plan: Plan
    store: Store
    potential: Potential
    screening: Potential | None
    attempt: int
    started_at: datetime
    hardware: str

    @classmethod
    def begin(
        cls, plan: Plan, store: Store, potentials: Mapping[PotentialChoice, Potential]
    ) -> RunRecord:
        """Record that a run has begun.

        Args:
            plan: of the run.
            store: of its lake.
            potentials: of the plan, and maybe others.

        Raises:
            NameTakenError: the run is there under another name of its system.
        """
        mark_version(store)
        check_name(plan, store)
        query = "SELECT coalesce(max(attempt), count(*)) FROM runs"
        earlier = Lake(store, plan.run_id).sql(query).fetchall()[0][0]
        given = isinstance(plan.crystallization.cascade, Cascade)
        screening = potentials[plan.screening] if given else None
        now = datetime.now(UTC)
        there = json.dumps(hardware())
        record = cls(plan, store, potentials[plan.refinement], screening, earlier + 1, now, there)
        record.write("running")
        return record

    def write(self, status: str, failures: Sequence[str] | None = None) -> None:
        """Record how far it has come: "running", "finished", "failed" or "interrupted"."""
        row: dict[str, Any] = {
            "attempt": self.attempt,
            "started_at": self.started_at,
            "finished_at": None if status == "running" else datetime.now(UTC),
            "status": status,
            "failures": failures,
            "config": self.plan.config,
            "versions": json.dumps(versions()),
            # A cluster may have grown; one that has failed may not even answer.
            "hardware": self.hardware if status == "failed" else json.dumps(hardware()),
            "potential": self.potential.name,
            "potential_fingerprint": self.potential.fingerprint,
        }
        if self.screening is not None:
            row["screening_potential"] = self.screening.name
            row["screening_fingerprint"] = self.screening.fingerprint
        part = f"{self.attempt:04d}"
        write_part(self.store, "runs", self.plan.system, self.plan.run_id, part, [row])


def versions() -> dict[str, str]:
    """Installed versions of the packages that decide about results, and a hash of this one."""
    found = {"python": platform.python_version(), "source": source_fingerprint()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that is not installed
            continue
    return found


def source_fingerprint() -> str:
    """Hash of this package's source files, which change between releases too."""
    folder = Path(a2c_ray.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def hardware() -> dict[str, Any]:
    """This host, and what the Ray cluster offers."""
    resources = ray.cluster_resources()
    return {
        "host": socket.gethostname(),
        "machine": platform.machine(),
        "host_cpus": os.cpu_count(),
        "cluster": {k: v for k, v in resources.items() if not k.startswith("node:")},
    }
