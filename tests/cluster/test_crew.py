"""Actors that end, and what becomes of their units."""

from __future__ import annotations

import pytest
import ray
from ray.exceptions import ObjectLostError, OutOfMemoryError

from a2c_ray.cluster import crew
from a2c_ray.cluster.resources import ActorKind

KIND = ActorKind("cpu", 1, 0.0, (), 1)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OutOfMemoryError("..."), "the actor was killed, since its node has no memory left"),
        (ObjectLostError("ab", None, ""), "ObjectLostError: "),
    ],
)
def test_whatever_ray_says_of_an_actor_its_unit_comes_back(monkeypatch, error, reason):
    """What Ray raises is raised here: its memory monitor needs a machine without memory."""
    killed = []

    def get(reference):
        raise error

    monkeypatch.setattr(ray, "wait", lambda references, timeout: (references, []))
    monkeypatch.setattr(ray, "get", get)
    monkeypatch.setattr(ray, "kill", killed.append)
    monkeypatch.setattr(crew, "alive_nodes", lambda: {"here"})
    monkeypatch.setattr(crew, "_start", lambda kind: crew.Member("actor", kind, None, "here"))
    monkeypatch.setattr(crew, "room_for", lambda kind, kinds: 1)
    mine: crew.Crew[str] = crew.Crew([KIND], most=1)
    mine.recruit()
    [member] = mine.idle()
    member.unit, member.unit_id, member.report = "unit", 0, "reference"
    [finished] = mine.finished(0.0)
    assert (finished.unit, finished.report, finished.blameless) == ("unit", None, False)
    assert finished.error.startswith(reason)
    assert killed == ["actor"]
    assert mine.n_actors == 0
