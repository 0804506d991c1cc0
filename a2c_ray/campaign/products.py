"""Products of a run: ranked from the lake, written into it and as CIF files."""

from __future__ import annotations

import dataclasses
from itertools import chain
from typing import Any

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.ranking import Product, products_of, unlike_twin
from a2c_ray.analysis.symmetry import TOLERANCES, symmetrized_cif
from a2c_ray.campaign.lowest import grouped, near_lowest
from a2c_ray.campaign.plan import Plan, Ranking
from a2c_ray.lake import Lake, Store, structure_columns, structure_from_row, write_part

COUNTS = """
WITH sound AS (
    SELECT formula, subcell_id FROM screened WHERE energy_per_atom IS NOT NULL
    UNION
    SELECT formula, subcell_id FROM relaxed WHERE energy_per_atom IS NOT NULL
)
SELECT formula, count(*) FROM sound GROUP BY formula
"""


def rank_run(lake: Lake, ranking: Ranking) -> list[Product]:
    """Products of all that a run has relaxed so far; members are subcell ids.

    Holes of the potential come last, and have a negative `delta`.

    Members of a cascade's products are all subcells that screening relaxed to the same crystal.

    Args:
        lake: of the run alone.
        ranking: which become products.
    """
    rows = near_lowest(lake, "relaxed", ("subcell_id", "alike"), ranking.window)
    return [
        dataclasses.replace(product, members=_members(product))
        for formula, groups in grouped(rows, _candidate, ranking.max_products)
        for product in products_of(formula, groups)
    ]


def _members(product: Product) -> tuple[str, ...]:
    """Subcells that stand for it, each once: one may be its own and alike to another."""
    return tuple(dict.fromkeys(chain(*product.members)))


def _candidate(row: dict[str, Any]) -> Candidate:
    """Its key is all subcells that it stands for."""
    alike = row["alike"] or [row["subcell_id"]]
    return Candidate(structure_from_row(row), row["ranked"], tuple(alike))


def write_products(lake: Lake, plan: Plan, products: list[Product]) -> list[str]:
    """Replace the products of a run in the lake; returns the path of a CIF file of each."""
    n_relaxed = dict(lake.sql(COUNTS).fetchall())
    store = lake.store
    ranks = _ranks(products)
    rows = [
        _row(product, n_relaxed[product.formula])
        | {
            "product_id": f"{plan.run_id}-{product.formula}-{rank:02d}",
            "unlike_twin": unlike_twin(products, k) or None,
        }
        | _energies(product, plan.pressure)
        for k, (product, rank) in enumerate(zip(products, ranks, strict=True))
    ]
    write_part(store, "products", plan.system, plan.run_id, "products", rows)
    folder = f"cif/{plan.run_id}"
    for stale in store.files(folder):
        store.delete(stale.path)
    return [_write_cif(store, folder, *pair) for pair in zip(products, ranks, strict=True)]


def _ranks(products: list[Product]) -> list[int]:
    """Place of each product among those of its formula, from 0."""
    ranks: list[int] = []
    for k, product in enumerate(products):
        follows = k > 0 and products[k - 1].formula == product.formula
        ranks.append(ranks[-1] + 1 if follows else 0)
    return ranks


def _row(product: Product, n_relaxed: int) -> dict[str, Any]:
    fine, middle, coarse = (product.space_groups[tolerance] for tolerance in TOLERANCES)
    match = product.match
    return structure_columns(product.structure) | {
        "delta_mev": 1000 * product.delta,
        "degenerate": product.is_degenerate,
        "space_group": coarse,
        "space_group_0_05": middle,
        "space_group_0_01": fine,
        "polymorph": match.polymorph.name if match else None,
        "polymorph_rms": match.rms if match else None,
        "stacking_variant": product.variant_of.name if product.variant_of else None,
        "dimensionality": product.dimensionality,
        "n_subcells": product.n_subcells,
        "n_relaxed": n_relaxed,
        "volume_per_atom": product.volume_per_atom,
        "subcell_id": product.members[0],
        "subcell_ids": list(product.members),
    }


def _energies(product: Product, pressure: float) -> dict[str, Any]:
    """Energy and enthalpy of a product that is ranked by the latter under pressure, eV/Å³."""
    if not pressure:
        return {"energy_per_atom": product.energy_per_atom}
    return {
        "energy_per_atom": product.energy_per_atom - pressure * product.volume_per_atom,
        "enthalpy_per_atom": product.energy_per_atom,
    }


def _write_cif(store: Store, folder: str, product: Product, rank: int) -> str:
    """Write one product, symmetrized at the loosest tolerance."""
    group = product.space_group.replace("/", "-")
    path = f"{folder}/{product.formula}-{rank:02d}-{group}.cif"
    text = symmetrized_cif(product.structure)
    store.write(path, lambda file: file.write(text.encode()))
    return store.path(path)
