"""Each product's subcells are counted by the glass that they were cut from."""

from __future__ import annotations

from collections import Counter

from a2c_ray.results import RunResults
from a2c_ray.results.frequencies import product_frequencies


def test_frequencies_count_the_members_of_products(silicon_lake):
    results = RunResults.open(silicon_lake)
    counted = Counter()
    for product in results.products:
        for subcell_id in product.row.subcell_ids:
            counted[product.row.product_id, subcell_id.rsplit("-", 2)[0]] += 1
    frequencies = product_frequencies(results)
    assert counted
    assert {(f.product_id, f.glass_id): f.n_subcells for f in frequencies} == counted
    sound = {f.glass_id: f.n_relaxed for f in frequencies}
    query = "SELECT count(*) FROM relaxed WHERE energy_per_atom IS NOT NULL AND glass_id = $glass"
    for glass_id, n_relaxed in sound.items():
        assert results.lake.sql(query, {"glass": glass_id}).fetchall() == [(n_relaxed,)]
    assert all(0 < f.share <= 1 for f in frequencies)
