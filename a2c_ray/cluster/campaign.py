"""The campaign driver: one queue of units, fed to warm actors, resumed from what the lake holds.

Glasses are melted first; as soon as one is done, its subcells join the queue. What is in the lake
is done and what is not is to do, so that repeating an interrupted campaign finishes it.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import ray
from pymatgen.core import Structure

from a2c_ray.cluster.plan import GlassPlan, Plan
from a2c_ray.cluster.units import (
    Destination,
    GlassReport,
    MeltQuenchUnit,
    RelaxReport,
    RelaxUnit,
    structure_from_columns,
    subcell_id,
)
from a2c_ray.cluster.worker import Progress, Worker, environment
from a2c_ray.crystallize.buckets import choose_buckets
from a2c_ray.crystallize.subcells import Subcells, find_subcells
from a2c_ray.lake import Lake

LOG = logging.getLogger(__name__)

LOOK_S = 0.5
"""Seconds between two looks at the actors."""

RETRIES = 1
"""Times a unit is tried again after an error."""

REPLICAS_PER_UNIT = {False: 1, True: 8}
"""Glasses of one unit without and with a GPU."""


@dataclass
class Status:
    """Where a campaign stands; what progress displays read.

    glasses_total, glasses_done: to make, and made (now or before).
    subcells_total, subcells_done: known so far, and relaxed (now or before).
    relaxed_now: relaxed by this attempt.
    outcomes: of the subcells relaxed by this attempt.
    lowest: energy of each reduced formula, eV/atom, found by this attempt.
    running: progress of the units in flight.
    failures: what went wrong, one line a unit or glass.
    """

    glasses_total: int = 0
    glasses_done: int = 0
    subcells_total: int = 0
    subcells_done: int = 0
    relaxed_now: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lowest: dict[str, float] = field(default_factory=dict)
    running: dict[int, Progress] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Job:
    """A unit in the queue, and how often it has been tried."""

    unit: MeltQuenchUnit | RelaxUnit
    tries: int = 0


class Campaign:
    """Runs a plan on Ray, which must be up."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.status = Status(glasses_total=len(plan.glasses))
        self._destination = Destination(plan.lake, plan.system, plan.run_id)
        self._queue: deque[_Job] = deque()
        self._ids = itertools.count()
        self._buckets: tuple[int, ...] = ()
        self._stopping = False

    def stop(self) -> None:
        """Start nothing new; finish what is in flight."""
        self._stopping = True

    def run(self) -> Iterator[Status]:
        """Do what is to do; yields the status about twice a second."""
        self._enqueue_missing()
        yield self.status
        if not self._queue:
            return
        workers = self._start_workers()
        idle = deque(workers)
        in_flight: dict[ray.ObjectRef, tuple[int, _Job, ray.actor.ActorHandle]] = {}
        while in_flight or (self._queue and not self._stopping):
            while idle and self._queue and not self._stopping:
                worker, job, unit_id = idle.popleft(), self._queue.popleft(), next(self._ids)
                in_flight[self._submit(worker, unit_id, job)] = (unit_id, job, worker)
            done, _ = ray.wait(list(in_flight), timeout=LOOK_S)
            for reference in done:
                unit_id, job, worker = in_flight.pop(reference)
                self.status.running.pop(unit_id, None)
                self._collect(reference, job)
                idle.append(worker)
            self._look_at(in_flight)
            yield self.status

    def _start_workers(self) -> list[ray.actor.ActorHandle]:
        plan, resources = self.plan, self.plan.resources
        gpus = gpus_per_actor(resources.gpus)
        actors = resources.actors or room_for_actors(resources.cpus, gpus)
        options = {
            "num_cpus": resources.cpus,
            "num_gpus": gpus,
            "max_restarts": 3,
            "max_task_retries": 1,
            "max_concurrency": 2,
            "runtime_env": {"env_vars": environment(resources.cpus, gpus > 0)},
        }
        n_workers = min(actors, max(1, self._most_units()))
        return [
            Worker.options(**options).remote(plan.potential, plan.dtype, self._destination)
            for _ in range(n_workers)
        ]

    def _most_units(self) -> int:
        """Units that can ever be in the queue at once, roughly: subcells are many."""
        crystallizing = any(isinstance(job.unit, RelaxUnit) for job in self._queue)
        planned = sum(glass.crystallize for glass in self.plan.glasses)
        return len(self._queue) if crystallizing or not planned else 10**6

    def _submit(self, worker: ray.actor.ActorHandle, unit_id: int, job: _Job) -> ray.ObjectRef:
        if isinstance(job.unit, MeltQuenchUnit):
            self.status.kinds[unit_id] = "melt-quench"
            return worker.melt_quench.remote(unit_id, job.unit)
        self.status.kinds[unit_id] = "crystallize"
        return worker.relax.remote(unit_id, job.unit)

    def _collect(self, reference: ray.ObjectRef, job: _Job) -> None:
        try:
            report = ray.get(reference)
        except ray.exceptions.RayError as error:
            self._retry(job, error)
            return
        if isinstance(report, RelaxReport):
            self._count(report)
            return
        for glass in report:
            self._receive(glass)

    def _retry(self, job: _Job, error: Exception) -> None:
        cause = getattr(error, "cause", None) or error
        line = f"{type(cause).__name__}: {str(cause).strip().splitlines()[-1]}"
        if job.tries < RETRIES:
            LOG.warning("a unit failed and is tried again: %s", line)
            self._queue.append(_Job(job.unit, job.tries + 1))
        else:
            self.status.failures.append(line)

    def _count(self, report: RelaxReport) -> None:
        status = self.status
        n = report.outcomes.total()
        status.subcells_done += n
        status.relaxed_now += n
        status.outcomes += report.outcomes
        for formula, energy in report.lowest.items():
            status.lowest[formula] = min(energy, status.lowest.get(formula, np.inf))

    def _receive(self, glass: GlassReport) -> None:
        self.status.glasses_done += 1
        if glass.structure is None:
            self.status.failures.append(f"{glass.glass_id}: {glass.reason}")
            return
        plan = next(g for g in self.plan.glasses if g.glass_id == glass.glass_id)
        if plan.crystallize:
            self._enqueue_subcells(plan, glass.structure, done=set())

    def _look_at(self, in_flight: dict) -> None:
        """Ask busy actors how far they are, without waiting for those that do not answer."""
        asked = {worker.progress.remote(): unit_id for unit_id, _, worker in in_flight.values()}
        if not asked:
            return
        answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=LOOK_S)
        for reference in answered:
            try:
                progress = ray.get(reference)
            except ray.exceptions.RayError:
                continue
            if progress.unit_id == asked[reference]:
                self.status.running[progress.unit_id] = progress

    def _enqueue_missing(self) -> None:
        """Fill the queue with what the lake does not hold yet."""
        made, relaxed = self._in_lake()
        missing = [glass for glass in self.plan.glasses if glass.glass_id not in made]
        self.status.glasses_done = len(self.plan.glasses) - len(missing)
        size = self.plan.resources.unit_replicas or REPLICAS_PER_UNIT[has_gpus()]
        for batch in batched(missing, size):
            unit = MeltQuenchUnit(self.plan.composition, tuple(batch), self.plan.protocol)
            self._queue.append(_Job(unit))
        for glass in self.plan.glasses:
            structure = made.get(glass.glass_id)
            if glass.crystallize and structure is not None:
                self._enqueue_subcells(glass, structure, relaxed)

    def _in_lake(self) -> tuple[dict[str, Structure | None], set[str]]:
        """Glasses of this run (None for failed ones), and subcells already relaxed."""
        if not self.plan.lake.is_dir():
            return {}, set()
        lake = Lake(self.plan.lake)
        mine = {"run": self.plan.run_id}
        columns = "glass_id, outcome, lattice, species, frac_coords"
        glasses = lake.sql(f"SELECT {columns} FROM amorphous WHERE run_id = $run", mine)
        made = {}
        for row in glasses.fetchall():
            row = dict(zip(columns.split(", "), row, strict=True))
            made[row["glass_id"]] = (
                structure_from_columns(row) if row["outcome"] == "glass" else None
            )
        subcells = lake.sql("SELECT subcell_id FROM relaxed WHERE run_id = $run", mine)
        return made, {row[0] for row in subcells.fetchall()}

    def _enqueue_subcells(self, glass: GlassPlan, structure: Structure, done: set[str]) -> None:
        """Queue the subcells of a glass that are not done, those of one shape together."""
        subcells = self.select_subcells(glass, structure)
        if not len(subcells):
            self.status.failures.append(f"{glass.glass_id}: no subcell of the wanted composition")
            return
        ids = [
            subcell_id(glass.glass_id, lower, upper)
            for lower, upper in zip(subcells.lower, subcells.upper, strict=True)
        ]
        todo = np.array([k for k, name in enumerate(ids) if name not in done], int)
        self.status.subcells_total += len(ids)
        self.status.subcells_done += len(ids) - len(todo)
        if not len(todo):
            return
        sizes = subcells.n_atoms[todo]
        self._extend_buckets(sizes)
        shapes = np.searchsorted(self._buckets, sizes)
        for shape in np.unique(shapes)[::-1]:
            members = todo[shapes == shape]
            for batch in batched(members.tolist(), self.plan.resources.unit_subcells):
                unit = RelaxUnit(
                    glass.glass_id,
                    subcells[np.array(batch)],
                    self.plan.crystallization.relaxation,
                    self._buckets,
                )
                self._queue.append(_Job(unit))

    def select_subcells(self, glass: GlassPlan, structure: Structure) -> Subcells:
        """The subcells of a glass that are to be relaxed; the same ones every time."""
        settings = self.plan.crystallization
        subcells = find_subcells(
            structure,
            settings.n_grid,
            settings.max_atoms,
            settings.composition,
            settings.min_distance,
        )
        if settings.max_subcells is not None and len(subcells) > settings.max_subcells:
            rng = np.random.default_rng(glass.condition.seed)
            chosen = rng.choice(len(subcells), settings.max_subcells, replace=False)
            subcells = subcells[np.sort(chosen)]
        return subcells

    def _extend_buckets(self, sizes: np.ndarray) -> None:
        """Shapes are chosen from the first glass and kept, so that programs are reused."""
        if not self._buckets:
            self._buckets = tuple(
                choose_buckets(sizes.tolist(), self.plan.crystallization.max_shapes)
            )
        if max(sizes) > self._buckets[-1]:
            self._buckets = (*self._buckets, int(max(sizes)))


def batched(items: list, size: int) -> Iterator[list]:
    """Consecutive pieces of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def has_gpus() -> bool:
    """Whether the Ray cluster has any."""
    return ray.cluster_resources().get("GPU", 0) > 0


def gpus_per_actor(wanted: float | None) -> float:
    """GPUs of an actor: one if there are any, unless something else is wanted."""
    return float(has_gpus()) if wanted is None else wanted


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
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is not None:
        ray.init(address=address, **quiet)
    else:
        ray.init(include_dashboard=False, num_cpus=len(os.sched_getaffinity(0)), **quiet)
