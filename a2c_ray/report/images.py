"""Figures of a page that nothing in the page refers to."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from matplotlib.figure import Figure

from a2c_ray.figures.style import svg_text


@dataclass(frozen=True)
class ReportImage:
    """A figure as a data URI, and its caption."""

    source: str
    caption: str


def report_image(figure: Figure, caption: str) -> ReportImage:
    """A figure for a page."""
    data = base64.b64encode(svg_text(figure).encode()).decode()
    return ReportImage(f"data:image/svg+xml;base64,{data}", caption)
