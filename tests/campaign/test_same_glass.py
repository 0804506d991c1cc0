"""Glasses that other runs make with the same settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from campaigns import run_plans, small_plan
from glasses import SHARED, point_of
from runs import FAST

from a2c_ray.campaign import same_glass
from a2c_ray.campaign.point import Shared
from a2c_ray.campaign.same_glass import SharedGlasses, Source, glasses_there, identity_of
from a2c_ray.cluster.resources import Resources
from a2c_ray.lake import Lake, Store, write_part
from a2c_ray.results.melts import melts_of, successes

TRACES = """
SELECT seed, step, md_trace.temperature, md_trace.frac_coords, lattice, amorphous.frac_coords
FROM amorphous JOIN md_trace USING (run_id, glass_id) WHERE run_id = $run ORDER BY seed, step
"""

OTHER_GLASSES = (
    "seed=5",
    "system.volume_per_atom=21",
    "system.t_high=2900",
    "melt_quench.t_low=500",
    "melt_quench.steps=[40,40,221]",
    "melt_quench.timestep_fs=1",
    "melt_quench.thermostat_steps=50",
    "melt_quench.settle_steps=1",
    "melt_quench.relax_steps=1",
    "melt_quench.ensemble=npt",
    "melt_quench.n_atoms=15",
    "potential.dtype=float64",
    "potential.zbl=true",
)


@pytest.fixture
def lake(silicon_lake, tmp_path) -> str:
    """A lake with one finished run, to be written to."""
    shutil.copytree(silicon_lake, tmp_path / "lake")
    return str(tmp_path / "lake")


def test_another_grid_begins_with_the_glasses_that_are_there(lake, tmp_path, cluster):
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    [(first,)] = Lake(lake).sql("SELECT run_id FROM runs").fetchall()
    melted = []
    run_plans(
        [plan],
        Resources(address=cluster.address, actors=1),
        lambda status: melted.extend(status.melt_quenches),
    )
    assert not melted
    there = Lake(lake)
    traces = [there.sql(TRACES, {"run": run}).fetchall() for run in (first, plan.run_id)]
    assert traces[0] == traces[1] != []
    sources = there.sql("SELECT run_id, taken_from FROM amorphous ORDER BY ALL").fetchall()
    assert sorted(sources) == sorted([(first, None)] * 2 + [(plan.run_id, first)] * 2)
    n_grids = there.sql("SELECT DISTINCT run_id, n_grid FROM relaxed").fetchall()
    assert (plan.run_id, 4) in n_grids
    assert f"2 glasses made by {first} with the same settings" in successes(
        melts_of(Lake(lake, plan.run_id))
    )


@pytest.mark.parametrize("override", OTHER_GLASSES)
def test_another_glass_is_not_taken_over(lake, tmp_path, override):
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4", override)
    assert SharedGlasses(Store.at(lake)).take_over(point_of(plan), plan.glasses) == {}


def test_nor_is_one_of_other_weights(lake, tmp_path):
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    point = point_of(plan)
    point.potentials = {plan.potential: Shared(SHARED, "other", 3.77)}
    assert SharedGlasses(Store.at(lake)).take_over(point, plan.glasses) == {}


def test_only_glasses_of_the_same_seeds_are(lake, tmp_path):
    plan = small_plan(tmp_path, *FAST, "seed=1")
    taken = SharedGlasses(Store.at(lake)).take_over(point_of(plan), plan.glasses)
    assert list(taken) == [plan.glasses[0].glass_id]


def test_a_glass_remembers_who_made_it(lake, tmp_path):
    [(first,)] = Lake(lake).sql("SELECT run_id FROM runs").fetchall()
    second, third = (small_plan(tmp_path, *FAST, f"crystallize.n_grid={n}") for n in (4, 5))
    SharedGlasses(Store.at(lake)).take_over(point_of(second), second.glasses)
    copied = Source(second.run_id, second.glasses[0].glass_id)
    shared, waiting = SharedGlasses(Store.at(lake)), point_of(third)
    assert shared.has_to_make(point_of(second), second.glasses[0])
    assert not shared.has_to_make(waiting, third.glasses[0])
    assert shared.hand_on(copied) == [waiting]
    taken = Lake(lake, third.run_id).sql("SELECT glass_id, taken_from FROM amorphous").fetchall()
    assert taken == [(third.glasses[0].glass_id, first)]
    assert waiting.melts_left == 1
    assert [glass_id for glass_id, _ in waiting.new_glasses] == [third.glasses[0].glass_id]


def test_a_glass_whose_run_is_deleted_meanwhile_is_made_or_told(lake, tmp_path, monkeypatch):
    [(first,)] = Lake(lake).sql("SELECT run_id FROM runs").fetchall()
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    shared, waiting = SharedGlasses(Store.at(lake)), point_of(plan)
    assert shared.has_to_make(point_of(plan), plan.glasses[0])
    assert not shared.has_to_make(waiting, plan.glasses[0])
    shutil.rmtree(Path(lake) / "amorphous")
    assert shared.hand_on(Source(first, plan.glasses[0].glass_id)) == [waiting]
    [failure] = waiting.status.failures
    assert failure.endswith("has left the lake: repeat the command")
    known = dict.fromkeys([identity_of(waiting, glass) for glass in plan.glasses])
    monkeypatch.setattr(
        same_glass, "glasses_there", lambda *_: {key: Source(first, "gone") for key in known}
    )
    assert SharedGlasses(Store.at(lake)).take_over(waiting, plan.glasses) == {}


def test_points_of_a_sweep_share_their_glasses(tmp_path, cluster):
    plans = [small_plan(tmp_path, f"crystallize.max_subcells={n}") for n in (5, 10)]
    melting = set()
    campaign = run_plans(
        plans,
        Resources(address=cluster.address, actors=2),
        lambda status: melting.update(f.unit.run_id for f in status.melt_quenches),
    )
    assert melting <= {plans[0].run_id}
    assert campaign.is_finished
    assert all(point.glasses_done == 2 for point in campaign.status.points.values())
    lake = Lake(plans[0].lake)
    sources = lake.sql("SELECT DISTINCT run_id, taken_from FROM amorphous ORDER BY 2").fetchall()
    assert sources == [(plans[1].run_id, plans[0].run_id), (plans[0].run_id, None)]
    n_relaxed = dict(lake.sql("SELECT run_id, count(*) FROM relaxed GROUP BY 1").fetchall())
    assert n_relaxed == {plans[0].run_id: 10, plans[1].run_id: 20}
    structures = "SELECT lattice, frac_coords FROM amorphous WHERE run_id = $run ORDER BY glass_id"
    first, second = (lake.sql(structures, {"run": plan.run_id}).fetchall() for plan in plans)
    assert first == second


def test_a_melt_that_fails_fails_for_all(tmp_path):
    maker, follower = (
        point_of(small_plan(tmp_path, f"crystallize.max_subcells={n}")) for n in (5, 10)
    )
    [glass, _], [same, _] = maker.plan.glasses, follower.plan.glasses
    shared = SharedGlasses(maker.destination.store)
    assert shared.has_to_make(maker, glass)
    assert not shared.has_to_make(follower, same)
    failed = {"glass_id": glass.glass_id, "outcome": "failed", "reason": "it flew apart"}
    maker.destination.write("amorphous", "x", [failed])
    shared.hand_on(Source(maker.plan.run_id, glass.glass_id))
    assert follower.status.failures == [f"{same.glass_id}: it flew apart"]
    assert not follower.new_glasses
    rows = Lake(follower.plan.lake, follower.plan.run_id).sql("SELECT reason FROM amorphous")
    assert rows.fetchall() == [("it flew apart",)]


def test_a_melt_that_is_given_up_is_given_up_for_all(tmp_path):
    maker, follower = (
        point_of(small_plan(tmp_path, f"crystallize.max_subcells={n}")) for n in (5, 10)
    )
    shared = SharedGlasses(maker.destination.store)
    assert shared.has_to_make(maker, maker.plan.glasses[1])
    assert not shared.has_to_make(follower, follower.plan.glasses[1])
    assert shared.give_up(maker.plan.glasses[1].glass_id) == [follower]
    assert follower.melts_left == 1
    assert len(follower.status.failures) == 1


def test_damage_to_other_runs_costs_no_more_than_their_glasses(lake, tmp_path, caplog):
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    assert len(glasses_there(Store.at(lake), plan.system)) == 2
    for part in (tmp_path / "lake" / "amorphous").rglob("*.parquet"):
        part.write_bytes(part.read_bytes()[:-20])
    assert SharedGlasses(Store.at(lake)).take_over(point_of(plan), plan.glasses) == {}
    assert "are not taken over" in caplog.text


def spoil(folder: Path, column: str, length: int) -> None:
    """Change bytes in the pages of a column of all parts of a table."""
    for part in folder.rglob("*.parquet"):
        chunks = pq.read_metadata(part).row_group(0)
        found = (chunks.column(k) for k in range(chunks.num_columns))
        [chunk] = (chunk for chunk in found if chunk.path_in_schema.startswith(column))
        first = chunk.data_page_offset
        stop = first + chunk.total_compressed_size
        if chunk.has_dictionary_page:
            first, stop = chunk.dictionary_page_offset, chunk.data_page_offset
        start = (first + stop) // 2
        content = bytearray(part.read_bytes())
        for k in range(start, start + length):
            content[k] ^= 1
        part.write_bytes(content)


def test_a_glass_with_a_changed_bit_is_not_taken_over(lake, tmp_path, caplog):
    """DuckDB reads it without a word."""
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    spoil(tmp_path / "lake" / "amorphous", "frac_coords", 1)
    assert len(glasses_there(Store.at(lake), plan.system)) == 2
    assert SharedGlasses(Store.at(lake)).take_over(point_of(plan), plan.glasses) == {}
    assert "are not taken over: amorphous/" in caplog.text


def test_settings_that_cannot_be_read_cost_no_more_than_the_glasses(lake, tmp_path, caplog):
    plan = small_plan(tmp_path, *FAST, "crystallize.n_grid=4")
    spoil(tmp_path / "lake" / "runs", "config", 300)
    assert glasses_there(Store.at(lake), plan.system) == {}


def test_runs_whose_settings_are_not_known_are_left_alone(lake, tmp_path):
    plan = small_plan(tmp_path, *FAST)
    row = {"attempt": 2, "status": "finished", "config": '{"formula": "Si"}'}
    write_part(Store.at(lake), "runs", plan.system, plan.run_id, "0002", [row])
    assert glasses_there(Store.at(lake), plan.system) == {}
