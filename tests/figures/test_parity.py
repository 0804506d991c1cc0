"""Energies of a student against its teacher's."""

from __future__ import annotations

import numpy as np

from a2c_ray.figures.parity import parity_figure


def test_dots_lie_where_both_energies_are_in_millielectronvolts():
    energies, others = np.array([0.0, 0.1, 0.2]), np.array([0.01, 0.09, 0.25])
    [axes] = parity_figure(energies, others, window=0.05).axes
    diagonal, dots = axes.lines
    np.testing.assert_allclose(dots.get_xdata(), [0, 100, 200])
    np.testing.assert_allclose(dots.get_ydata(), [10, 90, 250])
    np.testing.assert_allclose(diagonal.get_xdata(), diagonal.get_ydata())
    [band] = axes.collections
    x, y = band.get_paths()[0].vertices.T
    assert np.abs(y - x).max() == 50
