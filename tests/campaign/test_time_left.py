"""How long a campaign will still take."""

from __future__ import annotations

import pytest

from a2c_ray.campaign.time_left import Cost, MeltAhead, estimate

NOTHING = Cost()
MANY = 10**6  # units, after which the bounds of an estimate are close


def cost(of_one: float) -> Cost:
    return Cost(MANY, 100, 100 * of_one)


def test_atoms_of_subcells_are_shared_by_the_actors():
    least, most = estimate([], 90, {}, NOTHING, cost(2.0), n_actors=3)
    assert least == pytest.approx(60, rel=2e-3)
    assert most == pytest.approx(60, rel=2e-3)


def test_few_finished_units_are_a_wide_range():
    assert estimate([], 90, {}, NOTHING, Cost(3, 30, 30), n_actors=1) == pytest.approx((60, 135))


def test_glasses_to_come_bring_as_much_as_others_of_their_point():
    melts = [MeltAhead("a", 1, 1), MeltAhead("b", 2, 1)]
    least, _ = estimate(melts, 10, {"a": 100.0, "c": 300.0}, cost(50.0), cost(1.0), n_actors=2)
    assert least == pytest.approx((3 * 50 + 10 + 100 + 200) / 2, rel=2e-3)


def test_seven_glasses_to_come_are_not_nothing():
    melts = [MeltAhead("a", 1, 1)] * 7
    least, _ = estimate(melts, 0, {"a": 20.0}, cost(60.0), cost(1.0), n_actors=2)
    assert least == pytest.approx(7 * 80 / 2, rel=2e-3)


def test_nobody_helps_an_actor_with_its_glass():
    melt = MeltAhead("a", 1, 0)
    assert estimate([melt], 0, {}, cost(60.0), cost(1.0), n_actors=20)[0] == pytest.approx(
        60, rel=2e-3
    )


@pytest.mark.parametrize(("share_left", "seconds"), [(0.75, 210), (0.25, 150)])
def test_a_glass_in_flight_tells_what_one_costs(share_left, seconds):
    """A resumed one, too: what was done before has taken no time."""
    in_flight = MeltAhead("a", 1, 0, share_left, share_gone=0.25, going_s=30.0)
    least, most = estimate([in_flight, MeltAhead("a", 1, 0)], 0, {}, NOTHING, NOTHING, n_actors=1)
    assert (least, most) == pytest.approx((seconds / 2, 2 * seconds))


def test_what_is_not_known_has_no_upper_bound():
    melts = [MeltAhead("a", 1, 1)]
    assert estimate(melts, 0, {}, NOTHING, NOTHING, n_actors=2) is None
    least, most = estimate(melts, 0, {}, cost(60.0), NOTHING, n_actors=2)
    assert least > 0
    assert most is None
    assert estimate([], 90, {}, NOTHING, NOTHING, n_actors=2) is None
    assert estimate([], 90, {}, NOTHING, cost(1.0), n_actors=0) is None


def test_what_is_done_takes_no_time():
    assert estimate([], 0, {}, NOTHING, NOTHING, n_actors=2) == (0.0, 0.0)
