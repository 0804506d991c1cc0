"""Figures of a page that nothing in the page refers to."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from matplotlib.figure import Figure

from a2c_ray.errors import InputError
from a2c_ray.figures.style import svg_text
from a2c_ray.report.run_figures import Wanted, draw
from a2c_ray.results import RunResults


@dataclass(frozen=True)
class ReportImage:
    """A figure as a data URI, and its caption."""

    source: str
    caption: str


def report_image(figure: Figure, caption: str) -> ReportImage:
    """A figure for a page."""
    data = base64.b64encode(svg_text(figure).encode()).decode()
    return ReportImage(f"data:image/svg+xml;base64,{data}", caption)


def drawn_images(
    runs: Sequence[RunResults], wanted: Wanted, captions: Mapping[str, str]
) -> list[ReportImage]:
    """Those of some figures that the runs have the data for.

    Args:
        runs: to be drawn.
        wanted: what of them.
        captions: of each figure, by its kind, see `plots.draw`.
    """
    images = []
    for kind, caption in captions.items():
        with suppress(InputError):  # such as: no minimum, no second composition, no snapshots
            images.append(report_image(draw(kind, runs, wanted), caption))
    return images
