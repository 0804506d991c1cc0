"""The Ray actor: one device, one potential and its compiled programs."""

from __future__ import annotations

import threading
from typing import NamedTuple

import ray

from a2c_ray.cluster.units import (
    Destination,
    GlassReport,
    MeltQuenchUnit,
    RelaxReport,
    RelaxUnit,
    run_melt_quench,
    run_relaxation,
)
from a2c_ray.crystallize.batching import Relaxer
from a2c_ray.potentials.loading import load_potential


class Progress(NamedTuple):
    """How far an actor is with its unit.

    unit_id: it works on; None if it is idle.
    done, total: steps of a melt-quench, or subcells.
    """

    unit_id: int | None
    done: int
    total: int


@ray.remote
class Worker:
    """Makes glasses and relaxes subcells, one unit at a time."""

    def __init__(self, potential: str, dtype: str, kernels: str, destination: Destination) -> None:
        self.potential = load_potential(potential, dtype, kernels)
        self.destination = destination
        self._progress = Progress(None, 0, 0)
        self._lock = threading.Lock()

    def melt_quench(self, unit_id: int, unit: MeltQuenchUnit) -> list[GlassReport]:
        """Make the glasses of a unit."""
        with self._lock:
            return run_melt_quench(unit, self.potential, self.destination, self._reporter(unit_id))

    def relax(self, unit_id: int, unit: RelaxUnit) -> RelaxReport:
        """Relax the subcells of a unit."""
        relaxer = Relaxer(self.potential, unit.settings, unit.shapes)
        with self._lock:
            return run_relaxation(unit, relaxer, self.destination, self._reporter(unit_id))

    def progress(self) -> Progress:
        """How far it is; answers while a unit is being worked on."""
        return self._progress

    def _reporter(self, unit_id: int):
        self._progress = Progress(unit_id, 0, 0)

        def report(done: int, total: int) -> None:
            self._progress = Progress(unit_id, done, total)

        return report


def environment(cpus: int, on_gpu: bool) -> dict[str, str]:
    """Environment of an actor, to be set before it imports JAX.

    Args:
        cpus: threads it may use.
        on_gpu: whether it has a GPU.
    """
    threads = str(cpus)
    variables = {"NPROC": threads, "OMP_NUM_THREADS": threads, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if on_gpu:
        return variables | {"JAX_PLATFORMS": "cuda,cpu"}
    return variables | {"JAX_PLATFORMS": "cpu"}
