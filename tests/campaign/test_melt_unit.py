"""Units of melt-quenches."""

from __future__ import annotations

import pytest

from a2c_ray.campaign.melt_unit import FEWEST_TOGETHER, MOST_TOGETHER, melted_together


@pytest.mark.parametrize("n_glasses", [1, 750])
def test_processors_melt_one_by_one(n_glasses):
    assert melted_together(n_glasses, n_atoms=100, n_gpus=0) == 1


def test_gpus_share_glasses():
    assert melted_together(3, n_atoms=100, n_gpus=4) == FEWEST_TOGETHER
    assert melted_together(150, n_atoms=100, n_gpus=4) == 38
    assert melted_together(750, n_atoms=100, n_gpus=1) == MOST_TOGETHER // 100
    assert melted_together(8, n_atoms=2 * MOST_TOGETHER, n_gpus=1) == 1
