"""Counts of polymorphs are those of the rows, whatever the runs are."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from a2c_ray.analysis.coordination import brunner_coordination
from a2c_ray.analysis.morphology import grid_points
from a2c_ray.analysis.polymorphs import polymorph_named
from a2c_ray.lake import Store, structure_columns, write_part
from a2c_ray.results import NothingThereError, RunResults
from a2c_ray.results.morphology import glass_morphologies, outer_elements

CUBIC = polymorph_named("c-BN").structure
RUN = {"attempt": 1, "status": "finished", "config": "{}"}


def write_run(folder, run_id, t_high, n_crystallized, n_subcells=200, seed=0):
    """A run of three glasses of c-BN; returns its relaxed rows."""
    store = Store.at(str(folder))
    rng = np.random.default_rng(seed)
    write_part(store, "runs", "BN", run_id, "0001", [RUN])
    glasses = [
        structure_columns(CUBIC)
        | {
            "glass_id": f"{run_id}-g{k}",
            "outcome": "glass",
            "t_high": t_high,
            "t_low": 350.0,
            "density": 3.45,
            "volume_per_atom": 6.0,
            "pressure": 10.0 + k,
            "energy_per_atom": -8.0,
            "seed": k,
        }
        for k in range(3)
    ]
    write_part(store, "amorphous", "BN", run_id, "glasses", glasses)
    rows = []
    for k in range(n_crystallized * n_subcells):
        name = rng.choice(["h-BN", "c-BN", ""], p=[0.2, 0.1, 0.7])
        rows.append(
            structure_columns(CUBIC)
            | {
                "subcell_id": f"{run_id}-{k}",
                "glass_id": f"{run_id}-g{k % n_crystallized}",
                "outcome": "converged" if k % 10 else "exploded",
                "formula": "BN" if k % 7 else "B2N",
                "energy_per_atom": rng.normal(-8.5, 0.1) if k % 10 else None,
                "polymorph": name or None if k % 10 else None,
                "polymorph_rms": 0.2 * rng.random() if name and k % 10 else None,
            }
        )
    write_part(store, "relaxed", "BN", run_id, "relaxed", rows)
    return rows


@pytest.fixture
def lake(tmp_path):
    rows = write_run(tmp_path, "hot", 3000.0, n_crystallized=1)
    rows += write_run(tmp_path, "cold", 1200.0, n_crystallized=2, seed=1)
    return tmp_path, rows


def glasses_of(folder, **options):
    return glass_morphologies(
        [RunResults.open(str(folder), run_id) for run_id in ("hot", "cold")], **options
    )


def test_subcells_of_all_runs_are_counted(lake):
    folder, rows = lake
    glasses = glasses_of(folder)
    assert len(glasses) == 6
    counted = 0
    for glass in glasses:
        own = [r for r in rows if r["glass_id"] == glass.glass_id and r["formula"] == "BN"]
        own = [r for r in own if r["energy_per_atom"] is not None]
        assert glass.n_relaxed == len(own)
        assert glass.lowest == min((r["energy_per_atom"] for r in own), default=None)
        names = Counter(r["polymorph"] for r in own if r["polymorph"])
        assert {name: e.number for name, e in glass.emerged.items()} == names
        for name, emergence in glass.emerged.items():
            expected = min(r["energy_per_atom"] for r in own if r["polymorph"] == name)
            assert emergence.lowest == expected
        counted += len(own)
    assert counted > 400


def test_a_hole_is_counted_and_is_not_the_lowest(lake):
    folder, _ = lake
    before = glasses_of(folder)[0]
    squeezed = CUBIC.copy()
    squeezed.scale_lattice(0.5 * CUBIC.volume)
    hole = structure_columns(squeezed) | {
        "subcell_id": "hole",
        "glass_id": before.glass_id,
        "outcome": "converged",
        "energy_per_atom": -20.0,
    }
    write_part(Store.at(str(folder)), "relaxed", "BN", before.glass_id[:-3], "hole", [hole])
    after = glasses_of(folder)[0]
    assert (after.n_relaxed, after.lowest) == (before.n_relaxed + 1, before.lowest)


def test_glasses_that_are_not_crystallized_count_in_the_means(lake):
    cold, hot = grid_points(glasses_of(lake[0]))
    assert (cold.t_high, hot.t_high) == (1200.0, 3000.0)
    assert (cold.pressure, hot.pressure) == (11.0, 11.0)
    assert [len(point.glasses) for point in (cold, hot)] == [3, 3]
    assert [g.n_relaxed > 0 for g in hot.glasses] == [True, False, False]


def test_loose_matches_can_be_left_out(lake):
    folder, rows = lake
    glasses = glasses_of(folder, max_rms=0.05)
    near = [r for r in rows if r["polymorph_rms"] and r["polymorph_rms"] <= 0.05]
    near = [r for r in near if r["formula"] == "BN"]
    assert sum(e.number for g in glasses for e in g.emerged.values()) == len(near)
    assert sum(g.n_relaxed for g in glasses) == sum(g.n_relaxed for g in glasses_of(folder))


def test_the_structure_is_that_of_the_glass(lake):
    for glass in glasses_of(lake[0], crystal_coordination=4):
        assert (glass.coordination, glass.crystallinity, glass.phase_share) == (4.0, 1.0, 1.0)
    assert {glass.phase_share for glass in glasses_of(lake[0], crystal_coordination=3)} == {0.0}
    for glass in glasses_of(lake[0], n_snapshots=0):
        assert (glass.coordination, glass.crystallinity, glass.phase_share) == (None, None, None)


def test_the_first_element_is_the_least_electronegative():
    assert brunner_coordination(CUBIC, "N", "B").mean == 4.0
    assert outer_elements(polymorph_named("calcite").structure.composition) == ("Ca", "O")
    assert outer_elements(CUBIC.composition) == ("B", "N")


def test_lakes_without_identification_are_refused(tmp_path):
    rows = write_run(tmp_path, "old", 600.0, 1)
    for row in rows:
        row["polymorph"] = row["polymorph_rms"] = None
    store = Store.at(str(tmp_path))
    write_part(store, "relaxed", "BN", "old", "relaxed", rows)
    product = {"product_id": "p", "polymorph": "h-BN", "subcell_id": rows[1]["subcell_id"]}
    write_part(store, "products", "BN", "old", "products", [product])
    with pytest.raises(NothingThereError, match=r"earlier version; repeat it"):
        glass_morphologies([RunResults.open(str(tmp_path), "old")])


def test_no_glass_yet(tmp_path):
    write_part(Store.at(str(tmp_path)), "runs", "BN", "new", "0001", [RUN])
    with pytest.raises(NothingThereError, match="no glass yet in new"):
        glass_morphologies([RunResults.open(str(tmp_path))])
