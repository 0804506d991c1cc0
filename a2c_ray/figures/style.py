"""One style for all figures: sizes, fonts, colours, and how they are written.

Every function that draws is decorated with `styled`. Figures are made without pyplot, so that
drawing one leaves nothing behind.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

from a2c_ray.errors import InputError

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Of Okabe and Ito, told apart by colour-blind readers."""

COLORMAP = "cividis"
"""Of values: perceptually even, and the same to colour-blind readers."""

COLUMN_WIDTH, PAGE_WIDTH = 3.4, 7.0
"""Inches, as journals have them."""

PANEL_HEIGHT = 2.5
"""Inches."""

DPI = 300
"""Dots an inch that journals ask for."""

FORMATS = ("png", "svg", "pdf")

_STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=COLORS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "DejaVu Sans"],
    "font.size": 9,
    "image.cmap": COLORMAP,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "mathtext.default": "regular",
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "a2c-ray",
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def styled(draw: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a function draw in this style."""

    @wraps(draw)
    def drawing(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    return drawing


@styled
def new_figure(
    rows: int = 1,
    columns: int = 1,
    width: float = COLUMN_WIDTH,
    height: float | None = None,
    **subplots: Any,
) -> tuple[Figure, Any]:
    """A figure and its axes.

    Args:
        rows, columns: of panels.
        width: inches.
        height: inches; by default `PANEL_HEIGHT` a row.
        subplots: further arguments of `Figure.subplots`, such as `sharex=True`.

    Returns:
        The axes are one `Axes`, or an array of them, as from `Figure.subplots`.
    """
    figure = Figure(figsize=(width, height or rows * PANEL_HEIGHT))
    return figure, figure.subplots(rows, columns, **subplots)


def label_panels(axes: Sequence[Axes]) -> None:
    """Write (a), (b), ... above the panels."""
    for axis, letter in zip(axes, "abcdefghijklmnopqrstuvwxyz", strict=False):
        axis.set_title(f"({letter})", loc="left")


@styled
def write_figure(figure: Figure, path: Path, dpi: int = DPI) -> None:
    """Write a figure in the format that the ending of a path names.

    Args:
        figure: to be written.
        path: of the file.
        dpi: dots an inch of a PNG.

    Raises:
        InputError: PNG, SVG and PDF are the formats there are.
    """
    suffix = check_format(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi, metadata=_no_date(suffix))


def check_format(path: Path) -> str:
    """The format that the ending of a path names.

    Raises:
        InputError: it is none of `FORMATS`.
    """
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in FORMATS:
        raise InputError(f"cannot write {path}: its ending must be one of .png, .svg, .pdf")
    return suffix


@styled
def svg_text(figure: Figure) -> str:
    """A figure as SVG, to be put into a page."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata=_no_date("svg"))
    return text.getvalue()[text.getvalue().index("<svg") :]


def _no_date(suffix: str) -> dict[str, None]:
    """The same figure is the same file."""
    return {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix, {})
