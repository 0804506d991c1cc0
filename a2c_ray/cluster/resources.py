"""What a campaign may use of a Ray cluster."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resources:
    """What a campaign runs on, the same for all of its points.

    address: of a Ray cluster; None for this machine.
    actors: None for as many as there is room for.
    cpus: of an actor.
    gpus: of an actor; None for one if there are any.
    custom: other Ray resources of an actor, by name.
    cpu_actors: without GPUs, beside those with; None for as many as there is room for.
    unit_s: time that a unit of relaxations should take, s.
    write_s: time after which what a unit of relaxations has finished is written, s.
    unit_replicas: glasses of one unit of work; None for the device's default.
    patience_s: time without progress after which a unit is tried elsewhere, s; None for never.
    dashboard: whether Ray's dashboard is started with Ray on this machine.
    """

    address: str | None = None
    actors: int | None = None
    cpus: int = 1
    gpus: float | None = None
    custom: dict[str, float] = field(default_factory=dict)
    cpu_actors: int | None = 0
    unit_s: float = 45.0
    write_s: float = 10.0
    unit_replicas: int | None = None
    patience_s: float | None = 1800.0
    dashboard: bool = False


@dataclass(frozen=True)
class ActorKind:
    """Actors of one size.

    name: "gpu" or "cpu".
    cpus, gpus, custom: what Ray reserves for an actor; the latter by name.
    count: how many; None for as many as there is room for.
    """

    name: str
    cpus: int
    gpus: float
    custom: tuple[tuple[str, float], ...]
    count: int | None

    @property
    def needs(self) -> dict[str, float]:
        """What Ray reserves for an actor, by name."""
        return {"CPU": self.cpus, "GPU": self.gpus, **dict(self.custom)}
