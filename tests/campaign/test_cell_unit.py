"""Rows of units under way: nothing that is finished is lost, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ase.io import write
from campaigns import a2c, on, small_plan
from glasses import SHARED, destination, silicon_glass
from piles import pile_of, pile_plan, shaken
from runs import relax_unit

from a2c_ray.campaign.cell_unit import CellUnit
from a2c_ray.campaign.done import clean_up, relaxed_ids
from a2c_ray.campaign.pile_unit import GIVEN, PileUnit
from a2c_ray.campaign.pile_work import pile_shapes, unrelaxed
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.status import PointStatus
from a2c_ray.lake import Lake, Store, begin_attempt, mark_version
from a2c_ray.lake.damage import UnreadablePartError

PILE = pile_of(shaken(9))


class Killed(BaseException):
    """What no unit catches."""


def of_pile(folder: Path, pile=PILE) -> PileUnit:
    plan = pile_plan(folder, PILE)
    store = Store.at(plan.lake)
    mark_version(store)
    to = replace(destination(plan, begin_attempt(store, plan.run_id)), write_s=0.0)
    return PileUnit(plan, pile, pile_shapes(PILE, 3.77, 2), SHARED, to)


def of_glass(folder: Path) -> CellUnit:
    plan = small_plan(folder, "crystallize.max_subcells=9")
    store = Store.at(plan.lake)
    mark_version(store)
    to = replace(destination(plan, begin_attempt(store, plan.run_id)), write_s=0.0)
    return relax_unit(plan, plan.glasses[0], silicon_glass(), to)


def kill(unit: CellUnit, silicon, at: int) -> None:
    """Let it die once so many of its cells are done."""

    def on_progress(done: int, total: int) -> None:
        if done == at:
            raise Killed

    with pytest.raises(Killed):
        unit.run(silicon, on_progress)


def rows_of(unit: CellUnit) -> list[dict]:
    lake = Lake(unit.plan.lake, unit.run_id)
    rows = lake.sql("SELECT * FROM relaxed ORDER BY subcell_id").to_arrow_table().to_pylist()
    assert len({row["subcell_id"] for row in rows}) == len(rows)
    return rows


@pytest.mark.parametrize("unit_in", [pytest.param(of_pile, marks=pytest.mark.slow), of_glass])
def test_a_unit_that_is_killed_goes_on_where_it_was(tmp_path, silicon, unit_in):
    undisturbed, unit = unit_in(tmp_path / "whole"), unit_in(tmp_path / "killed")
    expected = undisturbed.run(silicon, lambda *_: None)
    kill(unit, silicon, 4)
    kept = rows_of(unit)
    assert len(kept) == 4
    kill(unit.again(), silicon, 7)
    assert len(rows_of(unit)) == 7
    seen: list[tuple[int, int]] = []
    report = unit.again().run(silicon, lambda *now: seen.append(now))
    assert seen == [(8, 9), (9, 9)]
    assert report == expected
    rows = rows_of(unit)
    assert all(row in rows for row in kept)
    whole = rows_of(undisturbed)
    for row in (*rows, *whole):
        del row["run_id"]
    assert rows == whole
    assert unit.again().run(silicon, lambda *_: pytest.fail("nothing was left")) == expected


def test_a_run_that_is_killed_is_resumed_by_subtraction(tmp_path, silicon):
    undisturbed, unit = of_pile(tmp_path / "whole"), of_pile(tmp_path / "killed")
    undisturbed.run(silicon, lambda *_: None)
    kill(unit, silicon, 5)
    lake = Lake(unit.plan.lake, unit.run_id)
    left = PILE[unrelaxed(PILE, relaxed_ids(lake, "relaxed"), unit.run_id)]
    assert len(left) == 4
    of_pile(tmp_path / "killed", left).run(silicon, lambda *_: None)
    assert rows_of(unit) == rows_of(undisturbed)


def test_halves_of_a_unit_leave_out_what_it_has_finished(tmp_path, silicon):
    undisturbed, unit = of_pile(tmp_path / "whole"), of_pile(tmp_path / "killed")
    expected = undisturbed.run(silicon, lambda *_: None)
    kill(unit, silicon, 4)
    status = PointStatus(unit.run_id, "", 0)
    lake = Lake(unit.plan.lake, unit.run_id)
    point = Point(unit.plan, status, {}, unit.destination, lake, subcells_left={GIVEN: 9})
    rest = unit.again().rest(point)
    assert rest.amount == 5
    assert point.subcells_left == {GIVEN: 5}
    for half in rest.halves():
        half.take(half.run(silicon, lambda *_: None), point)
    assert rows_of(unit) == rows_of(undisturbed)
    assert (status.subcells_done, status.outcomes) == (9, expected.outcomes)
    assert status.atoms_done == unit.n_atoms
    assert point.subcells_left == {}
    other = of_pile(tmp_path / "other")
    assert other.rest(point) is other


def test_rows_of_two_actors_at_one_unit_count_once_when_it_is_resumed(tmp_path, silicon):
    """One was taken for lost, the other did not see all of its rows, and all were killed."""
    unit = of_pile(tmp_path)
    kill(unit, silicon, 4)
    seen = unit.destination.rows("relaxed", unit.part_id)[1:]
    fifth = dict(seen[0], subcell_id="fifth")
    unit.destination.write("relaxed", f"{unit.part_id}.other", [*seen, fifth])
    query = "SELECT count(*), count(DISTINCT subcell_id) FROM relaxed"
    assert Lake(unit.plan.lake).sql(query).fetchall() == [(8, 5)]
    clean_up(unit.destination.store, unit.plan)
    [(n_rows, n_cells)] = Lake(unit.plan.lake).sql(query).fetchall()
    assert n_rows == n_cells >= 4


def test_a_damaged_part_of_a_unit_is_told(tmp_path, silicon):
    unit = of_pile(tmp_path)
    kill(unit, silicon, 2)
    store = unit.destination.store
    path = next(file.path for file in store.files("relaxed"))
    store.write(path, lambda file: file.write(b"damaged"))
    with pytest.raises(UnreadablePartError, match="cannot read relaxed/"):
        unit.again().run(silicon, lambda *_: None)
    clean_up(store, unit.plan)
    unit.again().run(silicon, lambda *_: None)
    assert len(rows_of(unit)) == 9


@pytest.mark.slow
def test_a_pile_that_is_killed_in_the_middle_of_its_units(tmp_path, cluster):
    cells = shaken(240, seed=2)
    write(tmp_path / "cells.extxyz", cells, format="extxyz")
    settings = ("potential=stillinger-weber", "crystallize.force_tol=1e-3", "cluster.write_s=0")
    command = ("relax", "cells.extxyz", *settings, "crystallize.optimizer=fire", *on(cluster))
    query = "SELECT subcell_id, outcome, steps, energy_per_atom FROM relaxed ORDER BY subcell_id"

    def rows() -> list[tuple]:
        there = (tmp_path / "lake" / "lake.json").exists()
        return Lake(tmp_path / "lake").sql(query).fetchall() if there else []

    run = a2c(tmp_path, *command)
    deadline = time.monotonic() + 120
    while len(rows()) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    kept = rows()
    assert 20 <= len(kept) < 240
    again = a2c(tmp_path, *command)
    output, _ = again.communicate(timeout=200)
    assert again.returncode == 0, output
    end = rows()
    assert len({row[0] for row in end}) == len(end) == 240
    assert set(kept) <= set(end)
