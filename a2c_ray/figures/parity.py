"""Energies of one potential against those of another."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from a2c_ray.figures.style import COLORS, new_figure, styled

MILLI = 1000.0


@styled
def parity_figure(energies: np.ndarray, others: np.ndarray, window: float | None = None) -> Figure:
    """Dots about the diagonal, in meV/atom.

    Args:
        energies: of the potential that counts, eV/atom, `[n]`.
        others: of the other, for the same cells, `[n]`.
        window: half width of a band about the diagonal, eV/atom; none if not given.
    """
    figure, axes = new_figure(height=3.2)
    x, y = MILLI * np.asarray(energies), MILLI * np.asarray(others)
    span = np.array([min(x.min(), y.min()), max(x.max(), y.max())])
    axes.plot(span, span, color="0.6", linewidth=0.8, zorder=0)
    if window is not None:
        band = MILLI * window
        axes.fill_between(span, span - band, span + band, color="0.92", linewidth=0, zorder=-1)
    axes.plot(x, y, "o", color=COLORS[0], markersize=3, alpha=0.6)
    axes.set_xlabel("Teacher (meV/atom)")
    axes.set_ylabel("Student (meV/atom)")
    return figure
