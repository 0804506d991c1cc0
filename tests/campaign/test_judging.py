"""From a student's errors to what its teacher refines."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.campaign.judging import NARROWEST, REACH, UNKNOWN, WIDEST, Judged, judge


def drawn(seed: int, spread: float, n: int = 200, offset: float = 3.0) -> list[Judged]:
    """Cells of one composition whose errors are normal."""
    rng = np.random.default_rng(seed)
    energies = rng.uniform(-5.0, -4.5, n)
    return [
        Judged("AB", e - offset - error, e)
        for e, error in zip(energies, rng.normal(0, spread, n), strict=True)
    ]


def test_the_window_keeps_the_order_of_two_crystals_as_often_as_is_asked():
    """Differences of two normal errors are normal with √2 times their spread."""
    spread = 0.05
    found = judge(drawn(0, spread), confidence=0.95)
    assert found.window == pytest.approx(1.96 * np.sqrt(2) * spread + REACH, rel=0.1)
    assert found.error == pytest.approx(0.6745 * spread, rel=0.15)
    assert judge(drawn(0, spread), 0.99).window > found.window


def test_the_lowest_is_below_the_ceiling_as_often_as_is_asked():
    spread, n_kept = 0.05, 0
    ceiling = judge(drawn(1, spread), 0.95).ceilings["AB"]
    for seed in range(2, 102):
        lowest = min(drawn(seed, spread, n=50), key=lambda one: one.energy)
        n_kept += lowest.student_energy <= ceiling
    assert n_kept >= 93


def test_what_composition_is_off_by_as_a_whole_does_not_matter():
    one, other = drawn(0, 0.02), drawn(0, 0.02, offset=-7.0)
    both = judge([*one, *(o._replace(formula="A2B") for o in other)], 0.99)
    assert both.window == pytest.approx(judge(one, 0.99).window, rel=1e-3)
    assert both.ceilings["A2B"] - both.ceilings["AB"] == pytest.approx(10.0)


def test_a_hole_of_the_student_does_not_set_what_is_low():
    sound = drawn(0, 0.01)
    hole = Judged("AB", -20.0, -3.0)
    with_hole = judge([*sound, hole], 0.95).ceilings["AB"]
    assert with_hole == pytest.approx(judge(sound, 0.95).ceilings["AB"], abs=0.01)


def test_a_crystal_counts_once_however_many_cells_have_become_it():
    """What a student that leads all cells to one crystal is off by elsewhere is not known."""
    assert judge([Judged("AB", -5.0, -4.0 + 1e-5 * k) for k in range(50)], 0.99).window == UNKNOWN


def test_windows_have_bounds():
    assert judge(drawn(0, 1e-4), 0.99).window == NARROWEST
    assert judge(drawn(0, 1.0), 0.99).window == WIDEST
    assert judge(drawn(0, 0.01, n=3), 0.99).window == UNKNOWN
    assert judge([], 0.99).ceilings == {}
