"""The table of products under several potentials."""

from __future__ import annotations

from dataclasses import dataclass, field

from a2c_ray.report.text import formula_text, space_group_text
from a2c_ray.results import ProductResult, RunResults
from a2c_ray.results.agreement import agreement, agreement_text
from a2c_ray.results.opinions import LEGEND, opinions, standing_text


@dataclass(frozen=True)
class OpinionLine:
    """A product and what each potential says of it."""

    key: str
    formula_html: str
    space_group_html: str
    polymorph: str
    standings: list[str]


@dataclass(frozen=True)
class OpinionTable:
    """Empty if no potential but the run's own has been asked.

    headings: lines above the column of each potential.
    lines: of the products that another potential was asked about.
    legend: of the marks in it.
    notes: whether the order of products survives.
    """

    headings: list[tuple[str, ...]] = field(default_factory=list)
    lines: list[OpinionLine] = field(default_factory=list)
    legend: str = LEGEND
    notes: list[str] = field(default_factory=list)


def opinion_table(results: RunResults, products: list[ProductResult]) -> OpinionTable:
    """What the lake has of potentials that were asked about some of the products.

    Args:
        results: of the run.
        products: that may be shown.
    """
    own, *others = opinions(results)
    asked = {key for other in others for key in other.standings}
    shown = [product.row for product in products if product.row.product_id in asked]
    if not shown:
        return OpinionTable()
    lines = [
        OpinionLine(
            key=row.product_id,
            formula_html=formula_text(row.formula),
            space_group_html=space_group_text(row.space_group),
            polymorph=row.polymorph or "",
            standings=[standing_text(o.standings.get(row.product_id)) for o in (own, *others)],
        )
        for row in shown
    ]
    notes = [agreement_text(a) for other in others for a in agreement(own, other, shown)]
    return OpinionTable([own.heading, *(o.heading for o in others)], lines, notes=notes)
