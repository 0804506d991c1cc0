"""Figures of local order."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray.analysis.bond_angles import NoAngleError, bond_angles
from a2c_ray.analysis.coordination import Coordination
from a2c_ray.analysis.distributions import rdf
from a2c_ray.analysis.structure_factor import structure_factor
from a2c_ray.figures.distributions import (
    angle_figure,
    coordination_figure,
    radial_figure,
    structure_factor_figure,
)


@pytest.fixture
def warm(rutile) -> Structure:
    """A distorted crystal in the place of a glass."""
    cell = rutile * (2, 2, 3)
    cell.perturb(0.1, seed=0)
    return cell


def test_radial_figure_has_a_panel_for_each_function(warm, rutile):
    glass, crystal = rdf(warm, 6.0), rdf(rutile, 8.0)
    figure = radial_figure(glass, crystal, "rutile")
    names = [axes.texts[0].get_text() for axes in figure.axes]
    assert names == ["total", "Mg–Mg", "Mg–F", "F–F"]
    for axes, curve in zip(figure.axes, (glass.total, *glass.partial.values()), strict=True):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), curve)
        heights = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert heights.max() == pytest.approx(curve.max())
        assert axes.get_xlim() == pytest.approx((0.0, 6.0))
    legend = [text.get_text() for text in figure.legends[0].texts]
    assert legend == ["rutile (scaled)", "glass"]


def test_one_element_is_one_panel(diamond):
    figure = radial_figure(rdf(diamond))
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["Si–Si"]
    assert figure.legends == []


def test_angle_figure_of_some_triplets(warm, rutile):
    glass = bond_angles(warm)
    figure = angle_figure(glass, triplets=[("F", "Mg", "F"), ("Mg", "F", "Mg")])
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["F–Mg–F", "Mg–F–Mg"]
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_ydata(), glass.of("Mg", "F", "Mg"))
    with pytest.raises(NoAngleError):
        angle_figure(glass, triplets=[("O", "Mg", "O")])


def test_angles_that_the_crystal_has_not_are_drawn_alone(warm, rutile):
    crystal = bond_angles(rutile, {("Mg", "F"): 2.3})
    figure = angle_figure(bond_angles(warm), crystal)
    drawn = {axes.texts[0].get_text(): axes for axes in figure.axes if axes.get_visible()}
    assert len(drawn["F–Mg–F"].collections) == 1
    assert len(drawn["F–F–F"].collections) == 0
    assert [text.get_text() for text in figure.legends[0].texts] == ["crystal (scaled)", "glass"]


def test_what_is_empty_is_drawn_empty(warm, rutile):
    figure = radial_figure(rdf(warm, 2.4), rdf(rutile, 1.5))  # beyond the first Mg-F only
    assert figure.axes[1].get_ylim()[1] > 0
    assert figure.legends == []
    with pytest.raises(NoAngleError, match="no bond angles"):
        angle_figure(bond_angles(warm, {}))


def test_structure_factor_figure(warm, diamond):
    top, bottom = structure_factor_figure(structure_factor(warm, 8.0)).axes
    assert [text.get_text() for text in top.get_legend().texts] == ["equal weights", "X-rays"]
    assert [text.get_text() for text in bottom.get_legend().texts] == ["Mg–Mg", "Mg–F", "F–F"]
    (only,) = structure_factor_figure(structure_factor(diamond, 8.0)).axes
    assert only.get_legend() is None
    assert only.get_xlabel() == "q (1/Å)"


def test_coordination_figure_shows_shares_and_means():
    numbers = Coordination("B", "N", np.array([[3, 3, 4, 4], [3, 4, 4, 4]]))
    figure = coordination_figure([numbers, numbers], ["one", "other"])
    assert [text.get_text() for text in figure.legends[0].texts] == [
        "one, mean 3.62",
        "other, mean 3.62",
    ]
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [37.5, 62.5, 37.5, 62.5]
    centers = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(centers, [2.8, 3.8, 3.2, 4.2])
    alone = coordination_figure([numbers])
    assert alone.legends[0].texts[0].get_text() == "N around B, mean 3.62"
