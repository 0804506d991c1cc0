"""Products in the lake: what tells apart those that look the same, in lakes of today and before."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from campaigns import small_plan
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.products import rank_run, write_products
from a2c_ray.lake import Lake, ProductRow, Store, kind_in_words, structure_columns, write_part
from a2c_ray.results import RunResults
from a2c_ray.results.trust import judge_run

QUERY = "SELECT space_group, unlike_twin FROM products ORDER BY product_id"


def rutile(a: float, c: float) -> Structure:
    places = [[0, 0, 0], [0.303, 0.303, 0]]
    return Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(a, c), ["Si", "O"], places)


def relaxed(subcell_id: str, energy: float, a: float, c: float, **more) -> dict:
    """A row of a relaxed subcell, eV/atom and Å."""
    structure = rutile(a, c)
    row = {"subcell_id": subcell_id, "outcome": "converged", "energy_per_atom": energy}
    return row | more | structure_columns(structure)


def ranked_lake(tmp_path, rows) -> Lake:
    """A lake of relaxed subcells and their products."""
    plan = small_plan(tmp_path)
    write_part(Store.at(plan.lake), "relaxed", plan.system, plan.run_id, "a", rows)
    lake = Lake(plan.lake, plan.run_id)
    write_products(lake, plan, rank_run(lake, plan.ranking))
    return lake


@pytest.fixture
def ranked(tmp_path) -> Lake:
    """A lake with two crystals of one energy and space group among the products."""
    return ranked_lake(
        tmp_path, [relaxed("s0", -5.0, 4.62, 3.05), relaxed("s1", -4.9999, 3.7, 4.75)]
    )


def test_what_looks_the_same_is_told_apart_in_the_lake_and_in_the_report(ranked):
    (_, none), (group, words) = ranked.sql(QUERY).fetchall()
    assert none is None
    assert group == "P4_2/mnm"
    assert words == "c 4.75 Å, not 3.05"
    nothing = dict.fromkeys(ProductRow.__dataclass_fields__)
    assert ProductRow(**nothing).kind == ""
    assert ProductRow(**nothing | {"unlike_twin": words}).kind == f"({words})"
    both = ProductRow(**nothing | {"unlike_twin": words, "stacking_variant": "wurtzite"})
    assert both.kind == f"stacking variant of wurtzite ({words})"


@pytest.mark.parametrize(
    ("dimensionality", "pieces"),
    [
        (None, ""),
        ("3D", ""),
        ("2D", "layers"),
        ("1D", "chains"),
        ("02D", "molecules and layers"),
        ("03D", "molecules and framework"),
    ],
)
def test_what_does_not_hold_together_is_said(dimensionality, pieces):
    assert kind_in_words(None, None, dimensionality, None) == (f"({pieces})" if pieces else "")
    both = "; ".join(filter(None, [pieces, "c 5 Å, not 4"]))
    assert kind_in_words("h-BN", None, dimensionality, "c 5 Å, not 4") == f"h-BN ({both})"


def test_a_crystal_is_one_in_the_lake(ranked):
    assert ranked.sql("SELECT DISTINCT dimensionality FROM products").fetchall() == [("3D",)]


def test_a_lake_of_before_has_nothing_there(ranked):
    [part] = ranked.store.files("products")
    path = ranked.store.path(part.path)
    earlier = pq.read_table(path, partitioning=None).drop_columns(["unlike_twin"])
    pq.write_table(earlier, path)
    rows = Lake(ranked.store.root).sql(QUERY).fetchall()
    assert [words for _, words in rows] == [None, None]


@pytest.mark.parametrize("polymorph", [None, "stishovite"])
def test_a_hole_of_the_potential_hides_no_crystal(tmp_path, polymorph):
    """It comes last and sets no zero, unless it is a published polymorph."""
    rows = [relaxed(f"s{k}", -8.0 + 1e-3 * k, 4.62, 3.05) for k in range(12)]
    hole = relaxed("hole", -8.9, 3.7, 3.2, polymorph=polymorph)
    lake = ranked_lake(tmp_path, [*rows, hole])
    query = "SELECT subcell_id, delta_mev, degenerate, product_id[-2:] FROM products"
    found = sorted(lake.sql(query).fetchall(), key=lambda row: row[3])
    if polymorph:
        assert found == [("hole", 0.0, True, "00"), ("s0", pytest.approx(900), False, "01")]
        return
    crystal, last = found
    assert crystal == ("s0", 0.0, True, "00")
    assert last == ("hole", pytest.approx(-900), False, "01")
    plan = small_plan(tmp_path)
    write_part(lake.store, "runs", plan.system, plan.run_id, "0001", [{"attempt": 1}])
    results = RunResults.open(lake.store.root)
    assert [p.row.subcell_id for p in results.products] == ["s0", "hole"]
    assert [r.row.subcell_id for r in results.lowest_relaxed()] == ["s0"]
    assert judge_run(lake).doubtful[0].product_id.endswith("01")
