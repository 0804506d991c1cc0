"""The Ray cluster: joining or starting it, and how many actors there is room for."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import ray
from ray._private import ray_constants, services

from a2c_ray.cluster.resources import ActorKind, Resources
from a2c_ray.errors import OperationError
from a2c_ray.units import counted

LOG = logging.getLogger(__name__)

LOCALHOST = "127.0.0.1"

REACH_S = 5.0
"""Time in which the machine of a cluster's address must answer, s."""


class NoClusterError(OperationError):
    """A Ray cluster that cannot be joined."""


def start_ray(address: str | None, dashboard: bool = False) -> None:
    """Join a Ray cluster, or start one on this machine for this process.

    Args:
        address: of the cluster, "auto" for the one on this machine; None to start one.
        dashboard: whether to start Ray's dashboard too.

    Raises:
        NoClusterError: there is none at the address, none could be started, or no dashboard is
            installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray forks to exec at once, which is safe; JAX warns of any fork.
    warnings.filterwarnings("ignore", "os.fork\\(\\) was called", RuntimeWarning)
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        if dashboard and find_spec("aiohttp_cors") is None:
            raise NoClusterError('cluster.dashboard=true: needs `pip install "ray[default]"`')
        _start_here(dashboard, quiet)
        return
    try:
        _reach(address)
        ray.init(address=address, **quiet)
    except (OSError, ValueError, RuntimeError, ImportError, ray.exceptions.RayError) as error:
        lines = [getattr(error, "strerror", None) or "", *str(error).strip().splitlines()]
        reason = next(line for line in lines if line and not line.endswith(":"))
        if reason.startswith("Failed to connect") and "RAY_AUTH_MODE" not in os.environ:
            reason += "; if it asks for a token: RAY_AUTH_MODE=token"
        raise NoClusterError(f"cluster.address={address}: cannot join it ({reason})") from error


def _start_here(dashboard: bool, quiet: dict[str, Any]) -> None:
    """Start Ray on this machine, twice if need be: it waits 30 s for its processes, no longer."""
    for attempt in (1, 2):
        try:
            with _on_loopback():
                ray.init(
                    address="local",
                    include_dashboard=dashboard,
                    dashboard_host=LOCALHOST,
                    num_cpus=len(os.sched_getaffinity(0)),
                    **quiet,
                )
            return
        except Exception as error:  # which is the class that Ray raises
            ray.shutdown()
            reason = str(error).strip().partition("\n")[0]
            if attempt == 2:
                raise NoClusterError(
                    f"Ray does not start on this machine ({reason}) Other work may keep it too "
                    "busy: wait for that and repeat the command"
                ) from error
            LOG.warning("Ray did not start, and is started again: %s", reason)


@contextmanager
def _on_loopback() -> Iterator[None]:
    """Let a cluster that is started here listen on the loopback interface only.

    Ray does so by itself where it knows nothing of other nodes; its public argument for a node's
    address turns 127.0.0.1 into the address that other machines see.
    """
    knows_other_nodes = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = knows_other_nodes


def _reach(address: str) -> None:
    """Fail at once where nothing listens: Ray would try for minutes."""
    if address == "auto":  # it may be that of a cluster that was killed
        address = services.canonicalize_bootstrap_address_or_die(address)
    place = urlsplit(address if "://" in address else f"//{address}")
    if place.scheme in ("", "ray") and place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), REACH_S).close()


def actor_kinds(resources: Resources) -> list[ActorKind]:
    """Kinds of actors to recruit on the cluster, which must be up."""
    gpus = float(has_gpus()) if resources.gpus is None else resources.gpus
    custom = tuple(sorted(resources.custom.items()))
    main = ActorKind("gpu" if gpus else "cpu", resources.cpus, gpus, custom, resources.actors)
    if not gpus or resources.cpu_actors == 0:
        return [main]
    return [main, ActorKind("cpu", resources.cpus, 0.0, (), resources.cpu_actors)]


def has_gpus() -> bool:
    """Whether the Ray cluster has any."""
    return ray.cluster_resources().get("GPU", 0) > 0


def alive_nodes() -> set[str]:
    """Ids of the nodes of the cluster."""
    return {node["NodeID"] for node in ray.nodes() if node["Alive"]}


def room_for(kind: ActorKind, kinds: Sequence[ActorKind]) -> int:
    """Actors of a kind that fit on the cluster beside those of earlier kinds.

    At least one of the first kind, for clusters that grow when actors wait.
    """
    room = _room(kind, kinds)
    return max(1, room) if kind == kinds[0] else room


def fits(kinds: Sequence[ActorKind]) -> bool:
    """Whether any node is large enough for an actor of any kind."""
    return any(_room(kind, kinds) for kind in kinds)


def wants_and_has(kinds: Sequence[ActorKind]) -> str:
    """What actors want and what there is, for people."""
    names = list(dict.fromkeys(name for kind in kinds for name in kind.needs if kind.needs[name]))
    wants = " or ".join(_amounts({n: a for n, a in kind.needs.items() if a}) for kind in kinds)
    nodes = Counter(
        _amounts({name: node["Resources"].get(name, 0) for name in names})
        for node in ray.nodes()
        if node["Alive"]
    )
    has = ", ".join(f"{counted(n, 'node')} with {what}" for what, n in nodes.items())
    free = ray.available_resources()
    left = _amounts({name: free.get(name, 0) for name in names})
    return f"one wants {wants}; the cluster has {has}; free: {left}"


def _amounts(amounts: dict[str, float]) -> str:
    return " and ".join(f"{amount:g} {name}" for name, amount in amounts.items())


def _room(kind: ActorKind, kinds: Sequence[ActorKind]) -> int:
    earlier = kinds[: kinds.index(kind)]
    room = 0
    for node in ray.nodes():
        if node["Alive"]:
            free = dict(node["Resources"])
            for other in earlier:
                _take(free, other)
            room += _take(free, kind)
    return room


def _take(free: dict[str, float], kind: ActorKind) -> int:
    """Reserve room for as many actors as fit; returns how many."""
    needs = {name: amount for name, amount in kind.needs.items() if amount > 0}
    fit = int(min(free.get(name, 0.0) / amount + 1e-9 for name, amount in needs.items()))
    for name, amount in needs.items():
        free[name] = free.get(name, 0.0) - fit * amount
    return fit
