"""Made-up lakes look like real ones."""

from __future__ import annotations

from a2c_ray.bench.synthetic import write_random_lake
from a2c_ray.lake import Lake, Store


def test_rows_are_whole_structures(tmp_path):
    write_random_lake(Store.at(tmp_path), n_rows=101, n_glasses=5)
    lake = Lake(tmp_path)
    count = "SELECT count(*), count(DISTINCT subcell_id), count(DISTINCT glass_id) FROM relaxed"
    assert lake.sql(count).fetchall() == [(105, 105, 5)]
    for structure in lake.structures("SELECT *, formula AS name FROM relaxed"):
        assert 2 <= len(structure) <= 8
        assert structure.composition.reduced_formula == structure.properties["name"]


def test_the_same_seed_gives_the_same_rows(tmp_path):
    rows = []
    for name in "ab":
        write_random_lake(Store.at(tmp_path / name), n_rows=20, n_glasses=2, seed=3)
        rows.append(Lake(tmp_path / name).sql("SELECT * FROM relaxed ORDER BY ALL").fetchall())
    assert rows[0] == rows[1]
