"""The path of a subcell into a crystal, beside the glass that it was cut from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any, TypeVar

import numpy as np
from ase import Atoms
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy

from a2c_ray.analysis.distributions import Pair, RadialDistribution
from a2c_ray.analysis.transformation import R_MAX, Transformation
from a2c_ray.figures.relaxing_cell import Camera, element_handles
from a2c_ray.figures.style import COLORS, PAGE_WIDTH, label_panels, styled

TOP_HEIGHT, ROW_HEIGHT = 2.0, 1.4
"""Inches."""

GLASS_ALPHA = 0.3
"""Of the distributions of the glass, behind the lines of the cell."""

LEGEND = {
    "ncols": 2,
    "fontsize": 7,
    "handlelength": 1.0,
    "handletextpad": 0.4,
    "columnspacing": 0.8,
    "labelspacing": 0.2,
}
"""Above the lower panels."""

LETTER_WIDTH = 16
"""Points; beside it, cells have their legend."""

LINE_WIDTH = 0.9
"""Points; of the lines of the cell."""

FIRST_STEPS = 10
"""Least number of steps over which spurious bonds are shown, and twice those that they last."""

Elements = TypeVar("Elements", bound=tuple[str, ...])

Curves = Mapping[Elements, np.ndarray]
"""One for each pair or triplet of elements."""

Colors = Mapping[Elements, str]
"""Likewise; what has none is not drawn."""


@styled
def transformation_figure(cells: Sequence[Atoms], transformation: Transformation) -> Figure:
    """Energy and spurious bonds against step, and what some steps look like.

    Below, at some steps, the cell, and the lengths of its bonds and the angles between them as
    lines over the distributions of the glass. Of bonds that are not the shortest of an element,
    those that are spurious at some step are shown. Bonds end at the first minima of the glass.
    Each distribution has a height of 1.

    Args:
        cells: at the steps `transformation.shown`.
        transformation: of the path.
    """
    rows = range(len(cells))
    figure = Figure(figsize=(PAGE_WIDTH, TOP_HEIGHT + ROW_HEIGHT * len(rows)))
    mosaic: list[Any] = [["energy"] * 3 + ["spurious"] * 3]
    for row in rows:
        mosaic.append([f"{panel}{row}" for panel in ("cell", "r", "angle") for _ in "12"])
    heights = [TOP_HEIGHT] + [ROW_HEIGHT] * len(rows)
    axes = figure.subplot_mosaic(mosaic, height_ratios=heights)
    glass, spurious = transformation.glass, transformation.spurious
    pairs = _colors(p for p in spurious if p in glass.angular.bond_lengths or any(spurious[p]))
    triplets = _colors(glass.angular.density)
    _draw_energy(axes["energy"], transformation)
    _draw_spurious(axes["spurious"], transformation, pairs)
    camera = Camera(cells)
    for row, cell, lines in zip(rows, cells, transformation.cells, strict=True):
        camera.draw(axes[f"cell{row}"], cell)
        axes[f"cell{row}"].set_anchor("W")
        r, angle = axes[f"r{row}"], axes[f"angle{row}"]
        _draw_glass(r, pairs, glass.radial.r, glass.radial.partial)
        _draw_lines(r, pairs, lines.radial.r, _bonds(lines.radial, transformation.bond_lengths))
        _draw_glass(angle, triplets, glass.angular.angle, glass.angular.density)
        _draw_lines(angle, triplets, lines.angular.angle, lines.angular.density)
        r.set(xlim=(1.0, R_MAX), ylabel=f"Step {transformation.shown[row]}")
        angle.set(xlim=(0, 180), xticks=range(0, 181, 45))
        for panel in (r, angle):
            panel.set(ylim=(0.0, 1.05), yticks=[])
            panel.tick_params(labelbottom=row == rows[-1])
    axes[f"r{rows[-1]}"].set_xlabel("Distance (Å)")
    axes[f"angle{rows[-1]}"].set_xlabel("Angle (°)")
    beside_letter = offset_copy(axes["cell0"].transAxes, figure, x=LETTER_WIDTH, units="points")
    axes["cell0"].legend(
        handles=element_handles(cells[0].numbers),
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        bbox_transform=beside_letter,
        **LEGEND,
    )
    for name in ("r0", "angle0"):
        if axes[name].collections:
            axes[name].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), **LEGEND)
    label_panels([axes[panel] for panel in ("energy", "spurious", "cell0", "r0", "angle0")])
    return figure


def _draw_energy(axes: Axes, transformation: Transformation) -> None:
    shown = list(transformation.shown)
    axes.plot(transformation.energy)
    axes.plot(shown, transformation.energy[shown], "o", color=COLORS[1], clip_on=False)
    axes.set(xlabel="Step", ylabel="Energy (eV/atom)", xlim=(0, max(1, shown[-1])))


def _draw_spurious(axes: Axes, transformation: Transformation, colors: Colors[Pair]) -> None:
    for pair, share in transformation.spurious.items():
        if any(share):
            axes.plot(100 * share, color=colors[pair], label="–".join(pair))
    last = max(transformation.last_spurious.values(), default=0)
    axes.set(xlabel="Step", ylabel="Spurious bonds (%)", xlim=(0, max(FIRST_STEPS, 2 * last)))
    axes.set_ylim(bottom=0)
    if axes.lines:
        axes.legend()


def _draw_glass(
    axes: Axes, colors: Colors[Elements], x: np.ndarray, curves: Curves[Elements]
) -> None:
    for elements, color in colors.items():
        curve, label = curves[elements] / curves[elements].max(), "–".join(elements)
        axes.fill_between(x, curve, color=color, alpha=GLASS_ALPHA, linewidth=0, label=label)


def _draw_lines(
    axes: Axes, colors: Colors[Elements], x: np.ndarray, histograms: Curves[Elements]
) -> None:
    """Draw histograms whose bins are so narrow that each is a line."""
    for elements, color in colors.items():
        heights = histograms.get(elements, np.zeros(0))
        there = np.flatnonzero(heights)
        if len(there):
            top = heights[there] / heights.max()
            axes.vlines(x[there], 0.0, top, color=color, linewidth=LINE_WIDTH, clip_on=False)


def _bonds(radial: RadialDistribution, bond_lengths: Mapping[Pair, float]) -> Curves[Pair]:
    """Partials up to the end of the bonds."""
    return {
        pair: np.where(radial.r < bond_lengths[pair], g, 0.0)
        for pair, g in radial.partial.items()
        if pair in bond_lengths
    }


def _colors(of: Iterable[Elements]) -> Colors[Elements]:
    return dict(zip(of, cycle(COLORS), strict=False))
