"""What a campaign shows on the terminal: live progress, then its products."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from a2c_ray.analysis.ranking import Product, unlike_twin
from a2c_ray.lake import ProductRow, kind_in_words
from a2c_ray.results.comparison import Comparison
from a2c_ray.results.opinions import LEGEND, Opinion, standing_text
from a2c_ray.training.parity import ErrorRow
from a2c_ray.units import GPA_PER_EV_A3

SHOWN_PRODUCTS = 8
"""Of each formula."""


SHOWN_UNITS = {
    "energy": (1000.0, "meV/atom"),
    "forces": (1000.0, "meV/Å"),
    "stress": (GPA_PER_EV_A3, "GPa"),
}
"""Of errors: what eV, eV/Å or eV/Å³ are multiplied with."""


def product_table(products: Sequence[Product], pressure: float = 0.0) -> Table:
    """The lowest products of each formula, by energy, or enthalpy where there is a pressure."""
    energy = "H" if pressure else "E"
    table = Table(title=f"Products, lowest {'enthalpy' if pressure else 'energy'} first")
    headings = (
        "formula",
        f"{energy} (eV/atom)",
        f"Δ{energy} (meV/atom)",
        "space group",
        "polymorph",
    )
    for heading in headings:
        numeric = heading.startswith((energy, "Δ"))
        table.add_column(heading, justify="right" if numeric else "left")
    table.add_column("subcells", justify="right")
    for formula in dict.fromkeys(product.formula for product in products):
        of_formula = [p for p in products if p.formula == formula][:SHOWN_PRODUCTS]
        for k, product in enumerate(of_formula):
            cells = _cells(product, unlike_twin(of_formula, k))
            table.add_row(*cells, style="bold" if product.is_degenerate else None)
    return table


def error_table(name: str, rows: Sequence[ErrorRow]) -> Table:
    """Errors of a potential on a data set, energies an atom."""
    table = Table(title=f"{name}: predicted minus label")
    for heading in ("quantity", "element", "n", "MAE", "RMSE", "unit"):
        table.add_column(heading, justify="right" if heading in ("n", "MAE", "RMSE") else "left")
    for row in rows:
        factor, unit = SHOWN_UNITS[row.quantity]
        errors = (f"{factor * value:.4g}" for value in (row.mae, row.rmse))
        table.add_row(row.quantity, row.element, str(row.n), *errors, unit)
    return table


def opinion_table(
    run_id: str, products: Sequence[ProductRow], opinions: Sequence[Opinion]
) -> Table:
    """Products and what potentials say of them, a column each."""
    table = Table(title=f"Products of {run_id} under {len(opinions)} potentials", caption=LEGEND)
    for heading in ("formula", "space group", "polymorph"):
        table.add_column(heading)
    for opinion in opinions:
        table.add_column("\n".join(opinion.heading), justify="right")
    for row in products:
        texts = [standing_text(opinion.standings.get(row.product_id)) for opinion in opinions]
        table.add_row(row.formula, row.space_group, row.kind or "-", *texts)
    return table


def comparison_table(reference: str, other: str, comparison: Comparison) -> Table:
    """Products of one run, and where they stand in another."""
    table = Table(title=f"Products of {reference}, and of {other}")
    for heading in ("formula", "space group", "polymorph"):
        table.add_column(heading)
    products = (found.product.row for found in comparison.found)
    energy = "H" if any(row.enthalpy_per_atom is not None for row in products) else "E"
    for run_id in (reference, other):
        table.add_column(f"Δ{energy} in {run_id}", justify="right")
    for found in comparison.found:
        row = found.product.row
        there = f"{found.other.row.delta_mev:.1f}" if found.other else "not found"
        table.add_row(
            row.formula,
            row.space_group,
            row.polymorph or "-",
            f"{row.delta_mev:.1f}",
            there,
        )
    table.caption = f"Δ{energy} above the lowest of the formula in the same run, meV/atom"
    return table


def comparison_lines(reference: str, other: str, comparison: Comparison) -> list[str]:
    """What was lost, what is new, and what each run cost."""
    lost = comparison.lost_predictions
    lowest = f"LOST: the lowest of {', '.join(lost)}" if lost else "the lowest are found"
    lines = [
        f"{lowest}; {comparison.n_lost} of {len(comparison.found)} products are not in {other}, "
        f"which has {len(comparison.new)} others"
    ]
    for run_id, cost in ((reference, comparison.cost), (other, comparison.other_cost)):
        screened = (
            f"{cost.screened} subcells screened ({cost.screening_work} steps times atoms), "
            if cost.screened
            else ""
        )
        lines.append(f"{run_id}: {screened}{cost.relaxed} relaxed ({cost.work} steps times atoms)")
    return lines + [f"note: their cells were relaxed {phrase}" for phrase in comparison.unlike]


def verdict(expected: str, products: Sequence[Product]) -> str:
    """Where an expected polymorph stands among the products."""
    found = [p for p in products if p.match and p.match.polymorph.name == expected]
    if not found:
        return f"{expected}: not among the products"
    product = min(found, key=lambda p: p.delta)
    if product.delta == 0.0:
        return f"{expected}: the lowest of {product.formula}"
    degenerate = ", degenerate" if product.is_degenerate else ""
    return f"{expected}: {1000 * product.delta:.1f} meV/atom above the lowest{degenerate}"


def _cells(product: Product, unlike_twin: str) -> list[str]:
    return [
        product.formula,
        f"{product.energy_per_atom:.4f}",
        f"{1000 * product.delta:.1f}",
        product.space_group,
        kind_of(product, unlike_twin) or "-",
        str(product.n_subcells),
    ]


def kind_of(product: Product, unlike_twin: str) -> str:
    """What a product is, see `kind_in_words`."""
    return kind_in_words(
        product.match.polymorph.name if product.match else None,
        product.variant_of.name if product.variant_of else None,
        product.dimensionality,
        unlike_twin,
    )
