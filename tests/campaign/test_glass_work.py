"""The subcells of a glass are handed out once each, largest first."""

from __future__ import annotations

import numpy as np
import pytest
from glasses import glass_work, ids, make_plan, silicon_glass, subcell_ids

from a2c_ray.campaign.pace import FIRST_SUBCELLS
from a2c_ray.crystallize.cutting import choose_subcells, unit_shapes


@pytest.fixture
def plan(tmp_path):
    return make_plan(tmp_path, max_subcells=300)


def chosen_ids(plan, k=0):
    glass = plan.glasses[k]
    subcells = choose_subcells(silicon_glass(k), plan.crystallization, glass.condition.seed)
    return subcell_ids(glass.glass_id, subcells)


def handed_out(work, sizes):
    """All units of a glass, for each of which a size is asked for."""
    units = []
    while work.n_left:
        units.append(work.next_unit(*next(sizes)))
        assert len(units) <= 300, "it never ends"
    return units


def random_sizes(seed):
    """Most subcells, and most atoms or None, of unit after unit."""
    rng = np.random.default_rng(seed)
    while True:
        most_atoms = None if rng.random() < 0.3 else float(rng.choice([0.1, 3.0, 40.0, 900.0]))
        yield int(rng.integers(1, 60)), most_atoms


@pytest.mark.parametrize("seed", range(5))
def test_units_hold_every_subcell_once_whatever_their_sizes(plan, seed):
    work = glass_work(plan)
    units = handed_out(work, random_sizes(seed))
    assert len({len(unit.subcells) for unit in units}) > 3
    assert [i for unit in units for i in ids(unit)] == chosen_ids(plan)
    assert len(set(chosen_ids(plan))) == 300
    assert not work.n_left


def test_the_largest_go_first(plan):
    units = handed_out(glass_work(plan), random_sizes(0))
    sizes = np.concatenate([unit.subcells.n_atoms for unit in units])
    assert sizes.max() == 4
    assert sizes.min() == 1
    assert np.all(np.diff(sizes) <= 0)


def test_what_an_earlier_attempt_has_relaxed_is_left_out(plan):
    relaxed = set(chosen_ids(plan)[::3])
    work = glass_work(plan, relaxed=relaxed)
    assert work.n_left == 200
    units = handed_out(work, random_sizes(1))
    left = [i for unit in units for i in ids(unit)]
    assert left == [i for i in chosen_ids(plan) if i not in relaxed]


def test_a_unit_is_as_large_as_its_atoms_and_number_allow(plan):
    work = glass_work(plan)
    assert len(work.next_unit(10**6, None).subcells) == FIRST_SUBCELLS
    assert len(work.next_unit(10, None).subcells) == 10
    assert len(work.next_unit(10, 10.0**6).subcells) == 10
    unit = work.next_unit(10**6, 41.0)
    n_next = work.next_unit(1, 10.0**6).subcells.n_atoms[0]
    assert 41 - n_next < unit.subcells.n_atoms.sum() <= 41


def test_a_unit_has_a_subcell_even_if_that_is_too_large(plan):
    assert len(glass_work(plan).next_unit(50, 0.5).subcells) == 1


def test_all_units_of_a_run_have_the_same_shapes_whatever_is_in_them(plan):
    shapes = {
        unit.shapes for k in (0, 1) for unit in handed_out(glass_work(plan, k), random_sizes(3))
    }
    assert shapes == {unit_shapes(plan.crystallization, plan.composition, 3.77, 6.8**3 / 16)}
    [shapes] = shapes
    assert shapes[-1].n_atoms >= plan.crystallization.max_atoms


def test_halves_of_a_unit_hold_what_it_holds(plan):
    unit = glass_work(plan).next_unit(7, 10.0**6)
    first, second = unit.halves()
    assert (len(first.subcells), len(second.subcells)) == (3, 4)
    assert ids(first) + ids(second) == ids(unit)
    assert first.shapes == second.shapes == unit.shapes
