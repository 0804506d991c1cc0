"""The table of glasses, and figures of the one that the prediction comes from."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.analysis.crystallinity import crystallinity
from a2c_ray.report.images import ReportImage, drawn_images
from a2c_ray.report.run_figures import Wanted
from a2c_ray.report.text import number_text
from a2c_ray.report.viewer_data import Shown
from a2c_ray.results import GlassResult, RunResults

MOST_GLASSES = 40
"""That the table shows."""

COLUMNS = (
    "glass",
    "T_high (K)",
    "density (g/cm³)",
    "pressure (GPa)",
    "E (eV/atom)",
    "order",
    "crystalline (%)",
)


@dataclass(frozen=True)
class GlassRow:
    """A glass as the table shows it, in the order of `COLUMNS`."""

    key: str
    values: list[str]


def chosen_glass(results: RunResults) -> GlassResult:
    """The glass that the lowest product was cut from; the first if there is no product yet."""
    if not results.products_so_far:
        return results.glass()
    lowest = results.relaxed(results.product().row.subcell_id)
    return results.glass(lowest.row.glass_id)


def glass_row(results: RunResults, glass: GlassResult) -> GlassRow:
    """One row of the table of glasses."""
    found = crystallinity(results.frames(glass))
    return GlassRow(
        glass.glass_id,
        [
            short_id(results, glass),
            number_text(glass.t_high, 0),
            number_text(glass.density, 3),
            number_text(glass.pressure, 2),
            number_text(glass.energy_per_atom, 4),
            found.order.value,
            number_text(100 * found.share, 0),
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
    """Figures of one glass, over those of the lowest product where that helps."""
    lowest = results.product().row.product_id if results.products_so_far else None
    wanted = Wanted(glass=glass.glass_id, products=(lowest,) if lowest else ())
    over = ", over those of the lowest product" if lowest else ""
    return drawn_images(
        [results],
        wanted,
        {
            "md": "Melt-quench: temperature, energy and pressure",
            "rdf": f"Radial distribution functions, averaged over the last 200 steps{over}",
            "angles": f"Bond angles, of bonds up to the first minima of those functions{over}",
            "coordination": "Coordination numbers, of the same bonds",
            "sq": "Structure factor",
        },
    )


def short_id(results: RunResults, glass: GlassResult) -> str:
    """Without the run's id."""
    return glass.glass_id.removeprefix(f"{results.run_id}-")
