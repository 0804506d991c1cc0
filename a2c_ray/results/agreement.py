"""Whether the order of products survives another potential."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from a2c_ray.analysis.ranking import DEGENERATE
from a2c_ray.lake import ProductRow
from a2c_ray.results.opinions import Opinion, by_formula


@dataclass(frozen=True)
class Agreement:
    """How another potential orders the products of one formula; holes of the run's are left out.

    formula: reduced.
    potential: the other.
    n: products that both know an energy of.
    same_lowest: whether the lowest is the same, or within `DEGENERATE` of the lowest; None where
        the other has no energy of it.
    outcome: of the lowest under the other, "" if it was not relaxed.
    n_swapped: pairs in another order, beyond `DEGENERATE` under both potentials.
    n_pairs: of products.
    tau: Kendall's rank correlation; NaN for fewer than two products, or of one energy.
    """

    formula: str
    potential: str
    n: int
    same_lowest: bool | None
    outcome: str
    n_swapped: int
    n_pairs: int
    tau: float


def agreement(own: Opinion, other: Opinion, products: Sequence[ProductRow]) -> list[Agreement]:
    """Whether the order of the products of each formula survives."""
    crystals = [row for row in products if not row.is_hole]
    return [
        _agreement(formula, [row.product_id for row in group], own, other)
        for formula, group in by_formula(crystals).items()
        if any(other.knows(row.product_id) for row in group)
    ]


def agreement_text(agreed: Agreement) -> str:
    """Whether the order of the products of a formula survives."""
    what = f"{agreed.formula} under {agreed.potential}: {_lowest_text(agreed)}"
    if agreed.n < 2:
        return f"{what}; {agreed.n} product"
    tau = "" if np.isnan(agreed.tau) else f", Kendall's tau {agreed.tau:.2f}"
    return (
        f"{what}; {agreed.n_swapped} of {agreed.n_pairs} pairs change their order by more than "
        f"{1000 * DEGENERATE:g} meV/atom{tau}"
    )


def _lowest_text(agreed: Agreement) -> str:
    if agreed.same_lowest is None:
        return f"THE LOWEST HAS NO ENERGY: {agreed.outcome or 'it was not asked for'}"
    return "the lowest stays" if agreed.same_lowest else "ANOTHER PRODUCT IS THE LOWEST"


def _agreement(formula: str, ids: Sequence[str], own: Opinion, other: Opinion) -> Agreement:
    both = [key for key in ids if other.knows(key)]
    before = np.array([own.standings[key].energy_per_atom for key in both])
    after = np.array([other.standings[key].delta for key in both])
    lowest = min(ids, key=lambda key: own.standings[key].energy_per_atom)
    there = other.standings.get(lowest)
    return Agreement(
        formula=formula,
        potential=other.potential,
        n=len(both),
        same_lowest=there.delta <= DEGENERATE if there and there.rank else None,
        outcome=there.outcome if there else "",
        n_swapped=sum(other.standings[key].rises for key in both),
        n_pairs=len(both) * (len(both) - 1) // 2,
        tau=float(kendalltau(before, after).statistic) if len(both) > 1 else float("nan"),
    )
