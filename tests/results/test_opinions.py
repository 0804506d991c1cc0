"""Where potentials put products, and whether they agree."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from a2c_ray.lake import ProductRow, RescoredRow
from a2c_ray.lake.schemas import columns_of
from a2c_ray.results.agreement import Agreement, agreement, agreement_text
from a2c_ray.results.opinions import opinion, opinion_record, own_opinion, standing_text

Energies = dict[str, float | None]


def product(key: str, energy: float) -> ProductRow:
    """The formula is what comes before the dash."""
    nothing = dict.fromkeys(column.name for column in columns_of("products"))
    own = {
        "product_id": key,
        "formula": key.partition("-")[0],
        "energy_per_atom": energy,
        "delta_mev": -2500.0 if "hole" in key else 0.0,
    }
    return ProductRow(**(nothing | own))


def scored(key: str, energy: float | None, **changes: object) -> RescoredRow:
    nothing = dict.fromkeys(column.name for column in columns_of("rescored"))
    own = {
        "product_id": key,
        "energy_per_atom": energy,
        "potential": "sevennet-mf-0-r2scan",
        "is_relaxed": True,
        "is_same": True,
        "outcome": "converged" if energy is not None else "exploded",
        "rescored_at": datetime.now(UTC),
    }
    return RescoredRow(**(nothing | own | changes))


def both(first: Energies, second: Energies):
    products = [product(key, energy) for key, energy in first.items()]
    rows = [scored(key, energy) for key, energy in second.items()]
    return products, own_opinion("sevennet-0", products), opinion(rows, products)


def agreed(first: list[float], second: list[float | None]) -> Agreement:
    keys = [f"Si-{k}" for k in range(len(first))]
    products, own, other = both(
        dict(zip(keys, first, strict=True)), dict(zip(keys, second, strict=True))
    )
    [found] = agreement(own, other, products)
    return found


def test_energies_are_above_the_lowest_of_each_formula():
    _, own, other = both(
        {"Si-0": -5.0, "Si-1": -4.9, "Ge-0": -4.0}, {"Si-0": -9.0, "Si-1": -9.2, "Ge-0": -7.0}
    )
    assert [own.standings[key].delta for key in ("Si-0", "Si-1", "Ge-0")] == pytest.approx(
        [0.0, 0.1, 0.0]
    )
    assert [other.standings[key].delta for key in ("Si-0", "Si-1", "Ge-0")] == pytest.approx(
        [0.2, 0.0, 0.0]
    )
    assert [other.standings[key].rank for key in ("Si-0", "Si-1", "Ge-0")] == [2, 1, 1]


def test_moves_count_pairs_beyond_degeneracy():
    keys = ("Si-0", "Si-1", "Si-2", "Si-3")
    _, _, other = both(
        dict(zip(keys, (-5.0, -4.9, -4.8, -4.799), strict=True)),
        dict(zip(keys, (-9.0, -9.1, -9.2, -9.201), strict=True)),
    )
    moves = [(other.standings[key].rises, other.standings[key].falls) for key in keys]
    assert moves == [(0, 3), (1, 2), (2, 0), (2, 0)]
    texts = [standing_text(other.standings[key]) for key in keys]
    assert texts == ["201.0 ▼3", "101.0 ▲1 ▼2", "1.0 ▲2", "0.0 ▲2"]


def test_where_a_potential_has_no_energy_it_says_why():
    products, own, other = both(
        {"Si-0": -5.0, "Si-1": -4.9, "Si-2": -4.8}, {"Si-0": None, "Si-1": -9.0}
    )
    assert standing_text(other.standings["Si-0"]) == "exploded"
    assert standing_text(other.standings["Si-1"]) == "0.0"
    assert standing_text(other.standings.get("Si-2")) == ""
    [found] = agreement(own, other, products)
    assert (found.n, found.same_lowest, found.n_pairs) == (1, None, 0)
    assert agreement_text(found) == (
        "Si under sevennet-mf-0-r2scan: THE LOWEST HAS NO ENERGY: exploded; 1 product"
    )
    record = opinion_record(products[0], own, other)
    assert (record["outcome"], record["new_rank"], record["new_delta"]) == ("exploded", None, None)
    assert record["functional"] == "r²SCAN"


def test_no_energy_at_all_is_no_agreement():
    products, own, other = both({"Si-0": -5.0}, {"Si-0": None})
    assert agreement(own, other, products) == []


def test_another_crystal_and_one_on_its_way_are_marked():
    changed = opinion([scored("Si-0", -9.0, is_same=False)], [product("Si-0", -5.0)])
    assert standing_text(changed.standings["Si-0"]) == "0.0*"
    moving = opinion([scored("Si-0", -9.0, outcome="max_steps")], [product("Si-0", -5.0)])
    assert standing_text(moving.standings["Si-0"]) == "0.0~"


def test_holes_set_no_zero_and_overtake_nothing():
    products, own, other = both(
        {"Si-0": -5.0, "Si-1": -4.99, "Si-hole": -7.5}, {"Si-0": -5.0, "Si-1": -4.9, "Si-hole": 1}
    )
    assert [standing_text(own.standings[p.product_id]) for p in products] == [
        "0.0", "10.0", "-2500.0"
    ]  # fmt: skip
    assert [own.standings[p.product_id].rank for p in products] == [1, 2, 3]
    assert standing_text(other.standings["Si-hole"]) == "6000.0"
    [found] = agreement(own, other, products)
    assert (found.n, found.same_lowest, found.n_swapped, found.n_pairs) == (2, True, 0, 1)


def test_headings_tell_functional_and_kind():
    rows = [scored("Si-0", -9.0, is_relaxed=False, potential="sevennet-0+zbl")]
    other = opinion(rows, [product("Si-0", -5.0)])
    assert other.heading == ("sevennet-0+zbl", "PBE(+U)", "not relaxed")
    mine = dataclasses.replace(other, potential="student/potential", is_relaxed=True)
    assert mine.heading == ("student/potential",)


def test_agreement_counts_pairs_beyond_degeneracy():
    """Pairs within 2 meV/atom under either potential have no order."""
    kept = agreed([0.0, 0.010, 0.030], [5.0, 5.020, 5.040])
    assert (kept.same_lowest, kept.n_swapped, kept.n_pairs) == (True, 0, 3)
    assert kept.tau == pytest.approx(1.0)
    swapped = agreed([0.0, 0.010, 0.030], [0.010, 0.0, 0.030])
    assert (swapped.same_lowest, swapped.n_swapped) == (False, 1)
    assert swapped.tau == pytest.approx(1 / 3)
    assert "Si under sevennet-mf-0-r2scan: ANOTHER PRODUCT IS THE LOWEST; 1 of 3 pairs" in (
        agreement_text(swapped)
    )
    equal = agreed([0.0, 0.0], [0.0, 0.1])
    assert "tau" not in agreement_text(equal)
    degenerate = agreed([0.0, 0.001], [0.001, 0.0])
    assert (degenerate.same_lowest, degenerate.n_swapped) == (True, 0)
