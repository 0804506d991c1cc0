"""Energy against volume of the relaxed subcells, with points that can be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from a2c_ray.figures.energy_volume import energy_volume_figure
from a2c_ray.figures.style import svg_text
from a2c_ray.report.run_figures import marked_product
from a2c_ray.report.text import count_text, formula_text, number_text
from a2c_ray.report.viewer_data import Shown
from a2c_ray.results import ProductResult, RelaxedResult, RunResults
from a2c_ray.results.energy_volume import (
    EnergyVolumeMap,
    energy_volume_map,
    formulas,
    lowest_of_bins,
)

MOST_MAPS = 3
"""Formulas with a map of their own."""

WIDTH = 6.5
"""Inches."""


@dataclass(frozen=True)
class ReportMap:
    """A map, its caption, and the structures behind its points."""

    svg: str
    caption: str
    shown: list[Shown]


def report_maps(results: RunResults, first: str, products: list[ProductResult]) -> list[ReportMap]:
    """A map of each of the most frequent formulas.

    Args:
        results: of the run.
        first: formula whose map comes first, if there is one.
        products: to be marked.
    """
    there = formulas(results)
    ordered = sorted(there, key=lambda formula: formula != first)[:MOST_MAPS]
    return [_map(results, energy_volume_map(results, f), products) for f in ordered]


def _map(results: RunResults, mapped: EnergyVolumeMap, products: list[ProductResult]) -> ReportMap:
    own = [p for p in products if p.row.formula == mapped.formula]
    figure = energy_volume_figure(
        mapped.formula,
        mapped.volume,
        mapped.energy,
        mapped.number,
        [marked_product(product) for product in own],
        links=[_link(subcell_id) for subcell_id in mapped.subcell_ids],
        product_links=[_link(product.row.product_id) for product in own],
        width=WIDTH,
    )
    lowest = lowest_of_bins(results, mapped)
    shown = [_shown(r, int(n)) for r, n in zip(lowest, mapped.number, strict=True)]
    return ReportMap(svg_text(figure), _caption(mapped), shown)


def _caption(mapped: EnergyVolumeMap) -> str:
    text = (
        f"{count_text(mapped.n_sound, 'relaxed subcell')} of {formula_text(mapped.formula)}, "
        "counted in bins of energy and volume. A point stands for the lowest subcell of its bin: "
        "select it to see the structure. Diamonds are products."
    )
    if mapped.n_hidden:
        text += f" {count_text(mapped.n_hidden, 'subcell')} beyond the axes."
    return text


def _link(key: str) -> str:
    return f"#{quote(key)}"


def _shown(relaxed: RelaxedResult, number: int) -> Shown:
    row = relaxed.row
    note = (
        f"{number_text(row.energy, 4)} eV/atom, "
        f"{number_text(row.volume_per_atom, 2)} Å³/atom, {row.outcome} after "
        f"{count_text(row.steps, 'step')}; {count_text(number, 'subcell')} in its bin"
    )
    return Shown(row.subcell_id, f"subcell {row.subcell_id}", note, relaxed.structure)
