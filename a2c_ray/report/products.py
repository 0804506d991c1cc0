"""The table of products, and how often each glass led to them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from pymatgen.core import Lattice

from a2c_ray.analysis.symmetry import TOLERANCES, conventional_cell, symmetrized_cif
from a2c_ray.report.text import formula_text, number_text, space_group_text
from a2c_ray.report.viewer_data import Shown
from a2c_ray.results import ProductResult, RunResults
from a2c_ray.results.frequencies import product_frequencies

MOST_PRODUCTS, MOST_GLASSES = 60, 12
"""That the tables show."""


@dataclass(frozen=True)
class ProductLine:
    """A product as the table shows it; `cif` is a data URI."""

    key: str
    formula_html: str
    space_group_html: str
    space_groups: str
    polymorph: str
    energy: str
    delta: str
    volume: str
    frequency: str
    cell: str
    degenerate: bool
    file: str
    cif: str


@dataclass(frozen=True)
class FrequencyTable:
    """Share of subcells, in percent, of each product (rows) and glass (columns)."""

    glasses: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str]]] = field(default_factory=list)


def product_line(product: ProductResult) -> ProductLine:
    """One row of the table of products."""
    row = product.row
    symbols = [row.space_group_0_01, row.space_group_0_05, row.space_group]
    group = row.space_group
    return ProductLine(
        key=row.product_id,
        formula_html=formula_text(row.formula),
        space_group_html=space_group_text(group),
        space_groups=", ".join(
            f"{space_group_text(symbol)} at {tolerance} Å"
            for symbol, tolerance in zip(symbols, TOLERANCES, strict=True)
        ),
        polymorph=row.kind,
        energy=number_text(row.ranked, 4),
        delta=number_text(row.delta_mev, 1),
        volume=number_text(row.volume_per_atom, 2),
        frequency=f"{row.n_subcells} of {number_text(row.n_relaxed, 0)}",
        cell=_cell_text(conventional_cell(product.structure).lattice),
        degenerate=row.degenerate,
        file=f"{row.product_id}-{group.replace('/', '-')}.cif",
        cif=_cif_uri(product),
    )


def shown_product(product: ProductResult) -> Shown:
    """For the viewer: the conventional cell."""
    row = product.row
    title = f"{formula_text(row.formula)} {space_group_text(row.space_group)}"
    facts = [
        row.kind,
        f"{number_text(row.delta_mev, 1)} meV/atom above the lowest",
        f"{number_text(row.volume_per_atom, 2)} Å³/atom",
        "conventional cell",
    ]
    note = "; ".join(fact for fact in facts if fact)
    return Shown(row.product_id, title, note, conventional_cell(product.structure))


def frequency_table(results: RunResults, products: list[ProductResult]) -> FrequencyTable:
    """Shares of the first products in the first glasses."""
    shares = {(f.product_id, f.glass_id): f for f in product_frequencies(results)}
    if not shares:  # of cells that were given
        return FrequencyTable()
    chosen = products[:MOST_GLASSES]
    ids = {p.row.product_id for p in chosen}
    glasses = sorted({glass for product, glass in shares if product in ids})[:MOST_GLASSES]
    rows = []
    for product in chosen:
        key = product.row.product_id
        found = [shares.get((key, glass)) for glass in glasses]
        texts = ["" if f is None else number_text(100 * f.share, 1) for f in found]
        rows.append((shown_product(product).title, texts))
    prefix = f"{results.run_id}-"
    return FrequencyTable([glass.removeprefix(prefix) for glass in glasses], rows)


def _cell_text(lattice: Lattice) -> str:
    lengths = ", ".join(f"{x:.3f}" for x in lattice.abc)
    return f"{lengths}; {', '.join(f'{x:.1f}' for x in lattice.angles)}"


def _cif_uri(product: ProductResult) -> str:
    text = symmetrized_cif(product.structure)
    return "data:chemical/x-cif;base64," + base64.b64encode(text.encode()).decode()
