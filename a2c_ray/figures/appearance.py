"""Which phases emerged from the glasses of each density and temperature."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from a2c_ray.analysis.morphology import Appearance
from a2c_ray.figures.style import PAGE_WIDTH, new_figure, styled

LARGEST_WRITTEN = 30
"""Cells of a panel in which numbers are written; there is no room in more."""

NAME_WIDTH = 16
"""Letters of a line above a panel."""

MOST_LABELS = 5
"""Along an axis of cells."""


@styled
def appearance_figure(appearances: Sequence[Appearance]) -> Figure:
    """A panel for each phase: densities by temperatures, coloured by frequency; grey without any.

    Small grids carry the number of subcells and the energy above the lowest, meV/atom.

    Args:
        appearances: at least one.
    """
    phases = list(dict.fromkeys(a.phase for a in appearances))
    densities = sorted({a.density for a in appearances})
    temperatures = sorted({a.t_high for a in appearances})
    present = [100 * a.frequency.share for a in appearances if a.frequency.number] or [1.0]
    norm = LogNorm(min(present), max(*present, 1.01 * min(present)))
    figure, axes = new_figure(
        1, len(phases), width=PAGE_WIDTH, height=2.2, sharex=True, sharey=True, squeeze=False
    )
    for axis, phase in zip(axes[0], phases, strict=True):
        shares = np.zeros((len(temperatures), len(densities)))
        for a in appearances:
            if a.phase == phase:
                row, column = temperatures.index(a.t_high), densities.index(a.density)
                shares[row, column] = 100 * a.frequency.share
                if shares.size <= LARGEST_WRITTEN:
                    _write_in_cell(axis, row, column, a, norm)
        axis.set_facecolor("0.92")
        cells = np.ma.masked_equal(shares, 0.0)
        image = axis.imshow(cells, norm=norm, origin="lower", aspect="auto")
        axis.set_title(textwrap.fill(phase, NAME_WIDTH), fontsize=8)
        axis.tick_params(length=0)
        axis.set_xlabel("Density (g/cm³)")
    _label_cells(axes[0, 0].set_xticks, [f"{density:.3g}" for density in densities])
    _label_cells(axes[0, 0].set_yticks, [f"{t_high:.0f}" for t_high in temperatures])
    axes[0, 0].set_ylabel("$T_{high}$ (K)")
    ticks = LogLocator(subs=(1, 2, 5))
    scale = figure.colorbar(
        image, ax=axes, label="Subcells (%)", pad=0.01, ticks=ticks, format="%g"
    )
    scale.minorticks_off()
    return figure


def _write_in_cell(axis: Axes, row: int, column: int, found: Appearance, norm: LogNorm) -> None:
    text, is_dark = "0", False
    if found.delta is not None:
        text = f"{found.frequency.number}\n{1000 * found.delta:+.0f}"
        is_dark = norm(100 * found.frequency.share) < 0.5
    color = "white" if is_dark else "black"
    axis.text(column, row, text, ha="center", va="center", fontsize=7, color=color)


def _label_cells(set_ticks: Callable, labels: Sequence[str]) -> None:
    """As many labels as there is room for."""
    every = -(-len(labels) // MOST_LABELS)
    set_ticks(range(0, len(labels), every), labels[::every])
