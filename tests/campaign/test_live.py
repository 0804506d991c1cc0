"""The status of a run in its lake."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from glasses import glass_work, make_plan

from a2c_ray.campaign import live
from a2c_ray.campaign.live import LiveStatus
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.campaign.time_left import Cost
from a2c_ray.cluster.unit import InFlight
from a2c_ray.lake import DriverStatus, Lake, Store
from a2c_ray.lake.live_status import FOLDER, read_live_status


def stores(*plans):
    return {plan.run_id: Store.at(plan.lake) for plan in plans}


@pytest.fixture
def plan(tmp_path):
    return make_plan(tmp_path, "run1", max_subcells=100)


@pytest.fixture
def store(plan):
    return Store.at(plan.lake)


def status_of(*plans, **fields):
    points = {
        p.run_id: PointStatus(p.run_id, p.composition, glasses_total=2, **fields) for p in plans
    }
    return Status(points, n_actors=3, occupancy=0.87654, relaxing_s=30.0)


def test_what_is_written_is_read(plan, store):
    status = status_of(plan, glasses_done=1, subcells_total=100, subcells_done=40)
    unit = glass_work(plan).next_unit(24, None)
    status.points["run1"].find(0, n_atoms=1000)
    status.points["run1"].finish(0, n_atoms=400)
    point = status.points["run1"]
    point.outcomes, point.lowest = Counter(converged=20), {"Si": -4.3366}
    point.failures = [f"g{k}: too hot" for k in range(12)]
    status.in_flight = [InFlight(unit, done=10, total=24)]
    status.relaxing = Cost(n_units=3, amount=400, actor_s=48.0)
    LiveStatus(stores(plan)).write(status)
    found = read_live_status(store, "run1")
    assert found.driver.startswith(f"process {os.getpid()} on ")
    assert (found.actors, found.occupancy) == (3, 0.877)
    assert (found.glasses_done, found.glasses_total) == (1, 2)
    assert (found.subcells_done, found.subcells_total) == (40, 100)
    assert (found.units_in_flight, found.progress_in_flight) == (1, 10)
    assert found.subcells_per_min == 60
    left = (600 - unit.n_atoms * 10 // 24) * 48 / 400 / 3
    assert (found.seconds_left, found.seconds_left_most) == pytest.approx((left / 1.5, left * 1.5))
    assert (found.outcomes, found.lowest) == ({"converged": 20}, {"Si": -4.3366})
    assert found.failures == [f"g{k}: too hot" for k in range(2, 12)]
    assert found.n_failures == 12
    assert found.ranked is False


def test_nothing_written(store):
    assert read_live_status(store, "run1") is None


def test_each_point_has_its_own(plan, store, tmp_path):
    other = make_plan(tmp_path, "run2", max_subcells=100)
    status = status_of(plan, other, subcells_total=7)
    status.points["run2"].subcells_done = 5
    status.in_flight = [InFlight(glass_work(other).next_unit(9, None), done=1, total=9)]
    LiveStatus(stores(plan, other)).write(status)
    assert read_live_status(store, "run1").units_in_flight == 0
    second = read_live_status(store, "run2")
    assert (second.units_in_flight, second.subcells_done) == (1, 5)


def test_it_is_written_every_few_seconds_at_most(plan, store, monkeypatch):
    shown = LiveStatus(stores(plan))
    for n in range(5):
        shown.show(status_of(plan, subcells_done=n))
    assert read_live_status(store, "run1").subcells_done == 0
    shown.write(status_of(plan, subcells_done=9))  # at the end, whenever that is
    assert read_live_status(store, "run1").subcells_done == 9
    monkeypatch.setattr(live, "WRITE_S", 0.0)
    shown.show(status_of(plan, subcells_done=10))
    assert read_live_status(store, "run1").subcells_done == 10


def test_points_at_rest_are_not_written_again(plan, store, tmp_path):
    other = make_plan(tmp_path, "run2", max_subcells=100)
    shown, status = LiveStatus(stores(plan, other)), status_of(plan, other)
    shown.write(status)
    assert len(store.files(FOLDER)) == 2
    for file in store.files(FOLDER):
        store.delete(file.path)
    status.points["run2"].subcells_done = 1
    shown.write(status)
    assert [file.path for file in store.files(FOLDER)] == [".status/run2.json"]


def test_a_lake_that_cannot_be_written_is_tried_again_later(plan, store):
    shown, status = LiveStatus(stores(plan)), status_of(plan, subcells_done=3)
    in_the_way = Path(store.path(FOLDER))
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file where the folder should be")
    shown.write(status)
    in_the_way.unlink()
    assert read_live_status(store, "run1") is None
    shown.write(status)
    assert read_live_status(store, "run1").subcells_done == 3


def test_it_is_no_table_of_the_lake(plan, store):
    LiveStatus(stores(plan)).write(status_of(plan))
    assert Lake(plan.lake).sql("SELECT count(*) FROM runs").fetchall() == [(0,)]


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "12"])
def test_what_is_no_status_is_none(store, content):
    store.write(f"{FOLDER}/run1.json", lambda file: file.write(content.encode()))
    assert read_live_status(store, "run1") is None


def test_values_of_another_kind_are_left_out(store):
    content = b'{"actors": "many", "outcomes": [1], "glasses_done": 2, "__class__": "x"}'
    store.write(f"{FOLDER}/run1.json", lambda file: file.write(content))
    found = read_live_status(store, "run1")
    assert (found.actors, found.outcomes, found.glasses_done) == (0, {}, 2)


@pytest.mark.parametrize(
    "content",
    [
        b'{"outcomes": {"converged": "x"}}',
        b'{"lowest": {"Si": [1]}}',
        b'{"failures": [{"a": 1}]}',
        b'{"seconds_left": 1e999, "subcells_per_min": NaN}',
    ],
)
def test_what_would_not_print_is_left_out(store, content):
    store.write(f"{FOLDER}/run1.json", lambda file: file.write(content))
    assert read_live_status(store, "run1") == DriverStatus()
