"""What emerged from glasses: each glass beside its crystal, and the order of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ase import Atoms
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from a2c_ray.analysis.distributions import RadialDistribution
from a2c_ray.figures.distributions import draw_ideal_gas, draw_over_crystal
from a2c_ray.figures.relaxing_cell import Camera, element_handles
from a2c_ray.figures.style import PAGE_WIDTH, styled

ROW_HEIGHT, WIDTHS = 1.75, (1.0, 1.0, 1.5)
"""Inches of a row; its panels, relative to each other."""

LEGEND = {"ncols": 4, "handletextpad": 0.1, "columnspacing": 0.8, "borderaxespad": 0.0}
"""Of the elements, below a glass."""


class Emergence(NamedTuple):
    """A glass and a crystal that emerged from it.

    glass, crystal: the box and a cell.
    glass_name, crystal_name: written above them.
    glass_order, crystal_order: radial distributions of both, of all elements alike.
    """

    glass: Atoms
    crystal: Atoms
    glass_name: str
    crystal_name: str
    glass_order: RadialDistribution
    crystal_order: RadialDistribution


@styled
def emergence_figure(emerged: Sequence[Emergence]) -> Figure:
    """A row for each glass: its box, the crystal to the same scale, and g(r) of both.

    That of the crystal is the area behind, scaled to the height of the glass's.
    """
    rows = len(emerged)
    figure = Figure(figsize=(PAGE_WIDTH, ROW_HEIGHT * rows))
    panels = figure.subplots(rows, len(WIDTHS), width_ratios=WIDTHS, squeeze=False)
    for (glass, crystal, order), one in zip(panels, emerged, strict=True):
        camera = Camera([one.glass, one.crystal])
        camera.draw(glass, one.glass)
        camera.draw(crystal, one.crystal)
        glass.set_title(one.glass_name)
        crystal.set_title(one.crystal_name)
        glass.legend(
            handles=element_handles(one.glass.numbers),
            loc="upper center",
            bbox_to_anchor=(0.5, 0.0),
            **LEGEND,
        )
        _draw_order(order, one.glass_order, one.crystal_order)
    panels[-1][-1].set_xlabel("r (Å)")
    return figure


def _draw_order(axes: Axes, glass: RadialDistribution, crystal: RadialDistribution) -> None:
    draw_ideal_gas(axes)
    draw_over_crystal(axes, glass.r, glass.total, crystal.r, crystal.total)
    axes.set(ylabel="g(r)", xlim=(0.0, float(glass.r[-1])))
