"""Where a campaign stands."""

from __future__ import annotations

from collections import Counter

import pytest
from glasses import glass_work, make_plan, melt

from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.campaign.time_left import MeltAhead
from a2c_ray.cluster.unit import InFlight, Stage


@pytest.fixture
def status(tmp_path):
    """Two points: 40 of 100 subcells done, 36 of them by this attempt, and 4 more in flight."""
    plan = make_plan(tmp_path, max_subcells=100)
    first = PointStatus("si", "Si16", 2, glasses_done=2)
    first.find(80, n_atoms=800)
    first.finish(30, n_atoms=450)
    first.outcomes = Counter(converged=20, fused=8)
    second = PointStatus("ge", "Ge16", 3)
    second.find(20, n_atoms=200)
    second.finish(10, n_atoms=150)
    second.outcomes = Counter(converged=8)
    in_flight = [
        InFlight(glass_work(plan).next_unit(10, None), done=4, total=10),
        InFlight(melt(plan, "g0"), done=70, total=120),
    ]
    return Status({"si": first, "ge": second}, in_flight, relaxing_s=20.0)


def test_totals_are_over_all_points(status):
    assert status.total("glasses_total") == 5
    assert status.total("glasses_done") == 2
    assert status.total("subcells_done") == 40
    assert status.outcomes == {"converged": 28, "fused": 8}


def test_failures_are_those_of_all_points(status):
    status.points["ge"].failures.append("g1: it exploded")
    status.points["si"].failures.append("g0: too hot")
    assert status.failures == ["g0: too hot", "g1: it exploded"]


def test_steps_of_melt_quenches_are_no_subcells(status):
    assert status.subcells_under_way == 4
    assert [f.done for f in status.melt_quenches] == [70]


def test_the_rate_is_that_of_this_attempt(status):
    assert status.subcells_per_s == pytest.approx((36 + 4) / 20)


def test_the_time_left_is_that_of_atoms_that_nobody_has_relaxed(status):
    for _ in range(99):
        status.add_cost(Stage.RELAXING, 100, actor_s=5.0)
    status.n_actors = 2
    least, most = status.time_left
    under_way = 4 / 10 * status.in_flight[0].unit.n_atoms
    seconds = (1000 - 600 - int(under_way)) * 0.05 / 2
    assert (least, most) == pytest.approx((seconds / 1.1, seconds * 1.1))


def test_glasses_to_come_bring_subcells(status):
    status.n_actors = 2
    status.add_cost(Stage.RELAXING, 100, actor_s=5.0)
    status.points["si"].glasses_cut = 2
    before = status.time_left.most
    status.melts = [MeltAhead("ge", 1, 1)]
    assert status.time_left.most is None  # what a glass costs is not known
    status.add_cost(Stage.MELTING, 1, actor_s=100.0)
    assert status.time_left.most > before + 50


def test_once_all_is_relaxed_nothing_is_said_of_the_time_left(status):
    """What follows in a cascade that teaches itself is no relaxation of the pool."""
    status.n_actors, status.in_flight = 2, []
    status.add_cost(Stage.RELAXING, 100, actor_s=5.0)
    assert status.time_left is not None
    for point in status.points.values():
        point.atoms_done = point.atoms_total
    assert status.time_left is None


def test_no_cost_no_time_left():
    assert Status({}).time_left is None
    assert Status({"si": PointStatus("si", "Si16", 1, atoms_total=9)}).time_left is None


def test_the_first_second_gives_no_wild_rate(status):
    status.relaxing_s = 1e-4
    assert status.subcells_per_s == pytest.approx(40)
