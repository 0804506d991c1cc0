"""How much of a pool holds its products."""

from __future__ import annotations

import numpy as np

from a2c_ray.figures.recall import recall_figure


def test_the_stairs_rise_where_products_are_found():
    [axes] = recall_figure(np.array([0.01, 0.2]), n_products=4).axes
    [stairs] = axes.lines
    np.testing.assert_allclose(stairs.get_xdata(), [1, 20, 100])
    np.testing.assert_allclose(stairs.get_ydata(), [25, 50, 50])
