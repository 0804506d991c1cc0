"""Glasses are averaged by condition, and polymorphs counted among what was relaxed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from a2c_ray.analysis.morphology import (
    Emergence,
    GlassMorphology,
    Proportion,
    appearances,
    grid_points,
    phases_of,
)

CRYSTALLIZED = GlassMorphology(
    glass_id="a",
    t_high=500.0,
    density=2.61,
    pressure=9.0,
    coordination=4.0,
    n_relaxed=200,
    lowest=-7.00,
    emerged={"calcite": Emergence(8, -7.00), "vaterite 1": Emergence(2, -6.99)},
)
OF_ANOTHER_SEED = GlassMorphology("b", 500.0, 2.61, 12.0, 3.0)
OF_ANOTHER_DENSITY = GlassMorphology(
    "c", 500.0, 2.09, 1.0, 3.0, None, None, 100, -6.98, {"vaterite 2": Emergence(1, -6.98)}
)
GLASSES = (CRYSTALLIZED, OF_ANOTHER_SEED, OF_ANOTHER_DENSITY)
PHASES = {"calcite": ("calcite",), "vaterite": ("vaterite 1", "vaterite 2")}


def test_intervals_are_wilsons():
    z = norm.ppf(0.975)
    for number, total in [(0, 20500), (3, 20), (20, 20), (1500, 20500)]:
        found = Proportion.of(number, total)
        middle = (number + z**2 / 2) / (total + z**2)
        half = z * np.sqrt(number * (total - number) / total + z**2 / 4) / (total + z**2)
        assert (found.low, found.high) == pytest.approx((middle - half, middle + half), abs=1e-12)
        assert found.share == number / total


def test_intervals_cover_as_often_as_they_say():
    total, share = 400, 0.03
    numbers = np.arange(total + 1)
    covered = [p.low <= share <= p.high for p in (Proportion.of(k, total) for k in numbers[:60])]
    assert np.dot(binom.pmf(numbers[:60], total, share), covered) == pytest.approx(0.95, abs=0.02)


def test_repeats_are_averaged_whether_crystallized_or_not():
    low, high = grid_points(GLASSES)
    assert (low.density, high.density) == (2.09, 2.61)
    assert len(high.glasses) == 2
    assert (high.pressure, high.coordination, high.n_relaxed) == (10.5, 3.5, 200)
    assert high.crystallinity is None


def test_frequencies_are_among_relaxed_subcells():
    low, high = grid_points(GLASSES)
    assert high.frequency(["calcite"])[:2] == (8, 200)
    assert high.frequency(PHASES["vaterite"])[:2] == (2, 200)
    assert low.frequency(["calcite"])[:2] == (0, 100)
    assert grid_points([OF_ANOTHER_SEED])[0].frequency(["calcite"]) is None


def test_what_appears_where():
    table = {(a.density, a.phase): a for a in appearances(grid_points(GLASSES), PHASES)}
    assert len(table) == 4
    assert table[2.09, "calcite"].delta is None
    assert table[2.61, "calcite"].delta == 0.0
    assert table[2.61, "vaterite"].delta == pytest.approx(0.01)
    assert table[2.09, "vaterite"].delta == pytest.approx(0.02)
    assert table[2.09, "vaterite"].frequency[:2] == (1, 100)


def test_a_condition_that_was_not_crystallized_says_nothing_about_phases():
    assert appearances(grid_points([OF_ANOTHER_SEED]), PHASES) == []


def test_every_polymorph_that_emerged_is_a_phase_by_default():
    assert list(phases_of(GLASSES)) == ["calcite", "vaterite 1", "vaterite 2"]
