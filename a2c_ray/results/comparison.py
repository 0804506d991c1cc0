"""Which products of one run another run found too, and what each cost: cascades against full runs.

Products are compared by structure, and, of runs under one potential and pressure, by energy, too:
what StructureMatcher takes for one crystal may be two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.twins import SAME_END
from a2c_ray.results.run import ProductResult, RunResults
from a2c_ray.units import GPA_PER_EV_A3

COST = """
SELECT
    (SELECT count(*) FROM screened),
    (SELECT coalesce(sum(steps * n_atoms), 0) FROM screened),
    (SELECT count(*) FROM relaxed),
    (SELECT coalesce(sum(steps * n_atoms), 0) FROM relaxed)
"""


@dataclass(frozen=True)
class Found:
    """A product of the reference run, and what the other run made of it.

    product: of the reference.
    other: the same crystal in the other run, the lowest if there are several; None if it is not
        there.
    """

    product: ProductResult
    other: ProductResult | None


@dataclass(frozen=True)
class Cost:
    """What a run has relaxed; work is steps of the optimizer times atoms, summed over cells.

    screened, screening_work: subcells under a cascade's cheap potential.
    relaxed, work: subcells under the potential whose energies are ranked.
    """

    screened: int
    screening_work: int
    relaxed: int
    work: int


@dataclass(frozen=True)
class Comparison:
    """Two runs.

    found: products of the reference, in its order.
    new: products of the other run that the reference does not have.
    cost, other_cost: of the reference and of the other run.
    unlike: what of the settings makes their products hard to compare, a phrase each.
    """

    found: tuple[Found, ...]
    new: tuple[ProductResult, ...]
    cost: Cost
    other_cost: Cost
    unlike: tuple[str, ...] = ()

    @property
    def n_lost(self) -> int:
        """Products of the reference that the other run lacks."""
        return sum(found.other is None for found in self.found)

    @property
    def lost_predictions(self) -> list[str]:
        """Formulas whose lowest product of the reference the other run lacks."""
        return [
            found.product.row.formula
            for found in self.found
            if found.product.row.delta_mev == 0.0 and found.other is None
        ]


def compare_runs(reference: RunResults, other: RunResults) -> Comparison:
    """Look for the products of one run among those of another.

    Args:
        reference: such as a run without a cascade.
        other: such as the same with one.

    Raises:
        NothingThereError: a run has no products yet.
    """
    candidates = _by_formula(other.products)
    are_one = _comparison(reference, other)
    matched: set[str] = set()
    found = []
    for product in reference.products:
        alike = [
            candidate
            for candidate in candidates[product.row.formula]
            if are_one(product, candidate)
        ]
        matched |= {candidate.row.product_id for candidate in alike}
        lowest = min(alike, key=lambda p: p.row.ranked, default=None)
        found.append(Found(product, lowest))
    new = [product for product in other.products if product.row.product_id not in matched]
    unlike = tuple(_differences(reference, other))
    return Comparison(tuple(found), tuple(new), _cost(reference), _cost(other), unlike)


def _differences(reference: RunResults, other: RunResults) -> Iterator[str]:
    """Where cells were relaxed otherwise."""
    pressures = [run.pressure * GPA_PER_EV_A3 for run in (reference, other)]
    if pressures[0] != pressures[1]:
        yield "under {:g} and {:g} GPa".format(*pressures)
    if reference.freedom is not other.freedom:
        free = (f"relax.cell={run.settings.get('relax.cell', True)}" for run in (reference, other))
        yield "with {} and {}".format(*free)


def _comparison(
    reference: RunResults, other: RunResults
) -> Callable[[ProductResult, ProductResult], bool]:
    """Whether products of two runs are one crystal."""
    compare = matcher()
    one, another = (
        (run.attempt.potential_fingerprint, run.pressure, run.freedom) for run in (reference, other)
    )
    of_one_kind = one == another and one[0] is not None

    def are_one(product: ProductResult, candidate: ProductResult) -> bool:
        apart = abs(product.row.ranked - candidate.row.ranked)
        if of_one_kind and apart >= SAME_END:
            return False
        return bool(compare.fit(product.structure, candidate.structure))

    return are_one


def _by_formula(products: Sequence[ProductResult]) -> dict[str, list[ProductResult]]:
    groups: dict[str, list[ProductResult]] = defaultdict(list)
    for product in products:
        groups[product.row.formula].append(product)
    return groups


def _cost(results: RunResults) -> Cost:
    return Cost(*results.lake.sql(COST).fetchall()[0])
