"""The products of a run under a second potential: does their order survive?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pymatgen.core import Structure
from scipy.stats import kendalltau

from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.ranking import DEGENERATE
from a2c_ray.crystallize.relax import relax
from a2c_ray.potentials.potential import Potential
from a2c_ray.results.run import ProductResult


@dataclass(frozen=True)
class Score:
    """A product under two potentials; energies in eV/atom, NaN where the second one failed.

    Of a run under pressure, energies are enthalpies.

    product: of the run.
    energy: under the second potential.
    delta: above the lowest of the formula, under the first potential.
    new_delta: under the second.
    rank, new_rank: among the products of the formula, from 1; the latter is 0 where it failed.
    is_same: whether relaxation has left the crystal what it was; None without relaxation.
    outcome: of the relaxation, or "evaluated".
    structure: that the energy is of.
    """

    product: ProductResult
    energy: float
    delta: float
    new_delta: float
    rank: int
    new_rank: int
    is_same: bool | None
    outcome: str
    structure: Structure

    @property
    def formula(self) -> str:
        """Reduced formula."""
        return self.product.row.formula


@dataclass(frozen=True)
class Agreement:
    """How two potentials order the products of one formula.

    formula: reduced.
    n: products that both know an energy of.
    same_lowest: whether the lowest is the same, or within `DEGENERATE` of the lowest.
    n_swapped: pairs in another order, beyond `DEGENERATE` under both potentials.
    n_pairs: of products.
    tau: Kendall's rank correlation; NaN for fewer than two products.
    """

    formula: str
    n: int
    same_lowest: bool
    n_swapped: int
    n_pairs: int
    tau: float


def rescore(
    products: Sequence[ProductResult],
    potential: Potential,
    relaxed: bool = True,
    pressure: float = 0.0,
) -> list[Score]:
    """Energies of products under another potential, lowest of each formula first.

    Args:
        products: of a run.
        potential: the second.
        relaxed: whether they are relaxed again; otherwise they are evaluated as they are.
        pressure: of the run, eV/Å³; energies are enthalpies where there is one.

    Raises:
        UnknownElementError: the potential does not know an element.
    """
    structures = [product.structure for product in products]
    numbers = [z for structure in structures for z in structure.atomic_numbers]
    potential.check_elements(numbers)
    same: list[bool | None]
    if relaxed:
        ends = relax(structures, potential, pressure=pressure)
        energies = [e.energy_per_atom if e.outcome.is_valid else np.nan for e in ends]
        outcomes = [end.outcome.label for end in ends]
        compare = matcher()
        new = [end.structure for end in ends]
        same = [compare.fit(a, b) for a, b in zip(structures, new, strict=True)]
    else:
        results = potential.evaluate(structures)
        energies = [r.energy / len(s) for r, s in zip(results, structures, strict=True)]
        outcomes, new, same = ["evaluated"] * len(products), structures, [None] * len(products)
    volumes = [structure.volume / len(structure) for structure in new]
    ranked = [energy + pressure * v for energy, v in zip(energies, volumes, strict=True)]
    members = defaultdict(list)
    for k, product in enumerate(products):
        members[product.row.formula].append(k)
    scores = []
    for group in members.values():
        before = np.array([products[k].row.ranked for k in group])
        after = np.array([ranked[k] for k in group])
        for place, k in enumerate(group):
            scores.append(
                Score(
                    product=products[k],
                    energy=float(after[place]),
                    delta=float(before[place] - before.min()),
                    new_delta=float(after[place] - _least(after)),
                    rank=_rank(before, place),
                    new_rank=_rank(after, place),
                    is_same=same[k],
                    outcome=outcomes[k],
                    structure=new[k],
                )
            )
    return sorted(scores, key=lambda s: (s.formula, s.new_rank or len(scores) + 1, s.rank))


def agreement(scores: Sequence[Score]) -> list[Agreement]:
    """Whether the order of the products of each formula survives."""
    groups = defaultdict(list)
    for score in scores:
        if np.isfinite(score.energy):
            groups[score.formula].append(score)
    return [_agreement(formula, group) for formula, group in groups.items()]


def _agreement(formula: str, group: Sequence[Score]) -> Agreement:
    first = np.array([score.delta for score in group])
    second = np.array([score.new_delta for score in group])
    pairs = [(i, j) for j in range(len(group)) for i in range(j)]
    swapped = [
        (i, j)
        for i, j in pairs
        if (first[i] - first[j]) * (second[i] - second[j]) < 0
        and min(abs(first[i] - first[j]), abs(second[i] - second[j])) > DEGENERATE
    ]
    return Agreement(
        formula=formula,
        n=len(group),
        same_lowest=bool(second[np.argmin(first)] <= DEGENERATE),
        n_swapped=len(swapped),
        n_pairs=len(pairs),
        tau=float(kendalltau(first, second).statistic) if len(group) > 1 else float("nan"),
    )


def _least(energies: np.ndarray) -> float:
    return float(np.nanmin(energies)) if np.any(np.isfinite(energies)) else float("nan")


def _rank(energies: np.ndarray, place: int) -> int:
    if not np.isfinite(energies[place]):
        return 0
    return 1 + int(np.sum(energies < energies[place]))


def score_row(score: Score) -> dict[str, object]:
    """A score as one flat record; energies, or enthalpies, in eV/atom, null where there is none."""
    row = score.product.row
    return {
        "product_id": row.product_id,
        "formula": score.formula,
        "space_group": row.space_group,
        "polymorph": row.polymorph,
        "energy_per_atom": row.ranked,
        "delta": score.delta,
        "rank": score.rank,
        "new_energy_per_atom": score.energy if score.new_rank else None,
        "new_delta": score.new_delta if score.new_rank else None,
        "new_rank": score.new_rank or None,
        "is_same": score.is_same,
        "outcome": score.outcome,
    }
