"""The actors of a campaign: recruited as a cluster has room, replaced when they are lost."""

from __future__ import annotations

import itertools
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Generic

import ray
from ray.actor import ActorHandle

from a2c_ray.cluster.nodes import alive_nodes, fits, room_for, wants_and_has
from a2c_ray.cluster.resources import ActorKind
from a2c_ray.cluster.unit import InFlight, U
from a2c_ray.cluster.worker import IDLE, Progress, Worker, actor_class, environment
from a2c_ray.errors import FatalError, OperationError, TooLargeError

LOG = logging.getLogger(__name__)

RECRUIT_S = 5.0
"""Time between two looks for room for more actors, s."""

NO_ROOM_S = 10.0
"""Time without any actor after which that is said, if no node is large enough for one, s."""

START_S = 60.0
"""The same if there is one: it may be taken, or the actor slow to start, s."""

ANSWER_S = 120.0
"""Time in which an actor must say how far it is, s. It does so beside its work, unless its process
is stopped or deadlocked."""

MOST_BETWEEN_LOOKS_S = 5.0
"""Time between two looks that counts as waiting, s: the driver may have been stopped itself."""

MOST_STILLBORN = 5
"""Actors that may fail to start before the campaign is given up."""


class CrewError(OperationError):
    """No actors."""


@dataclass(frozen=True)
class Finished(Generic[U]):
    """A unit that is no longer in flight.

    unit: which.
    kind: of the actor that had it.
    report: None if it failed.
    wall_s: time it took, s.
    error: why it failed, in one line.
    blameless: whether it failed because its node was lost, not because of what it does.
    fatal: why no other unit can succeed either, if so.
    too_large: whether it did not fit the device.
    """

    unit: U
    kind: str
    report: Any
    wall_s: float
    error: str = ""
    blameless: bool = False
    fatal: str = ""
    too_large: bool = False


@dataclass(eq=False)
class Member(Generic[U]):
    """An actor.

    actor: its handle.
    kind: of its resources.
    hello: answered once it is up, with its node.
    node, arrived: where and since when it is up; None before.
    unit, unit_id, since, report: it works on, and since when.
    patience_s: longest time without progress before it is given up, s.
    busy_s: time that it had units before this one, s.
    question, progress: how far it is.
    unanswered_s, silent_s: since the question was put; since it was further than before, s.
    """

    actor: ActorHandle
    kind: ActorKind
    hello: ray.ObjectRef
    node: str | None = None
    unit: U | None = None
    unit_id: int | None = None
    since: float = 0.0
    patience_s: float = math.inf
    busy_s: float = 0.0
    arrived: float = 0.0
    report: ray.ObjectRef | None = None
    question: ray.ObjectRef | None = None
    progress: Progress = field(default=IDLE)
    unanswered_s: float = 0.0
    silent_s: float = 0.0

    @property
    def awaited(self) -> ray.ObjectRef | None:
        """What it will say next: that it is up, or its report."""
        return self.hello if self.node is None else self.report

    @property
    def heard(self) -> Progress:
        """How far it is with its unit; 0 while it prepares."""
        return self.progress if self.progress.unit_id == self.unit_id else IDLE

    @property
    def hang(self) -> str:
        """How it hangs, in words; "" if it does not."""
        if self.unanswered_s > ANSWER_S:
            return f"its process has not answered for {self.unanswered_s:.0f} s"
        if self.silent_s > self.patience_s:
            return f"it has come no further for {self.silent_s:.0f} s"
        return ""


