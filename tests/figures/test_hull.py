"""Diagrams show every point where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.analysis.hull import Emerged, HullError, hull
from a2c_ray.figures.hull import hull_figure


def emerged(**energies):
    return [Emerged(Composition(formula), energy) for formula, energy in energies.items()]


def test_a_binary_diagram_has_the_hull_and_what_is_above():
    found = hull(emerged(Fe=-8.0, Fe4B=-7.5, Fe3B=-7.73, Fe2B=-7.63), ["Fe", "Fe2B"])
    axes = hull_figure(found, "Fe4B").axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["on the hull"].get_xdata() == pytest.approx([0.0, 0.75, 1.0])
    assert lines["above it"].get_xdata() == pytest.approx([0.6])
    assert lines["glass"].get_xdata() == pytest.approx([0.6, 0.6])
    assert "meV/atom" in axes.get_ylabel()


def test_a_ternary_diagram_has_elements_in_its_corners():
    entries = emerged(Bi=-3.8, B=-6.6, O2=-4.5, Bi2O3=-5.0, B2O3=-7.0, BiBO3=-6.3, BiBO4=-3.0)
    figure = hull_figure(hull(entries, ["Bi", "B", "O2"]), "BiBO3")
    places = figure.axes[0].collections[0].get_offsets()
    assert len(places) == len(entries)
    for corner in ([0, 0], [1, 0], [0.5, np.sqrt(3) / 2]):
        assert np.min(np.linalg.norm(places - corner, axis=1)) < 1e-9
    bibo3 = 0.2 * np.array([0, 0]) + 0.2 * np.array([1, 0]) + 0.6 * np.array([0.5, np.sqrt(3) / 2])
    assert np.min(np.linalg.norm(places - bibo3, axis=1)) < 1e-9


def test_four_end_members_are_refused():
    found = hull(emerged(Fe=-8.0, B=-6.0, C=-9.0, N2=-8.0, FeN=-8.0), ["Fe", "B", "C", "N2"])
    with pytest.raises(HullError, match="not 4"):
        hull_figure(found)


def test_labels_near_the_hull_leave_each_other_room():
    near = emerged(Fe=-8.0, B=-6.0, Fe4B=-7.59, Fe9B2=-7.62, FeB=-6.99, Fe2B=-7.2)
    axes = hull_figure(hull(near)).axes[0]
    labels = {text.get_text() for text in axes.texts}
    assert {"Fe", "B", "Fe$_{4}$B", "FeB"} == labels
    assert axes.get_xlabel() == "x in Fe$_{1-x}$B$_x$"


def test_points_far_above_the_hull_are_left_out():
    found = hull(emerged(Fe=-8.0, B=-6.0, FeB=-6.9, Fe2B=-3.0))
    lines = {line.get_label(): line for line in hull_figure(found).axes[0].lines}
    assert lines["above it"].get_xdata() == pytest.approx([0.5])
