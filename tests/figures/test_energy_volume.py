"""Every bin is a dot, products are marked, and dots lead where they should."""

from __future__ import annotations

import re

import numpy as np

from a2c_ray.figures.energy_volume import MarkedProduct, energy_volume_figure
from a2c_ray.figures.style import svg_text

VOLUME, ENERGY = np.array([10.0, 11.0, 12.0]), np.array([-5.0, -4.9, -4.8])
NUMBER = np.array([1, 10, 100])
PRODUCTS = [
    MarkedProduct(10.1, -5.0, "P-1"),
    MarkedProduct(10.0, -4.999, "rutile", is_known=True),
    MarkedProduct(12.0, -4.8, "I4$_{1}$/amd"),
]


def test_dots_are_at_their_energies_above_the_lowest():
    axes = energy_volume_figure("MgF2", VOLUME, ENERGY, NUMBER, PRODUCTS).axes[0]
    dots, marks = axes.collections[:2]
    np.testing.assert_allclose(dots.get_offsets(), [[10, 0], [11, 100], [12, 200]], atol=1e-9)
    assert dots.get_array().tolist() == NUMBER.tolist()
    assert np.all(np.diff(dots.get_sizes()) > 0)
    np.testing.assert_allclose(marks.get_offsets()[:, 1], [0.0, 1.0, 200.0], atol=1e-9)


def test_labels_that_would_cover_each_other_are_left_out():
    """That of a known polymorph is not."""
    axes = energy_volume_figure("MgF2", VOLUME, ENERGY, NUMBER, PRODUCTS).axes[0]
    assert [text.get_text() for text in axes.texts] == ["rutile", "I4$_{1}$/amd"]


def test_links_are_those_that_were_given():
    links = ["#one", "#two", "#three"]
    svg = svg_text(energy_volume_figure("MgF2", VOLUME, ENERGY, NUMBER, links=links))
    assert re.findall(r'<a xlink:href="([^"]+)"', svg) == links


def test_one_subcell_can_be_drawn():
    figure = energy_volume_figure("Si", np.array([20.0]), np.array([-4.0]), np.array([1]))
    assert "Subcells" in svg_text(figure)