class Crew(Generic[U]):
    """Warm actors, each with one unit in flight at most.

    Args:
        kinds: of actors to recruit.
        most: actors that can be of use.
    """

    def __init__(self, kinds: list[ActorKind], most: float) -> None:
        self._kinds = kinds
        self._most = most
        self._members: list[Member[U]] = []
        self._ids = itertools.count()
        self._looked = -RECRUIT_S
        self._asked = time.monotonic()
        self._n_stillborn = 0
        self._alone_since: float | None = None
        self._has_said_so = False
        self._past_busy_s = self._past_held_s = 0.0

    @property
    def n_actors(self) -> int:
        """Actors that are up."""
        return sum(member.node is not None for member in self._members)

    @property
    def units(self) -> list[U]:
        """In flight."""
        return [member.unit for member in self._members if member.unit]

    @property
    def is_busy(self) -> bool:
        """Whether anything is in flight."""
        return bool(self.units)

    @property
    def occupancy(self) -> float:
        """Share of the actors' time that they had a unit."""
        now = time.monotonic()
        there = [member for member in self._members if member.node]
        busy = self._past_busy_s + sum(_busy_s(member, now) for member in there)
        held = self._past_held_s + sum(now - member.arrived for member in there)
        return busy / held if held else 0.0

    def recruit(self) -> None:
        """Start actors where there is room, every few seconds."""
        if time.monotonic() - self._looked < RECRUIT_S:
            return
        self._looked = time.monotonic()
        for kind in self._kinds:
            there = sum(member.kind == kind for member in self._members)
            wanted = room_for(kind, self._kinds) if kind.count is None else kind.count
            for _ in range(there, wanted):
                if len(self._members) < self._most:
                    self._members.append(_start(kind))
        self._say_if_alone()

    def idle(self) -> Iterator[Member[U]]:
        """Actors that are up and have no unit."""
        return (member for member in self._members if member.node and not member.unit)

    def submit(self, member: Member[U], unit: U, patience_s: float) -> None:
        """Give a unit to an idle actor.

        Args:
            member: the actor.
            unit: to do.
            patience_s: longest time without progress before the actor is given up, s.
        """
        member.unit, member.unit_id = unit, next(self._ids)
        member.patience_s = patience_s
        member.progress = IDLE
        member.unanswered_s = member.silent_s = 0.0
        member.since = time.monotonic()
        member.report = member.actor.work.remote(member.unit_id, unit)

    def finished(self, timeout: float) -> list[Finished[U]]:
        """Units that have ended; waits at most so many seconds for news of any actor."""
        awaited = {member.awaited: member for member in self._members if member.awaited}
        if not awaited:
            time.sleep(timeout)
            return []
        done, _ = ray.wait(list(awaited), timeout=timeout)
        ended = [self._hear(awaited[reference], reference) for reference in done]
        return [finished for finished in ended if finished] + self._give_up_hung()

    def ask(self) -> None:
        """Hear how far the actors are, without waiting, and ask again."""
        now = time.monotonic()
        waited_s = min(now - self._asked, MOST_BETWEEN_LOOKS_S)
        self._asked = now
        for member in self._members:
            if member.unit:
                _ask(member, waited_s)

    def in_flight(self) -> list[InFlight[U]]:
        """Units and how far they are, as last heard."""
        now = time.monotonic()
        return [
            InFlight(
                member.unit,
                member.heard.done,
                member.heard.total,
                now - member.since,
                member.heard.done - member.heard.before,
                member.heard.going_s,
            )
            for member in self._members
            if member.unit
        ]

    def dismiss(self) -> None:
        """End the actors."""
        for member in self._members:
            ray.kill(member.actor)

    def _hear(self, member: Member[U], reference: ray.ObjectRef) -> Finished[U] | None:
        """Take in an actor's report, or that it is up or lost."""
        unit = member.unit
        wall_s = time.monotonic() - member.since
        try:
            answer = ray.get(reference)
        except ray.exceptions.RayTaskError as error:
            if unit is None:  # nothing can fail in saying that it is up
                raise
            self._free(member)
            return Finished(
                unit,
                member.kind.name,
                None,
                wall_s,
                last_line(error),
                fatal=_fatal(error),
                too_large=isinstance(error.cause, TooLargeError),
            )
        except ray.exceptions.RayError as error:  # it died, Ray killed it, or its answer is lost
            ray.kill(member.actor)
            self._lose(member, last_line(error))
            blameless = member.node is not None and member.node not in alive_nodes()
            if unit is None:
                return None
            return Finished(unit, member.kind.name, None, wall_s, last_line(error), blameless)
        if unit is None:
            member.node, member.arrived = answer, time.monotonic()
            return None
        self._free(member)
        return Finished(unit, member.kind.name, answer, wall_s)

    def _give_up_hung(self) -> list[Finished[U]]:
        """End actors that hang; others will be recruited in their place."""
        ended: list[Finished[U]] = []
        for member in [member for member in self._members if member.unit and member.hang]:
            unit, wall_s = member.unit, time.monotonic() - member.since
            if unit is not None:
                ended.append(Finished(unit, member.kind.name, None, wall_s, f"hung: {member.hang}"))
            ray.kill(member.actor)  # a stopped process is killed all the same
            self._lose(member, member.hang)
        return ended

    def _say_if_alone(self) -> None:
        """Warn once when no actor comes up: clusters that do not grow would wait for ever."""
        now = time.monotonic()
        if self.n_actors:
            self._alone_since, self._has_said_so = None, False
            return
        if self._alone_since is None:
            self._alone_since = now
        waited = now - self._alone_since
        if self._has_said_so or waited < NO_ROOM_S:
            return
        if waited >= START_S or not fits(self._kinds):
            LOG.warning(
                "no actor after %.0f s: %s; waiting for nodes to come or others to leave",
                waited,
                wants_and_has(self._kinds),
            )
            self._has_said_so = True

    def _free(self, member: Member[U]) -> None:
        member.busy_s = _busy_s(member, time.monotonic())
        member.unit = member.unit_id = member.report = None

    def _lose(self, member: Member[U], reason: str) -> None:
        LOG.warning("lost an actor: %s", reason)
        now = time.monotonic()
        self._members.remove(member)
        self._looked = -RECRUIT_S  # for another in its place
        if member.node:
            self._past_busy_s += _busy_s(member, now)
            self._past_held_s += now - member.arrived
            return
        self._n_stillborn += 1
        if self._n_stillborn >= MOST_STILLBORN and not self.n_actors:
            raise CrewError(f"no actor could be started: {reason}")


