"""What a student learns, and what it never sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from campaigns import taught_plan
from glasses import point_of, silicon_glass, subcell_ids

from a2c_ray.campaign.lesson_units import CONTROL, TRAINING, SampleUnit
from a2c_ray.campaign.pool import Pool
from a2c_ray.campaign.school import PIECE, School
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.crystallize.cutting import choose_subcells


def school_and_pool(folder: Path, **changes: int) -> tuple[School, Pool]:
    """Of a run of three glasses, with a hundred subcells of each."""
    plan = taught_plan(folder, "melt_quench.replicas=3", **({"control": 30} | changes))
    cut = {
        glass.glass_id: choose_subcells(
            silicon_glass(k), plan.crystallization, glass.condition.seed
        )
        for k, glass in enumerate(plan.glasses)
    }
    return School(point_of(plan)), Pool(cut)


def ids_of(units: Sequence[CampaignUnit], sample: str) -> list[str]:
    """Subcells of the units of a sample."""
    units = [unit for unit in units if isinstance(unit, SampleUnit)]
    assert {unit.sample for unit in units} == {sample}
    return [id_ for unit in units for id_ in subcell_ids(unit.glass_id, unit.subcells)]


def test_samples_of_the_whole_pool_share_nothing(tmp_path):
    school, pool = school_and_pool(tmp_path)
    training = ids_of(next(school.steps(pool, len(pool))), TRAINING)
    control = ids_of(school.control_units(pool), CONTROL)
    assert (len(training), len(control)) == (16, 30)
    assert not set(training) & set(control)


def test_of_the_control_sample_each_glass_has_its_share(tmp_path):
    school, pool = school_and_pool(tmp_path)
    first, *others = pool.glasses
    units = next(school.steps(Pool({first: pool.glasses[first]}), len(pool)))
    assert {unit.glass_id for unit in units} == {first}
    assert max(len(unit.subcells) for unit in units) == PIECE
    control = ids_of(school.control_units(pool), CONTROL)
    of_first = [id_ for id_ in control if id_.startswith(f"{first}-")]
    assert (len(of_first), len(control), len(set(control))) == (10, 30, 30)
    assert not set(of_first) & set(ids_of(units, TRAINING))
    assert all(any(id_.startswith(f"{glass}-") for id_ in control) for glass in others)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"control": 300}, r"control sample of 300 leaves none of 300 subcells .*cascade_control"),
        ({"least_pool": 301}, r"pool of 300 subcells does not pay .*cascade_least_pool=301"),
    ],
)
def test_where_there_is_nothing_to_learn_the_teacher_does_all(tmp_path, changes, said):
    school, pool = school_and_pool(tmp_path, **changes)
    assert list(school.steps(pool, len(pool))) == []
    assert (school.has_begun, school.is_passed) == (True, False)
    assert re.search(said, school.refusal or "")


def test_a_sample_of_which_nothing_is_relaxed_is_told(tmp_path):
    school, pool = school_and_pool(tmp_path)
    steps = list(school.steps(pool, len(pool)))
    assert len(steps) == 1
    assert (school.is_passed, school.refusal) == (False, None)
    [failure] = school._point.status.failures
    assert failure.endswith("training sample was relaxed: repeat it")
