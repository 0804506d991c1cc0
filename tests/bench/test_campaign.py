"""The campaign's own costs."""

from __future__ import annotations

import pytest

from a2c_ray.bench.campaign import measure_campaign


@pytest.mark.slow
def test_a_campaign_with_a_free_potential():
    result = measure_campaign(n_subcells=15_000, seconds=1.0)
    assert 15_000 < result["queue"] < 25_000
    assert result["subcells"] > 0
    assert 0 < result["driver_us_per_subcell"] < result["actor_us_per_subcell"]
    assert result["rss_before_mb"] <= result["driver_rss_mb"]