def last_line(error: Exception) -> str:
    """The cause of a failure on an actor, in one line."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ray.exceptions.RayActorError):
        return "the actor died: " + " ".join(str(cause).split())[:300]
    if isinstance(cause, ray.exceptions.OutOfMemoryError):
        return "the actor was killed, since its node has no memory left"
    lines = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {lines[-1]}"


def _start(kind: ActorKind) -> Member[Any]:
    # No restarts by Ray: the crew replaces what is lost, wherever there is room then.
    worker = actor_class(Worker)
    actor = worker.options(
        num_cpus=kind.cpus,
        num_gpus=kind.gpus,
        resources=dict(kind.custom),
        max_concurrency=2,  # a unit, and questions about its progress
        runtime_env={"env_vars": environment(kind.cpus, kind.gpus > 0)},
    ).remote()
    return Member(actor, kind, actor.hello.remote())


def _busy_s(member: Member[Any], now: float) -> float:
    return member.busy_s + (now - member.since if member.unit else 0.0)


def _ask(member: Member[Any], waited_s: float) -> None:
    """Hear how far an actor is, and ask again.

    Args:
        member: the actor.
        waited_s: time since the last call, s.
    """
    member.silent_s += waited_s
    if member.question is not None:
        if not ray.wait([member.question], timeout=0)[0]:
            member.unanswered_s += waited_s
            return
        try:
            _take_in(member, ray.get(member.question))
        except ray.exceptions.RayError:  # its unit will tell
            return
    member.question = member.actor.progress.remote()
    member.unanswered_s = 0.0


def _take_in(member: Member[Any], progress: Progress) -> None:
    if progress != member.progress:
        member.progress, member.silent_s = progress, 0.0


def _fatal(error: ray.exceptions.RayTaskError) -> str:
    cause = error.cause
    return str(cause) if isinstance(cause, FatalError) else ""
