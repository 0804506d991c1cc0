"""The actors of a campaign, and what is in flight on them."""

from __future__ import annotations

import itertools
import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import ray
from ray.actor import ActorHandle

from a2c_ray.cluster.plan import Plan, Resources
from a2c_ray.cluster.units import Destination, GlassReport, MeltQuenchUnit, RelaxReport, RelaxUnit
from a2c_ray.cluster.worker import Progress, Worker, environment

Unit = MeltQuenchUnit | RelaxUnit
Report = list[GlassReport] | RelaxReport


@dataclass(frozen=True)
class Finished:
    """A unit that is no longer in flight: what it reported, or why it failed."""

    unit: Unit
    report: Report | None
    error: str


class Crew:
    """Warm actors, each with one unit in flight at most."""

    def __init__(self, plan: Plan, most: float) -> None:
        """Start actors: as many as the plan says or there is room for, but at most `most`."""
        resources = plan.resources
        gpus = gpus_per_actor(resources)
        wanted = resources.actors or room_for_actors(resources.cpus, gpus)
        options = {
            "num_cpus": resources.cpus,
            "num_gpus": gpus,
            "max_restarts": 3,
            "max_task_retries": 1,
            "max_concurrency": 2,  # a unit, and questions about its progress
            "runtime_env": {"env_vars": environment(resources.cpus, gpus > 0)},
        }
        # Absolute: actors need not have the driver's working folder.
        destination = Destination(plan.lake.resolve(), plan.system, plan.run_id)
        folder = Path(plan.potential)
        potential = str(folder.resolve()) if folder.is_dir() else plan.potential
        self._workers = [
            Worker.options(**options).remote(potential, plan.dtype, resources.kernels, destination)
            for _ in range(max(1, min(wanted, most)))
        ]
        self._idle = list(self._workers)
        self._in_flight: dict[ray.ObjectRef, tuple[int, Unit, ActorHandle]] = {}
        self._asked: dict[ActorHandle, ray.ObjectRef] = {}
        self._progress: dict[int, Progress] = {}
        self._ids = itertools.count()

    @property
    def has_idle(self) -> bool:
        """Whether a unit can be submitted."""
        return bool(self._idle)

    @property
    def is_busy(self) -> bool:
        """Whether anything is in flight."""
        return bool(self._in_flight)

    def submit(self, unit: Unit) -> None:
        """Give a unit to an idle actor."""
        worker, unit_id = self._idle.pop(), next(self._ids)
        method = worker.melt_quench if isinstance(unit, MeltQuenchUnit) else worker.relax
        self._in_flight[method.remote(unit_id, unit)] = (unit_id, unit, worker)

    def finished(self, timeout: float) -> list[Finished]:
        """Units that have ended; waits at most so many seconds for the first."""
        done, _ = ray.wait(list(self._in_flight), timeout=timeout)
        return [self._collect(reference) for reference in done]

    def progress(self) -> list[tuple[Unit, Progress]]:
        """How far the units in flight are, as last heard; asks again without waiting."""
        busy = {worker: unit_id for unit_id, _, worker in self._in_flight.values()}
        for worker, reference in list(self._asked.items()):
            if ray.wait([reference], timeout=0)[0]:
                del self._asked[worker]
                self._hear(reference)
        for worker in busy:
            if worker not in self._asked:
                self._asked[worker] = worker.progress.remote()
        return [
            (unit, self._progress[unit_id])
            for unit_id, unit, _ in self._in_flight.values()
            if unit_id in self._progress
        ]

    def dismiss(self) -> None:
        """End the actors."""
        for worker in self._workers:
            ray.kill(worker)

    def _collect(self, reference: ray.ObjectRef) -> Finished:
        unit_id, unit, worker = self._in_flight.pop(reference)
        self._progress.pop(unit_id, None)
        self._idle.append(worker)
        try:
            return Finished(unit, ray.get(reference), "")
        except ray.exceptions.RayError as error:
            return Finished(unit, None, last_line(error))

    def _hear(self, reference: ray.ObjectRef) -> None:
        try:
            progress = ray.get(reference)
        except ray.exceptions.RayError:
            return
        if progress.unit_id is not None:
            self._progress[progress.unit_id] = progress


def gpus_per_actor(resources: Resources) -> float:
    """GPUs of an actor: one if the cluster has any, unless something else is wanted."""
    return float(has_gpus()) if resources.gpus is None else resources.gpus


def has_gpus() -> bool:
    """Whether the Ray cluster has any."""
    return ray.cluster_resources().get("GPU", 0) > 0


def room_for_actors(cpus: int, gpus: float) -> int:
    """Actors that fit on the Ray cluster."""
    resources = ray.cluster_resources()
    room = resources.get("CPU", 1) // cpus
    if gpus > 0:
        room = min(room, resources.get("GPU", 0) // gpus)
    return max(1, int(room))


def start_ray(address: str | None) -> None:
    """Join a Ray cluster, or start one on this machine for this process."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray forks to exec at once, which is safe; JAX warns of any fork.
    warnings.filterwarnings("ignore", "os.fork\\(\\) was called", RuntimeWarning)
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is not None:
        ray.init(address=address, **quiet)
    else:
        cpus = len(os.sched_getaffinity(0))
        ray.init(address="local", include_dashboard=False, num_cpus=cpus, **quiet)


def last_line(error: Exception) -> str:
    """The cause of a failure on an actor, in one line."""
    cause = getattr(error, "cause", None) or error
    lines = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {lines[-1]}"
