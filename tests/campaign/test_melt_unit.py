"""Units of melt-quenches."""

from __future__ import annotations

from a2c_ray.campaign.melt_unit import FEWEST_TOGETHER, MOST_TOGETHER, melted_together


def test_glasses_are_shared_out():
    assert melted_together(3, n_atoms=100, n_actors=4) == FEWEST_TOGETHER
    assert melted_together(150, n_atoms=100, n_actors=4) == 38
    assert melted_together(750, n_atoms=100, n_actors=1) == MOST_TOGETHER // 100
    assert melted_together(8, n_atoms=2 * MOST_TOGETHER, n_actors=1) == 1
