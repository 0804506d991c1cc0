"""What an actor does at a time, as far as Ray's side of the house knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

import ray

from a2c_ray.potentials.potential import Potential

OnProgress = Callable[[int, int], None]
"""Called with (done, in all)."""


class Stage(Enum):
    """What a unit's progress is counted in."""

    MELTING = "steps of molecular dynamics"
    RELAXING = "subcells"
    TRAINING = "gradient steps"
    OTHER = "nothing that is shown"


@dataclass(frozen=True)
class SharedPotential:
    """A potential in Ray's object store.

    key: identifies it, so that an actor takes it out once.
    boxed: reference to it; in a list, since Ray replaces bare references by what they refer to.
    """

    key: str
    boxed: list[ray.ObjectRef]


class Unit(Protocol):
    """A piece of work for one actor; its text names it for people.

    It writes its results itself and returns a small report. Doing it twice writes the same twice,
    which leaves one.
    """

    @property
    def run_id(self) -> str:
        """Whose work it is."""

    @property
    def stage(self) -> Stage:
        """What its progress is counted in."""

    @property
    def potential(self) -> SharedPotential | None:
        """That it needs."""

    def run(self, potential: Potential | None, on_progress: OnProgress) -> Any:
        """Do it, on an actor; returns its report."""


U = TypeVar("U", bound=Unit)


@dataclass(frozen=True)
class InFlight(Generic[U]):
    """A unit that an actor works on.

    unit: which.
    done, total: in what its stage is counted in; 0 while the actor prepares.
    since_s: time that the actor has had it, s.
    gone, going_s: done since the actor first said how far it is, and time since then, s.
    """

    unit: U
    done: int = 0
    total: int = 0
    since_s: float = 0.0
    gone: int = 0
    going_s: float = 0.0
