"""The Ray actor: one device, and the potentials and compiled programs it has been given."""

from __future__ import annotations

import threading
import time
from typing import Any, NamedTuple

import ray

from a2c_ray.cache import drop_programs_if_many, use_compilation_cache
from a2c_ray.cluster.unit import SharedPotential, Unit
from a2c_ray.potentials.potential import Potential

MOST_POTENTIALS = 2
"""Kept by an actor, with their compiled programs."""


class Progress(NamedTuple):
    """How far an actor is with its unit.

    unit_id: it works on; None if it is idle.
    done, total: steps of a melt-quench, or subcells.
    before, going_s: of them when it first said so, and time since, s: what is resumed, and what is
        loaded and compiled, tells nothing of its pace.
    n_computed: cells that programs outside of this process have computed, see `Potential`.
    """

    unit_id: int | None
    done: int
    total: int
    before: int = 0
    going_s: float = 0.0
    n_computed: int = 0


IDLE = Progress(None, 0, 0)


class Reporter:
    """Hears from a unit how far it is.

    Args:
        unit_id: see `Progress`; None while there is no unit.
    """

    def __init__(self, unit_id: int | None) -> None:
        self.progress = Progress(unit_id, 0, 0)
        self._began: tuple[int, float] | None = None

    def __call__(self, done: int, total: int) -> None:
        """The unit says it."""
        now = time.monotonic()
        self._began = self._began or (done, now)
        before, since = self._began
        self.progress = self.progress._replace(
            done=done, total=total, before=before, going_s=now - since
        )


@ray.remote
class Worker:
    """Does one unit at a time."""

    def __init__(self) -> None:
        use_compilation_cache()
        self._potentials: dict[str, Potential] = {}
        self._reporter = Reporter(None)
        self._in_use: Potential | None = None
        self._lock = threading.Lock()

    def hello(self) -> str:
        """Where it is: the id of its node."""
        return ray.get_runtime_context().get_node_id()

    def work(self, unit_id: int, unit: Unit) -> Any:
        """Do a unit; returns its report."""
        drop_programs_if_many()
        with self._lock:
            self._reporter = Reporter(unit_id)
            self._in_use = self._potential(unit.potential)
            return unit.run(self._in_use, self._reporter)

    def progress(self) -> Progress:
        """How far it is; answers while a unit is being worked on."""
        n_computed = self._in_use.n_computed if self._in_use else 0
        return self._reporter.progress._replace(n_computed=n_computed)

    def _potential(self, shared: SharedPotential | None) -> Potential | None:
        """Taken out of the object store once: its identity is that of compiled programs."""
        if shared is None:
            return None
        if shared.key not in self._potentials:
            while len(self._potentials) >= MOST_POTENTIALS:
                self._potentials.pop(next(iter(self._potentials)))
            self._potentials[shared.key] = ray.get(shared.boxed[0])
        return self._potentials[shared.key]


def actor_class(decorated: type) -> Any:
    """What `ray.remote` has made of a class; type checkers take it for the class itself."""
    return decorated


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
