"""Energy against volume of all relaxed subcells, counted in bins, with the products marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from pymatgen.util.string import latexify

from a2c_ray.figures.style import COLORS, COLUMN_WIDTH, new_figure, styled

SMALLEST_DOT, LARGEST_DOT = 9.0, 60.0
"""Areas of the dots of the least and the most frequent bin, points²."""


LEAST_SPAN = 15.0
"""meV/atom, below and above the lowest."""


class MarkedProduct(NamedTuple):
    """A product to be marked.

    volume: Å³/atom.
    energy: eV/atom.
    label: polymorph, or space group.
    is_known: whether it is a polymorph of the library, whose label comes before those of others.
    """

    volume: float
    energy: float
    label: str
    is_known: bool = False


@styled
def energy_volume_figure(
    formula: str,
    volume: np.ndarray,
    energy: np.ndarray,
    number: np.ndarray,
    products: Sequence[MarkedProduct] = (),
    links: Sequence[str] | None = None,
    product_links: Sequence[str] | None = None,
    width: float | None = None,
) -> Figure:
    """Dots for the occupied bins, their size and colour after the number of subcells.

    Args:
        formula: of the subcells.
        volume: of each bin, Å³/atom, `[n]`.
        energy: of each bin, eV/atom, `[n]`.
        number: of subcells in each bin, `[n]`.
        products: to be marked.
        links: where each dot of an SVG leads to.
        product_links: likewise of the products.
        width: of the figure, inches; a column's by default.
    """
    figure, axes = new_figure(width=width or COLUMN_WIDTH, height=3.0)
    lowest = float(np.min(energy))
    most = max(2, int(np.max(number)))
    area = SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * np.log(number) / np.log(most)
    dots = axes.scatter(
        volume, 1000 * (energy - lowest), s=area, c=number, norm=LogNorm(1, most), linewidths=0
    )
    _link(dots, links)
    figure.colorbar(dots, ax=axes, label="Subcells", pad=0.02)
    if products:
        marks = axes.scatter(
            [p.volume for p in products],
            [1000 * (p.energy - lowest) for p in products],
            s=24,
            marker="D",
            facecolors="none",
            edgecolors=COLORS[1],
            linewidths=1.0,
            label="product",
        )
        _link(marks, product_links)
        axes.legend(handles=[marks], loc="upper right")
    axes.set_xlabel("Volume (Å³/atom)")
    axes.set_ylabel(f"Energy above lowest {latexify(formula)} (meV/atom)")
    axes.margins(0.06)
    bottom, top = axes.get_ylim()
    axes.set_ylim(min(-LEAST_SPAN, bottom), max(LEAST_SPAN, top))
    _label(axes, products, lowest)
    return figure


HALO = withStroke(linewidth=2.0, foreground="white")
"""Of labels, which lie over dots."""

CLOSEST_LABELS = (0.4, 0.05)
"""Of width and height of the axes; of products that are nearer to each other in both only the first
is labelled."""


def _label(axes: Axes, products: Sequence[MarkedProduct], lowest: float) -> None:
    labelled: list[np.ndarray] = []
    for product in sorted(products, key=lambda product: not product.is_known):
        place = (product.volume, 1000 * (product.energy - lowest))
        spot = axes.transAxes.inverted().transform(axes.transData.transform(place))
        if all(np.any(np.abs(spot - other) > CLOSEST_LABELS) for other in labelled):
            labelled.append(spot)
            axes.annotate(
                product.label,
                place,
                xytext=(6, 0),
                textcoords="offset points",
                fontsize=7,
                va="center",
                path_effects=[HALO],
            )


def _link(dots: PathCollection, links: Sequence[str] | None) -> None:
    if links is not None:
        dots.set_urls(list(links))
