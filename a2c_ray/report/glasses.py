"""The table of glasses, and figures of the one that the prediction comes from."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.figures.md_trace import md_trace_figure
from a2c_ray.report.images import ReportImage, report_image
from a2c_ray.report.text import number_text
from a2c_ray.report.viewer_data import Shown
from a2c_ray.results import GlassResult, ProductResult, RunResults

MOST_GLASSES = 40
"""That the table shows."""

COLUMNS = ("glass", "T_high (K)", "density (g/cm³)", "pressure (GPa)", "E (eV/atom)", "order")


@dataclass(frozen=True)
class GlassRow:
    """A glass as the table shows it, in the order of `COLUMNS`."""

    key: str
    values: list[str]


def chosen_glass(results: RunResults, products: list[ProductResult], formula: str) -> GlassResult:
    """The glass of the lowest product of a formula; the first if there is none."""
    for product in products:
        if product.columns["formula"] == formula:
            subcell = results.relaxed(product.columns["subcell_id"])
            return results.glass(subcell.columns["glass_id"])
    return results.glass()


def glass_row(results: RunResults, glass: GlassResult) -> GlassRow:
    """One row of the table of glasses."""
    return GlassRow(
        glass.glass_id,
        [
            short_id(results, glass),
            number_text(glass.t_high, 0),
            number_text(glass.density, 3),
            number_text(glass.pressure, 2),
            number_text(glass.energy_per_atom, 4),
        ],
    )


def shown_glass(results: RunResults, glass: GlassResult) -> Shown:
    """For the viewer."""
    note = (
        f"{len(glass.structure)} atoms, {number_text(glass.density, 3)} g/cm³, quenched from "
        f"{number_text(glass.t_high, 0)} to {number_text(glass.t_low, 0)} K, "
        f"{number_text(glass.pressure, 2)} GPa"
    )
    return Shown(glass.glass_id, f"glass {short_id(results, glass)}", note, glass.structure)


def glass_images(results: RunResults, glass: GlassResult) -> list[ReportImage]:
    """Figures of one glass."""
    trace = results.trace(glass.glass_id)
    return [report_image(md_trace_figure(trace), "Melt-quench: temperature, energy, pressure.")]


def short_id(results: RunResults, glass: GlassResult) -> str:
    """Without the run's id."""
    return glass.glass_id.removeprefix(f"{results.run_id}-")
