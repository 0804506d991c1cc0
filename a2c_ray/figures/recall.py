"""How much of a pool must be looked at to find what it holds."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from a2c_ray.figures.style import COLORS, new_figure, styled


@styled
def recall_figure(shares: np.ndarray, n_products: int) -> Figure:
    """A staircase: products found against the part of each composition that is refined.

    Args:
        shares: of its composition at which each product is found first, ascending, `[n]`.
        n_products: of all, of which some may never be found.
    """
    figure, axes = new_figure(height=3.2)
    found = 100.0 * np.arange(1, len(shares) + 1) / n_products
    axes.step([*(100.0 * shares), 100.0], [*found, found[-1]], where="post", color=COLORS[0])
    axes.set_xscale("log")
    axes.set_ylim(0.0, 105.0)
    axes.set_xlabel("Of the pool, lowest to the student first (%)")
    axes.set_ylabel("Of the products (%)")
    return figure
