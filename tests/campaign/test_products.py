"""Products in the lake: what tells apart those that look the same, in lakes of today and before."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from campaigns import small_plan
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.products import rank_run, write_products
from a2c_ray.lake import Lake, ProductRow, Store, structure_columns, write_part

QUERY = "SELECT space_group, unlike_twin FROM products ORDER BY product_id"


def rutile(a: float, c: float) -> Structure:
    places = [[0, 0, 0], [0.303, 0.303, 0]]
    return Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(a, c), ["Si", "O"], places)


@pytest.fixture
def ranked(tmp_path) -> Lake:
    """A lake with two crystals of one energy and space group among the products."""
    plan = small_plan(tmp_path)
    store = Store.at(plan.lake)
    rows = [
        {"subcell_id": f"s{k}", "outcome": "converged", "energy_per_atom": -5.0 + 1e-4 * k}
        | structure_columns(rutile(*lengths))
        for k, lengths in enumerate([(4.62, 3.05), (3.7, 4.75)])
    ]
    write_part(store, "relaxed", plan.system, plan.run_id, "a", rows)
    lake = Lake(store, plan.run_id)
    write_products(lake, plan, rank_run(lake, plan.ranking))
    return lake


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


def test_a_lake_of_before_has_nothing_there(ranked):
    [part] = ranked.store.files("products")
    path = ranked.store.path(part.path)
    earlier = pq.read_table(path, partitioning=None).drop_columns(["unlike_twin"])
    pq.write_table(earlier, path)
    rows = Lake(ranked.store.root).sql(QUERY).fetchall()
    assert [words for _, words in rows] == [None, None]
