"""What a campaign does next."""

from __future__ import annotations

import math

import pytest
from glasses import destination, glass_work, ids, make_plan, melt

from a2c_ray.campaign.agenda import Agenda
from a2c_ray.campaign.melt_unit import MeltQuenchUnit
from a2c_ray.campaign.pace import FEWEST_SUBCELLS, FIRST_SUBCELLS, Pace
from a2c_ray.campaign.rank_unit import MergeUnit
from a2c_ray.campaign.relax_unit import RelaxUnit


@pytest.fixture
def plan(tmp_path):
    return make_plan(tmp_path, max_subcells=100)


@pytest.fixture
def pace():
    return Pace(unit_s=10.0)


@pytest.fixture
def agenda(pace):
    return Agenda(pace)


def rest(agenda, n_actors=1):
    """Units until there are no more, if none is ever in flight."""
    units = []
    while unit := agenda.next_unit("cpu", n_actors, n_melting=0):
        units.append(unit)
        assert len(units) <= 300, "it never ends"
    return units


def test_an_empty_agenda(agenda):
    assert not agenda
    assert agenda.next_unit("cpu", 1, 0) is None
    assert (agenda.n_melts, agenda.n_subcells, agenda.most_actors) == (0, 0, 0)


def test_melts_of_glasses_that_are_only_looked_at_wait_for_the_others(agenda, plan):
    for name in ("look1", "crystal1", "look2", "crystal2"):
        agenda.add_melt(melt(plan, name, crystallize=name.startswith("crystal")))
    assert agenda.n_melts == 4
    names = [unit.glasses[0].glass_id for unit in rest(agenda)]
    assert names == ["crystal1", "crystal2", "look1", "look2"]
    assert not agenda


def test_melts_go_first_but_leave_half_of_the_actors_to_glasses(agenda, plan):
    agenda.add_cells(glass_work(plan))
    for k in range(20):
        agenda.add_melt(melt(plan, f"g{k}"))
    units = []
    for _ in range(5):
        n_melting = sum(isinstance(unit, MeltQuenchUnit) for unit in units)
        units.append(agenda.next_unit("cpu", 5, n_melting))
    assert [type(unit) for unit in units] == [MeltQuenchUnit] * 3 + [RelaxUnit] * 2


def test_melts_take_all_actors_while_no_glass_waits(agenda, plan):
    for k in range(4):
        agenda.add_melt(melt(plan, f"g{k}"))
    units = [agenda.next_unit("cpu", 4, n_melting) for n_melting in range(4)]
    assert all(isinstance(unit, MeltQuenchUnit) for unit in units)


def test_one_actor_melts_before_it_crystallizes(agenda, plan):
    agenda.add_cells(glass_work(plan))
    agenda.add_melt(melt(plan, "g0"))
    kinds = [type(unit) for unit in rest(agenda)]
    assert kinds[0] is MeltQuenchUnit
    assert set(kinds[1:]) == {RelaxUnit}


def test_units_that_are_tried_again_go_first(agenda, plan):
    agenda.add_melt(melt(plan, "g0"))
    agenda.add_cells(glass_work(plan))
    again = melt(plan, "again")
    merge = MergeUnit(plan, "g1", again.destination)
    agenda.add_first(again)
    agenda.add_first(merge)
    assert rest(agenda)[:2] == [again, merge]


def test_glasses_are_handed_out_one_after_another_and_whole(agenda, plan):
    for k in (0, 1):
        agenda.add_cells(glass_work(plan, k))
    assert agenda.n_subcells == 200
    units = rest(agenda, n_actors=3)
    assert len({i for unit in units for i in ids(unit)}) == 200
    assert sum(len(unit.subcells) for unit in units) == 200
    glasses = [unit.glass_id for unit in units]
    assert glasses == sorted(glasses)
    assert not agenda


def test_first_units_are_small_and_later_ones_follow_the_rate(agenda, pace, tmp_path):
    plan = make_plan(tmp_path, max_subcells=None)
    agenda.add_cells(glass_work(plan))
    assert agenda.n_subcells > 10_000
    assert len(agenda.next_unit("cpu", 2, 0).subcells) == FIRST_SUBCELLS
    pace.learn("cpu", plan.run_id, n_atoms=200, wall_s=10.0)
    unit = agenda.next_unit("cpu", 2, 0)
    assert 200 - plan.crystallization.max_atoms < unit.subcells.n_atoms.sum() <= 200
    assert len(agenda.next_unit("gpu", 2, 0).subcells) == FIRST_SUBCELLS


def test_units_shrink_towards_the_end(agenda, pace, plan):
    pace.learn("cpu", plan.run_id, n_atoms=10**6, wall_s=1.0)
    agenda.add_cells(glass_work(plan))
    sizes = [len(unit.subcells) for unit in rest(agenda, n_actors=2)]
    assert sizes[0] == 25
    assert sizes == [*sorted(sizes[:-1], reverse=True), sizes[-1]]
    assert sizes[-2] == FEWEST_SUBCELLS
    assert sum(sizes) == 100


def test_actors_that_can_be_of_use(agenda, plan):
    agenda.add_first(melt(plan, "again"))
    agenda.add_melt(melt(plan, "look", crystallize=False))
    assert agenda.most_actors == 2
    agenda.add_melt(melt(plan, "crystal"))
    assert agenda.most_actors == math.inf
    agenda.next_unit("cpu", 1, 0)
    agenda.next_unit("cpu", 1, 0)
    assert agenda.most_actors == 1
    agenda.add_cells(glass_work(plan))
    assert agenda.most_actors == math.inf


def test_what_may_be_done_meanwhile_waits_for_idle_actors_beside_a_melt(agenda, plan):
    agenda.add_melt(melt(plan, "g0"))
    spare = MergeUnit(plan, "g0", destination(plan))
    agenda.add_meanwhile(spare)
    assert isinstance(agenda.next_unit("cpu", 2, n_melting=0), MeltQuenchUnit)
    assert not agenda
    assert agenda.next_unit("cpu", 2, n_melting=0) is None
    assert agenda.next_unit("cpu", 2, n_melting=1) is spare
    assert agenda.next_unit("cpu", 2, n_melting=1) is None
