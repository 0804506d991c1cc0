"""Products of a run under several potentials: where each puts them.

Energies of different potentials have no common zero, so that each is taken above the lowest product
of the same formula. Holes of the run's potential set no zero, and overtake nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from a2c_ray.analysis.ranking import DEGENERATE
from a2c_ray.lake import ProductRow, RescoredRow
from a2c_ray.potentials.catalogue import functional_of
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.results.run import RunResults

LEGEND = (
    "ΔE above the lowest of the formula, meV/atom; ▲ overtakes so many products, ▼ is overtaken by "
    f"so many, by more than {1000 * DEGENERATE:g} meV/atom; * relaxed into another crystal, "
    "~ ran out of steps"
)
"""Of `standing_text`."""


class Standing(NamedTuple):
    """Where a potential puts a product among those of its formula.

    energy_per_atom: eV, the enthalpy of a run under pressure; NaN where the potential has none,
        because the relaxation failed.
    delta: above the lowest that is no hole of the run's potential, eV/atom; NaN likewise.
    rank: from 1, holes last; 0 likewise.
    rises, falls: products that it overtakes, and that overtake it, if it is held against the run:
        pairs whose order changes, each time by more than `DEGENERATE`.
    outcome: of the relaxation; "" under the run's own potential.
    is_same: whether relaxation has left the crystal what it was; None without relaxation.
    """

    energy_per_atom: float
    delta: float
    rank: int
    rises: int = 0
    falls: int = 0
    outcome: str = ""
    is_same: bool | None = None


@dataclass(frozen=True)
class Opinion:
    """What one potential says of products.

    potential: its name.
    is_relaxed: whether it relaxed them; otherwise it evaluated them as they were.
    standings: by product id.
    """

    potential: str
    is_relaxed: bool
    standings: dict[str, Standing]

    @property
    def heading(self) -> tuple[str, ...]:
        """Lines above its column of a table."""
        functional = functional_of(self.potential)
        return (
            self.potential,
            *([functional] if functional else []),
            *([] if self.is_relaxed else ["not relaxed"]),
        )

    def knows(self, product_id: str) -> bool:
        """Whether it has an energy of a product."""
        return product_id in self.standings and self.standings[product_id].rank > 0


def own_opinion(potential: str, products: Sequence[ProductRow]) -> Opinion:
    """That of the potential which a run ranked its products under."""
    energies = {row.product_id: row.ranked for row in products}
    return Opinion(potential, True, _places(products, energies))


def opinion(rows: Sequence[RescoredRow], products: Sequence[ProductRow]) -> Opinion:
    """That of another potential.

    Args:
        rows: of one potential, relaxed or not.
        products: of the run.
    """
    energies = {row.product_id: np.nan if row.ranked is None else row.ranked for row in rows}
    there = [row for row in products if row.product_id in energies]
    before = {row.product_id: row.ranked for row in there}
    places = _places(there, energies)
    moves = _moves(there, before, energies)
    standings = {
        row.product_id: places[row.product_id]._replace(
            rises=moves[row.product_id][0],
            falls=moves[row.product_id][1],
            outcome=row.outcome,
            is_same=row.is_same,
        )
        for row in rows
        if row.product_id in places
    }
    return Opinion(rows[0].potential, rows[0].is_relaxed, standings)


def opinions(results: RunResults) -> list[Opinion]:
    """Of a run: its own, and those that `a2c rescore` has asked for, in the order of asking."""
    products = [product.row for product in results.products_so_far]
    asked: dict[tuple[str, str, bool], list[RescoredRow]] = defaultdict(list)
    for row in results.rescored():
        asked[row.potential, row.potential_fingerprint, row.is_relaxed].append(row)
    own = own_opinion(results.attempt.potential, products)
    return [own, *(opinion(rows, products) for rows in asked.values())]


def standing_text(standing: Standing | None) -> str:
    """Energy above the lowest, or why there is none, and what has changed; see `LEGEND`."""
    if standing is None:
        return ""
    if not standing.rank:
        return standing.outcome
    rises = f" ▲{standing.rises}" if standing.rises else ""
    falls = f" ▼{standing.falls}" if standing.falls else ""
    other = "*" if standing.is_same is False else ""
    unfinished = "~" if standing.outcome == Outcome.MAX_STEPS.label else ""
    return f"{1000 * standing.delta:.1f}{other}{unfinished}{rises}{falls}"


def opinion_record(row: ProductRow, own: Opinion, other: Opinion) -> dict[str, object]:
    """A product under two potentials as one flat record; eV/atom, null where there is none."""
    before, after = own.standings[row.product_id], other.standings[row.product_id]
    return {
        "product_id": row.product_id,
        "formula": row.formula,
        "space_group": row.space_group,
        "polymorph": row.polymorph,
        "energy_per_atom": before.energy_per_atom,
        "delta": before.delta,
        "rank": before.rank,
        "potential": other.potential,
        "functional": functional_of(other.potential) or None,
        "new_energy_per_atom": after.energy_per_atom if after.rank else None,
        "new_delta": after.delta if after.rank else None,
        "new_rank": after.rank or None,
        "is_same": after.is_same,
        "outcome": after.outcome,
    }


def by_formula(products: Sequence[ProductRow]) -> dict[str, list[ProductRow]]:
    """Products of each formula, in their order."""
    groups: dict[str, list[ProductRow]] = defaultdict(list)
    for row in products:
        groups[row.formula].append(row)
    return groups


def _places(products: Sequence[ProductRow], energies: dict[str, float]) -> dict[str, Standing]:
    """Each product's place; energies are in eV/atom, NaN where there is none."""
    places = {}
    for group in by_formula(products).values():
        own = [(row.is_hole, energies[row.product_id]) for row in group]
        known = [(is_hole, energy) for is_hole, energy in own if np.isfinite(energy)]
        _, lowest = min(known, default=(False, np.nan))
        for row, place in zip(group, own, strict=True):
            _, energy = place
            rank = 1 + sum(other < place for other in known) if np.isfinite(energy) else 0
            places[row.product_id] = Standing(float(energy), float(energy - lowest), rank)
    return places


def _moves(
    products: Sequence[ProductRow], before: dict[str, float], after: dict[str, float]
) -> dict[str, tuple[int, int]]:
    """How many products of its formula each overtakes, and how many overtake it."""
    moves = {row.product_id: (0, 0) for row in products}
    for group in by_formula([row for row in products if not row.is_hole]).values():
        ids = [row.product_id for row in group]
        first, second = (np.array([e[key] for key in ids]) for e in (before, after))
        # [i, j]: how far i lies above j; comparisons with NaN are false.
        first, second = (e[:, None] - e for e in (first, second))
        rises = (first > DEGENERATE) & (second < -DEGENERATE)
        counts = zip(rises.sum(axis=1).tolist(), rises.sum(axis=0).tolist(), strict=True)
        moves |= dict(zip(ids, counts, strict=True))
    return moves
