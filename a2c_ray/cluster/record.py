"""The record of a run in the lake: its settings, software and hardware, and how it ended."""

from __future__ import annotations

import json
import os
import platform
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import ray

from a2c_ray.cluster.plan import Plan
from a2c_ray.lake import write_part
from a2c_ray.potentials.potential import Potential

PACKAGES = ("a2c-ray", "jax", "jaxlib", "jax-md", "flax", "numpy", "pymatgen", "ray", "spglib")


@dataclass(frozen=True)
class RunRecord:
    """One attempt at a run; later attempts at the same run have records of their own."""

    plan: Plan
    potential: Potential
    started_at: datetime

    @classmethod
    def begin(cls, plan: Plan, potential: Potential) -> RunRecord:
        """Record that a run has begun."""
        record = cls(plan, potential, datetime.now(UTC))
        record.write("running")
        return record

    def write(self, status: str) -> None:
        """Record how far it has come: "running", "finished", "failed" or "interrupted"."""
        row: dict[str, Any] = {
            "started_at": self.started_at,
            "finished_at": None if status == "running" else datetime.now(UTC),
            "status": status,
            "config": self.plan.config,
            "versions": json.dumps(versions()),
            "hardware": json.dumps(hardware()),
            "potential": self.potential.name,
            "potential_fingerprint": self.potential.fingerprint,
        }
        part = self.started_at.strftime("%Y%m%dT%H%M%S%f")
        write_part(self.plan.lake, "runs", self.plan.system, self.plan.run_id, part, [row])


def versions() -> dict[str, str]:
    """Installed versions of the packages that decide about results."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a checkout that is not installed
            continue
    return found


def hardware() -> dict[str, Any]:
    """This host, and what the Ray cluster offers."""
    resources = ray.cluster_resources()
    return {
        "host": socket.gethostname(),
        "machine": platform.machine(),
        "host_cpus": os.cpu_count(),
        "cluster": {k: v for k, v in resources.items() if not k.startswith("node:")},
    }
