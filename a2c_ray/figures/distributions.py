"""Local order of a glass: radial distributions, bond angles, structure factor, coordination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator

from a2c_ray.analysis.bond_angles import AngleDistribution, NoAngleError, Triplet
from a2c_ray.analysis.coordination import Coordination
from a2c_ray.analysis.distributions import RadialDistribution
from a2c_ray.analysis.structure_factor import StructureFactor
from a2c_ray.figures.style import COLORS, COLUMN_WIDTH, PAGE_WIDTH, label_panels, new_figure, styled

SMALL_PANEL_HEIGHT = 1.5
"""Inches."""

HEADROOM = 1.25
"""Of the axes over the curves, for the names of panels."""

MOST_NUMBERS = 14
"""Coordination numbers that are all written below their bars."""

CRYSTAL_COLOR = "0.75"

Elements = TypeVar("Elements", bound=tuple[str, ...])

Curves = tuple[np.ndarray, Mapping[Elements, np.ndarray]]
"""Positions `[n]`, and by elements the values there, `[n]` each; no elements stand for all."""


@styled
def radial_figure(
    glass: RadialDistribution,
    crystal: RadialDistribution | None = None,
    crystal_name: str = "crystal",
) -> Figure:
    """Total and partial radial distribution functions, a panel each.

    Args:
        glass: drawn as lines.
        crystal: drawn as areas behind these, scaled to their heights; without smearing, as sticks.
        crystal_name: for the legend.
    """
    behind = _radial_curves(crystal) if crystal else None
    figure, panels = _panels(_radial_curves(glass), behind, crystal_name)
    for axes in panels:
        draw_ideal_gas(axes)
        axes.set_xlim(0.0, float(glass.r[-1] + glass.r[0]))
    figure.supxlabel("r (Å)", fontsize=9)
    figure.supylabel("g(r)", fontsize=9)
    return figure


@styled
def angle_figure(
    glass: AngleDistribution,
    crystal: AngleDistribution | None = None,
    crystal_name: str = "crystal",
    triplets: Sequence[Triplet] | None = None,
) -> Figure:
    """Distributions of bond angles, a panel for each triplet of elements.

    Args:
        glass: drawn as lines.
        crystal: drawn as areas behind these, scaled to their heights.
        crystal_name: for the legend.
        triplets: to be drawn; all of the glass by default.

    Raises:
        NoAngleError: the glass has no angles, or none of a triplet.
    """
    chosen = {triplet: glass.of(*triplet) for triplet in triplets or glass.density}
    if not chosen:
        raise NoAngleError("the glass has no bond angles to be drawn")
    behind = (crystal.angle, crystal.density) if crystal else None
    figure, panels = _panels((glass.angle, chosen), behind, crystal_name)
    for axes in panels:
        axes.set(xlim=(0, 180), xticks=range(0, 181, 60))
    figure.supxlabel("Angle (°)", fontsize=9)
    figure.supylabel("Probability density (1/°)", fontsize=9)
    return figure


@styled
def structure_factor_figure(factor: StructureFactor) -> Figure:
    """Total structure factor, and below it the partial ones if there are several.

    Args:
        factor: of a glass.
    """
    several = len(factor.partial) > 1
    figure, axes = new_figure(1 + several, 1, sharex=True, squeeze=False)
    panels = axes[:, 0]
    panels[0].plot(factor.q, factor.total, label="equal weights")
    panels[0].set_ylabel("S(q)")
    if several:
        panels[0].plot(factor.q, factor.xray, linestyle="--", label="X-rays")
        for pair, partial in factor.partial.items():
            panels[1].plot(factor.q, partial, label="–".join(pair))
        panels[1].set_ylabel("Partial S(q)")
        label_panels(panels)
    for panel in panels:
        draw_ideal_gas(panel)
        if several:
            panel.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    panels[-1].set(xlabel="q (1/Å)", xlim=(0.0, float(factor.q[-1])))
    return figure


@styled
def coordination_figure(
    coordinations: Sequence[Coordination], labels: Sequence[str] | None = None
) -> Figure:
    """Histograms of coordination numbers, side by side, with their means.

    Args:
        coordinations: of different elements, structures or methods.
        labels: of each; its elements by default.
    """
    labels = labels or [f"{found.neighbor} around {found.center}" for found in coordinations]
    figure, axes = new_figure()
    width = 0.8 / len(coordinations)
    for k, (found, label) in enumerate(zip(coordinations, labels, strict=True)):
        there = np.flatnonzero(found.shares)
        axes.bar(
            there + (k - (len(coordinations) - 1) / 2) * width,
            100 * found.shares[there],
            width,
            color=COLORS[k % len(COLORS)],
            label=f"{label}, mean {found.mean:.2f}",
        )
    axes.set(xlabel="Coordination number", ylabel="Share of atoms (%)")
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, round(low) - 0.9), max(high, round(high) + 0.9))
    locator = MultipleLocator(1) if high - low < MOST_NUMBERS else MaxNLocator(integer=True)
    axes.xaxis.set_major_locator(locator)
    axes.tick_params(axis="x", length=0)
    figure.legend(loc="outside upper center")
    return figure


def draw_over_crystal(
    panel: Axes,
    x: np.ndarray,
    curve: np.ndarray,
    x_behind: np.ndarray,
    behind: np.ndarray | None,
    crystal_name: str = "crystal",
) -> None:
    """Draw a curve of a glass over that of a crystal, which is scaled to its height.

    Args:
        panel: to draw on.
        x, curve: of the glass, `[n]`.
        x_behind, behind: of the crystal, `[m]`; None if it has none.
        crystal_name: for the legend.
    """
    height = float(curve.max()) or 1.0
    if behind is not None and behind.any():
        panel.fill_between(
            x_behind,
            behind * (height / behind.max()),
            step="mid",
            color=CRYSTAL_COLOR,
            lw=0,
            label=f"{crystal_name} (scaled)",
        )
    panel.plot(x, curve, label="glass")
    panel.set_ylim(0.0, HEADROOM * height)


def draw_ideal_gas(panel: Axes) -> None:
    """Draw the line at 1, to which g(r) and S(q) tend."""
    panel.axhline(1.0, color="0.5", linewidth=0.6, linestyle=":", zorder=0)


def _radial_curves(radial: RadialDistribution) -> Curves[tuple[str, ...]]:
    """The total and the partials; if there is one element, they are the same."""
    curves: dict[tuple[str, ...], np.ndarray] = {}
    if len(radial.partial) > 1:
        curves[()] = radial.total
    curves.update(radial.partial.items())
    return radial.r, curves


def _panels(
    glass: Curves[Elements], crystal: Curves[Elements] | None, crystal_name: str
) -> tuple[Figure, list[Axes]]:
    """A small panel for each curve of a glass, over that of a crystal if it has one."""
    x, curves = glass
    columns = min(3, int(np.ceil(np.sqrt(len(curves)))))
    rows = int(np.ceil(len(curves) / columns))
    figure, axes = new_figure(
        rows,
        columns,
        width=COLUMN_WIDTH if columns == 1 else PAGE_WIDTH,
        height=rows * SMALL_PANEL_HEIGHT + 0.6,
        squeeze=False,
    )
    panels = list(axes.flat)
    for unused in panels[len(curves) :]:
        unused.set_visible(False)
    panels = panels[: len(curves)]
    for panel, (elements, curve) in zip(panels, curves.items(), strict=True):
        r_behind, behind = (crystal[0], crystal[1].get(elements)) if crystal else (x, None)
        draw_over_crystal(panel, x, curve, r_behind, behind, crystal_name)
        panel.text(
            0.97,
            0.95,
            "–".join(elements) or "total",
            transform=panel.transAxes,
            ha="right",
            va="top",
        )
    legends = [panel.get_legend_handles_labels() for panel in panels]
    handles, labels = max(legends, key=lambda legend: len(legend[0]))
    if len(handles) > 1:
        figure.legend(handles, labels, loc="outside upper center", ncols=2)
    return figure, panels
