"""Glasses over polymorphs: what is where, and what is named."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.amorphous_limit import amorphous_limit
from a2c_ray.figures.amorphous_limit import limit_figure

GLASSES = {"g1": -8.8, "g2": -8.7}
PUBLISHED = {"rutile": -9.0, "brookite": -8.75}


def test_dots_are_glasses_and_lines_polymorphs():
    limit = amorphous_limit("TiO2", "p", GLASSES, PUBLISHED, {"fluorite": -8.95})
    [axes] = limit_figure([limit]).axes
    [dots] = axes.lines
    np.testing.assert_allclose(dots.get_ydata(), [200, 300])
    lines = {c.get_label(): c for c in axes.collections}
    heights = [segment[0][1] for segment in lines["published polymorph"].get_segments()]
    np.testing.assert_allclose(heights, [0, 250], atol=1e-9)
    [[proposed, _]] = lines["proposed polymorph"].get_segments()
    assert proposed[1] == pytest.approx(50)
    assert [text.get_text() for text in axes.texts] == ["brookite"]
    assert axes.get_ylim()[1] > 300


def test_a_glass_below_all_polymorphs_is_seen():
    limit = amorphous_limit("TiO2", "p", {"g": -9.05}, {"rutile": -9.0}, {"fluorite": -9.1})
    [axes] = limit_figure([limit]).axes
    low, high = axes.get_ylim()
    assert low < -100.0 < 0.0 < high
    [axes] = limit_figure([amorphous_limit("X", "p", {"g": -9.0}, {"a": -9.0}, {})]).axes
    low, high = axes.get_ylim()
    assert low < 0.0 < high
    assert high - low > 10.0


def test_potentials_are_named_where_they_differ():
    one, other = (amorphous_limit("TiO2", name, GLASSES, PUBLISHED, {}) for name in "pq")
    [axes] = limit_figure([one, other]).axes
    assert [tick.get_text().split("\n")[1:] for tick in axes.get_xticklabels()] == [["p"], ["q"]]
    [axes] = limit_figure([one]).axes
    assert "\n" not in axes.get_xticklabels()[0].get_text()
