"""Energies of glasses over the polymorphs of their composition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pymatgen.util.string import latexify

from a2c_ray.analysis.amorphous_limit import AmorphousLimit
from a2c_ray.figures.style import COLORS, COLUMN_WIDTH, PAGE_WIDTH, new_figure, styled

HALF_WIDTH = 0.32
"""Of the lines of a composition, whose place is one wide."""

FEW = 4
"""Compositions that a column of a journal has room for."""

MILLI = 1000.0

LEAST_HEIGHT = 10.0
"""Of the axis, meV/atom."""


@styled
def limit_figure(limits: Sequence[AmorphousLimit]) -> Figure:
    """A place for each composition: lines for polymorphs, dots for glasses, from the lowest up.

    What lies above the lowest glass, which no polymorph that was ever made should, is shaded.

    Args:
        limits: at least one.
    """
    figure, axes = new_figure(width=COLUMN_WIDTH if len(limits) <= FEW else PAGE_WIDTH, height=3.2)
    bottom, top = _span(limits)
    for place, each in enumerate(limits):
        _draw_lines(axes, place, each.proposed.values(), "0.65", "proposed polymorph")
        _draw_lines(axes, place, each.published.values(), COLORS[0], "published polymorph")
        glasses = [MILLI * energy for energy in each.glasses.values()]
        axes.plot([place] * len(glasses), glasses, "o", color=COLORS[1], label="glass")
        limit = MILLI * each.limit
        span = [place - HALF_WIDTH, place + HALF_WIDTH]
        axes.fill_between(span, limit, top, color=COLORS[1], alpha=0.12, linewidth=0, zorder=0)
        for name in each.beyond:
            axes.annotate(
                name, (place, MILLI * each.published[name]), fontsize=6, ha="center", va="bottom"
            )
    axes.set_xlim(-0.6, len(limits) - 0.4)
    axes.set_ylim(bottom, top)
    axes.set_xticks(range(len(limits)), _names(limits))
    axes.set_ylabel("Energy above lowest polymorph (meV/atom)")
    handles = dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    axes.legend(handles.values(), handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return figure


def _span(limits: Sequence[AmorphousLimit]) -> tuple[float, float]:
    """Of the axis, meV/atom: from the lowest of all to glasses, and polymorphs beyond the limit."""
    highest = [e for each in limits for e in (*each.glasses.values(), *_beyond(each))]
    everything = [
        e for each in limits for of_kind in (each.proposed, each.glasses) for e in of_kind.values()
    ]
    top, bottom = MILLI * max(highest), MILLI * min(0.0, *everything)
    height = max(top - bottom, LEAST_HEIGHT)
    return bottom - 0.03 * height, max(top, bottom + LEAST_HEIGHT) + 0.1 * height


def _beyond(limit: AmorphousLimit) -> list[float]:
    return [limit.published[name] for name in limit.beyond]


def _draw_lines(axes: Axes, place: int, energies: Iterable[float], color: str, label: str) -> None:
    heights = [MILLI * energy for energy in energies]
    if heights:
        span = place - HALF_WIDTH, place + HALF_WIDTH
        axes.hlines(heights, *span, color=color, linewidth=1.2, label=label)


def _names(limits: Sequence[AmorphousLimit]) -> list[str]:
    """Formulas; with the potentials where there are several."""
    several = len({each.potential for each in limits}) > 1
    return [
        f"{latexify(each.formula)}\n{each.potential}" if several else latexify(each.formula)
        for each in limits
    ]
