"""Formation energies in composition space, with the hull of what emerged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from pymatgen.core import Composition
from pymatgen.util.string import latexify, latexify_spacegroup

from a2c_ray.analysis.hull import Hull, HullError, HullPoint
from a2c_ray.figures.style import COLORS, new_figure, styled

TRIANGLE = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])
"""Corners of the Gibbs triangle, of the end members in their order."""

HIGHEST = 0.3
"""eV/atom above the hull; points beyond are left out of binary diagrams, and all have one colour in
ternary ones."""

NEAR_HULL = 0.03
"""eV/atom; points so close to the hull have their formula written, if there is room."""

LABEL_WIDTH = 0.14
"""Share of the axis that a formula takes."""

FEW = 100
"""Points of a triangle; more are drawn smaller."""

READABLE = (withStroke(linewidth=1.5, foreground="white"),)
"""Over points and lines."""


def hull_figure(hull: Hull, parent: str | Composition | None = None) -> Figure:
    """A diagram of two or three end members.

    Args:
        hull: what emerged.
        parent: composition of the glass, to be marked if the end members make it up.

    Raises:
        HullError: there are more than three end members.
    """
    if len(hull.end_members) == 2:
        return binary_figure(hull, parent)
    if len(hull.end_members) == 3:
        return ternary_figure(hull, parent)
    raise HullError(f"only two or three end members can be drawn, not {len(hull.end_members)}")


@styled
def binary_figure(hull: Hull, parent: str | Composition | None = None) -> Figure:
    """Formation energy against composition (paper, Fig. 3).

    Args:
        hull: of two end members.
        parent: composition of the glass, marked by a dashed line.
    """
    figure, axes = new_figure(height=2.8)
    stable = hull.stable
    above = [p for p in hull.points if not p.is_stable and p.above_hull <= HIGHEST]
    axes.axhline(0.0, color="0.8", linewidth=0.8, zorder=0)
    axes.plot(_x(stable), _mev(stable), "o-", color=COLORS[0], label="on the hull")
    axes.plot(_x(above), _mev(above), "o", color=COLORS[1], fillstyle="none", label="above it")
    at_parent = _parent_fractions(hull, parent)
    if at_parent is not None:
        axes.axvline(at_parent[1], color="0.4", linestyle="--", linewidth=0.8, label="glass")
    for point in stable:
        _annotate_binary(axes, point, _label(point), below=True)
    for point in _apart([point for point in above if point.above_hull < NEAR_HULL]):
        _annotate_binary(axes, point, latexify(point.formula), below=False)
    axes.set_xlabel(_composition_axis(*hull.end_members))
    axes.set_ylabel("Formation energy (meV/atom)")
    axes.set_xlim(-0.1, 1.1)
    axes.margins(y=0.25)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3, handletextpad=0.4)
    return figure


@styled
def ternary_figure(hull: Hull, parent: str | Composition | None = None) -> Figure:
    """Gibbs triangle, coloured by the distance to the hull (paper, Supplementary Fig. 4f).

    Args:
        hull: of three end members.
        parent: composition of the glass, marked by a cross.
    """
    figure, axes = new_figure(height=2.7)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.plot(*TRIANGLE[[0, 1, 2, 0]].T, color="black", linewidth=0.8)
    for facet in hull.facets:
        corners = _places([*facet, facet[0]])
        axes.plot(*corners.T, color="0.6", linewidth=0.6, zorder=1)
    # The farthest first: what is on the hull is drawn over it.
    points = sorted(hull.points, key=lambda point: -point.above_hull)
    places = _places(points)
    distance = 1000 * np.clip([point.above_hull for point in points], 0.0, HIGHEST)
    size = 18 if len(points) <= FEW else 7
    dots = axes.scatter(*places.T, c=distance, s=size, vmin=0.0, linewidths=0, zorder=2)
    some_beyond = "max" if points[0].above_hull > HIGHEST else "neither"
    label = "Above the hull (meV/atom)"
    figure.colorbar(dots, ax=axes, label=label, shrink=0.7, extend=some_beyond)
    stable = hull.stable
    axes.scatter(*_places(stable).T, s=40, facecolors="none", edgecolors=COLORS[1], zorder=3)
    for point, place in zip(stable, _places(stable), strict=True):
        _annotate(axes, latexify(point.formula), place)
    at_parent = _parent_fractions(hull, parent)
    if at_parent is not None:
        axes.plot(*(np.array(at_parent) @ TRIANGLE), "+", color="black", markersize=9, zorder=4)
    return figure


def _composition_axis(first: str, second: str) -> str:
    if Composition(first).is_element and Composition(second).is_element:
        first, second = (Composition(end).elements[0].symbol for end in (first, second))
        return f"x in {first}$_{{1-x}}${second}$_x$"
    return f"Share of atoms in {latexify(second)}, the others in {latexify(first)}"


def _apart(points: Sequence[HullPoint]) -> list[HullPoint]:
    """The closest to the hull, without those whose labels would cover theirs."""
    chosen: list[HullPoint] = []
    for point in sorted(points, key=lambda point: point.above_hull):
        if all(abs(point.fractions[1] - other.fractions[1]) > LABEL_WIDTH for other in chosen):
            chosen.append(point)
    return chosen


def _annotate_binary(axes: Axes, point: HullPoint, text: str, below: bool) -> None:
    axes.annotate(
        text,
        (point.fractions[1], 1000 * point.formation_energy),
        xytext=(0, -5 if below else 5),
        textcoords="offset points",
        fontsize=7,
        path_effects=READABLE,
        ha="center",
        va="top" if below else "bottom",
    )


def _annotate(axes: Axes, text: str, place: np.ndarray) -> None:
    """Away from the middle of the triangle, where points are."""
    away = place - TRIANGLE.mean(axis=0)
    offset = 9 * away / max(float(np.hypot(*away)), 1e-6)
    axes.annotate(
        text,
        (place[0], place[1]),
        xytext=offset,
        textcoords="offset points",
        fontsize=7,
        path_effects=READABLE,
        ha="left" if offset[0] > 3 else "right" if offset[0] < -3 else "center",
        va="bottom" if offset[1] > 3 else "top" if offset[1] < -3 else "center",
    )


def _parent_fractions(hull: Hull, parent: str | Composition | None) -> tuple[float, ...] | None:
    if parent is None:
        return None
    try:
        return hull.fractions(parent)
    except HullError:
        return None


def _places(points: Sequence[HullPoint]) -> np.ndarray:
    return np.array([point.fractions for point in points]) @ TRIANGLE


def _x(points: Sequence[HullPoint]) -> list[float]:
    return [point.fractions[1] for point in points]


def _mev(points: Sequence[HullPoint]) -> list[float]:
    return [1000 * point.formation_energy for point in points]


def _label(point: HullPoint) -> str:
    formula = latexify(point.formula)
    return f"{formula}\n{latexify_spacegroup(point.label)}" if point.label else formula
