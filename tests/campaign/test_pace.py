"""How much work makes a unit."""

from __future__ import annotations

import pytest

from a2c_ray.campaign.pace import FEWEST_SUBCELLS, MOST_SUBCELLS, REMEMBERED, Pace, share


def test_a_unit_takes_the_time_it_should_at_the_rate_learned():
    pace = Pace(unit_s=45.0)
    assert pace.unit_atoms("cpu", "run1") is None
    pace.learn("cpu", "run1", n_atoms=300, wall_s=3.0)
    assert pace.unit_atoms("cpu", "run1") == pytest.approx(4500.0)


def test_rates_are_those_of_one_kind_of_actor_and_one_run():
    pace = Pace(unit_s=1.0)
    pace.learn("cpu", "run1", 10, 1.0)
    pace.learn("gpu", "run1", 900, 1.0)
    assert pace.unit_atoms("cpu", "run1") == 10
    assert pace.unit_atoms("gpu", "run1") == 900
    assert pace.unit_atoms("gpu", "run2") is None


def test_units_that_had_to_compile_do_not_count():
    pace = Pace(unit_s=1.0)
    for n_atoms in (10, 100, 20):
        pace.learn("cpu", "run1", n_atoms, 1.0)
    assert pace.unit_atoms("cpu", "run1") == 100


def test_old_rates_are_forgotten():
    pace = Pace(unit_s=1.0)
    pace.learn("cpu", "run1", 1000, 1.0)
    for _ in range(REMEMBERED):
        pace.learn("cpu", "run1", 50, 1.0)
    assert pace.unit_atoms("cpu", "run1") == 50


def test_a_unit_too_fast_to_time_gives_a_rate():
    pace = Pace(unit_s=1.0)
    pace.learn("cpu", "run1", 8, 0.0)
    assert 8 < pace.unit_atoms("cpu", "run1") < float("inf")


@pytest.mark.parametrize(
    ("n_left", "n_actors", "most"),
    [
        (1000, 10, 50),
        (1001, 10, 51),
        (1000, 1, 500),
        (40, 10, FEWEST_SUBCELLS),
        (1, 500, FEWEST_SUBCELLS),
        (10**7, 1, MOST_SUBCELLS),
    ],
)
def test_a_unit_is_half_of_an_actors_share(n_left, n_actors, most):
    assert share(n_left, n_actors) == most
