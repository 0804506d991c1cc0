"""The products of a run under another potential."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pymatgen.core import Structure

from a2c_ray.analysis.matching import matcher
from a2c_ray.crystallize.relax import relax
from a2c_ray.lake import RescoredRow, Store, structure_columns
from a2c_ray.potentials.potential import Potential
from a2c_ray.recompute.keeping import keep_rows
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.results.run import ProductResult

EVALUATED = "evaluated"
"""Outcome where nothing was relaxed."""


def check_products(products: Sequence[ProductResult], potential: Potential) -> None:
    """Refuse a potential that does not know all elements of the products.

    Raises:
        UnknownElementError: it does not know one.
    """
    potential.check_elements([z for p in products for z in p.structure.atomic_numbers])


def rescore(
    products: Sequence[ProductResult],
    potential: Potential,
    relaxed: bool = True,
    pressure: float = 0.0,
    cell: Freedom = Freedom.ALL,
) -> list[RescoredRow]:
    """Energies of products under another potential, in their order.

    Args:
        products: of a run.
        potential: the other.
        relaxed: whether they are relaxed again; otherwise they are evaluated as they are.
        pressure: of the run, eV/Å³; rows have enthalpies where there is one.
        cell: what of the cells changed in the run, and changes here.

    Raises:
        UnknownElementError: the potential does not know an element.
    """
    check_products(products, potential)
    structures = [product.structure for product in products]
    energies: list[float | None]
    same: list[bool | None]
    if relaxed:
        ends = relax(structures, potential, cell=cell, pressure=pressure)
        energies = [end.energy_per_atom if end.outcome.is_valid else None for end in ends]
        outcomes = [end.outcome.label for end in ends]
        compare = matcher()
        # What did not end soundly is no crystal any more, and maybe no cell.
        sound = [end.outcome.is_valid for end in ends]
        pairs = list(zip(structures, ends, sound, strict=True))
        new = [end.structure if ok else before for before, end, ok in pairs]
        same = [
            bool(compare.fit(before, end.structure)) if ok else None for before, end, ok in pairs
        ]
    else:
        results = potential.evaluate(structures)
        energies = [r.energy / len(s) for r, s in zip(results, structures, strict=True)]
        outcomes, new, same = [EVALUATED] * len(products), structures, [None] * len(products)
    now = datetime.now(UTC)
    return [
        RescoredRow(
            system=product.row.system,
            run_id=product.row.run_id,
            product_id=product.row.product_id,
            subcell_id=product.row.subcell_id,
            rescored_at=now,
            potential=potential.name,
            potential_fingerprint=potential.fingerprint,
            is_relaxed=relaxed,
            outcome=outcome,
            is_same=is_same,
            energy_per_atom=energy,
            enthalpy_per_atom=_enthalpy(energy, structure, pressure),
            volume_per_atom=structure.volume / len(structure),
            **structure_columns(structure),
        )
        for product, outcome, is_same, energy, structure in zip(
            products, outcomes, same, energies, new, strict=True
        )
    ]


def _enthalpy(energy: float | None, structure: Structure, pressure: float) -> float | None:
    """eV/atom; None without pressure or energy."""
    if energy is None or not pressure:
        return None
    return energy + pressure * structure.volume / len(structure)


def keep_scores(store: Store, rows: Sequence[RescoredRow]) -> None:
    """Write what a potential said of products of one run into the lake.

    Raises:
        OSError: the disk is full or not writable.
    """
    first = rows[0]
    asked = (
        first.potential,
        first.potential_fingerprint,
        str(first.is_relaxed),
        *(row.product_id for row in rows),
    )
    keep_rows(store, "rescored", rows, asked)
