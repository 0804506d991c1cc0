"""Which polymorphs emerge under which pressure, temperature and coordination of the glass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from a2c_ray.analysis.crystallinity import Order
from a2c_ray.analysis.morphology import GridPoint
from a2c_ray.figures.style import COLORS, PAGE_WIDTH, label_panels, new_figure, styled

MARKERS = "osD^vP*"

Phases = Mapping[str, Iterable[str]]
"""Polymorphs of each phase."""

Colour = Literal["crystallinity", "phase_share"]

ORDER_MARKERS = {None: "o", Order.AMORPHOUS: "o", Order.PARTIAL: "^", Order.CRYSTALLINE: "s"}

MOST_NAMES = 3
"""Side by side in a legend."""

DOT = 16.0
"""Area of the dots of the map, points²."""


@styled
def morphology_figure(
    points: Sequence[GridPoint],
    phases: Phases,
    colour: Colour = "crystallinity",
    colour_label: str = "Crystallinity (%)",
    transition_pressure: float | None = None,
) -> Figure:
    """The glasses in pressure and temperature; phases against pressure and coordination.

    As Fig. 4a to c of the a²c paper. The last panel is left out if no coordination is known.

    Args:
        points: averages over repeats.
        phases: whose frequencies to draw.
        colour: which property of the points colours the first panel.
        colour_label: of it, in percent.
        transition_pressure: marked by a line, GPa.
    """
    n_panels = 3 if any(point.coordination is not None for point in points) else 2
    figure, axes = new_figure(1, n_panels, width=PAGE_WIDTH, height=2.7)
    _draw_map(axes[0], points, colour, colour_label)
    _draw_frequencies(axes[1], points, phases, "pressure")
    for axis in axes[:2]:
        _mark_pressure(axis, transition_pressure)
    if n_panels == 3:
        _draw_frequencies(axes[2], points, phases, "coordination")
        axes[2].sharey(axes[1])
        axes[2].set_ylabel("")
    _place_legend(figure, axes[0], "left")
    _place_legend(figure, axes[1], "right")
    label_panels(axes)
    return figure


@styled
def map_figure(
    points: Sequence[GridPoint],
    colour: Colour = "crystallinity",
    colour_label: str = "Crystallinity (%)",
    transition_pressure: float | None = None,
) -> Figure:
    """The first panel of `morphology_figure`."""
    figure, axis = new_figure()
    _draw_map(axis, points, colour, colour_label)
    _mark_pressure(axis, transition_pressure)
    _place_legend(figure, axis, "left")
    return figure


@styled
def frequency_figure(
    points: Sequence[GridPoint],
    phases: Phases,
    against: Literal["pressure", "coordination"] = "pressure",
    transition_pressure: float | None = None,
) -> Figure:
    """The second or third panel of `morphology_figure`."""
    figure, axis = new_figure()
    _draw_frequencies(axis, points, phases, against)
    if against == "pressure":
        _mark_pressure(axis, transition_pressure)
    _place_legend(figure, axis, "right")
    return figure


def _draw_map(axis: Axes, points: Sequence[GridPoint], colour: Colour, label: str) -> None:
    unknown = [point for point in points if getattr(point, colour) is None]
    known = [point for point in points if getattr(point, colour) is not None]
    axis.scatter(*_places(unknown), s=DOT, facecolors="none", edgecolors="0.5", linewidths=0.5)
    for order, marker in ORDER_MARKERS.items():
        alike = [point for point in known if point.order is order]
        percent = [100 * getattr(point, colour) for point in alike]
        dots = axis.scatter(
            *_places(alike), s=DOT, c=percent, marker=marker, vmin=0.0, vmax=100.0, linewidths=0
        )
        if alike and order:
            dots.set_label(order.value)
    if known:
        axis.figure.colorbar(dots, ax=axis, label=label, pad=0.02)
    axis.margins(y=0.1)
    axis.set_xlabel("Pressure (GPa)")
    axis.set_ylabel("$T_{high}$ (K)")


def _places(points: Sequence[GridPoint]) -> tuple[list[float], list[float]]:
    return [point.pressure for point in points], [point.t_high for point in points]


def _draw_frequencies(
    axis: Axes, points: Sequence[GridPoint], phases: Phases, against: str
) -> None:
    for (phase, names), color, marker in zip(phases.items(), COLORS, MARKERS, strict=False):
        drawn = [
            (getattr(point, against), frequency)
            for point in points
            if (frequency := point.frequency(names)) and getattr(point, against) is not None
        ]
        share = np.array([100 * f.share for _, f in drawn])
        ends = np.array([[100 * f.low, 100 * f.high] for _, f in drawn]).reshape(-1, 2)
        axis.errorbar(
            [x for x, _ in drawn],
            share,
            yerr=np.abs(ends.T - share),
            fmt=marker,
            color=color,
            markersize=3.5,
            elinewidth=0.6,
            alpha=0.8,
            label=phase,
        )
    axis.set_xlabel("Pressure (GPa)" if against == "pressure" else "Mean coordination")
    axis.set_ylabel("Subcells (%)")
    axis.set_ylim(bottom=0.0)


def _place_legend(figure: Figure, axis: Axes, corner: Literal["left", "right"]) -> None:
    handles, names = axis.get_legend_handles_labels()
    if names:
        place: Literal["outside upper left", "outside upper right"] = (
            "outside upper left" if corner == "left" else "outside upper right"
        )
        columns = min(len(names), MOST_NAMES)
        figure.legend(handles, names, loc=place, ncols=columns, handletextpad=0.2)


def _mark_pressure(axis: Axes, pressure: float | None) -> None:
    if pressure is not None:
        axis.axvline(pressure, color="0.4", linestyle="--", linewidth=0.8)
        axis.annotate(
            "$P_0$",
            (pressure, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, 0),
            textcoords="offset points",
            va="top",
            fontsize=8,
        )
