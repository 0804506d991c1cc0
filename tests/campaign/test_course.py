"""Cascades that teach themselves: a student learns, screens, and is checked."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from campaigns import COURSE, relaxed, run_plans, taught_plan, with_glasses_of
from glasses import point_of

from a2c_ray.campaign import lessons
from a2c_ray.campaign.course import Course
from a2c_ray.campaign.destination import LakeFullError
from a2c_ray.campaign.lesson_units import MISTAKES
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.status import Status
from a2c_ray.cluster.resources import Resources
from a2c_ray.lake import Lake, Store, remove_parts, repeated_ids
from a2c_ray.potentials.loading import load_potential
from a2c_ray.results.proof import proof_lines, proof_of, students_of

ROWS = """
SELECT subcell_id, outcome, steps, energy_per_atom, lattice, student FROM screened ORDER BY ALL
"""

LOWEST = "SELECT formula, min(energy_per_atom) FROM products GROUP BY formula"


UNMADE = ("relaxed", "products", "sampled", "screened", "students", "learning")
UNMADE += ("judged", "weighed", "proof")
"""Tables of a lake that holds glasses only."""


@pytest.fixture(scope="module")
def two(cluster) -> Resources:
    """Two actors."""
    return Resources(address=cluster.address, actors=2)


@pytest.fixture
def melted(small_run, tmp_path) -> Path:
    """A folder whose run has its glasses, and nothing else yet."""
    return with_glasses_of(small_run.folder / "lake", tmp_path, "relaxed", "products")


@pytest.fixture(scope="module")
def taught(small_run, two, tmp_path_factory) -> Path:
    """The folder of a campaign that has taught itself."""
    folder = tmp_path_factory.mktemp("taught")
    with_glasses_of(small_run.folder / "lake", folder, "relaxed", "products")
    campaign = run_plans([taught_plan(folder)], two)
    assert campaign.status.failures == []
    return folder


@pytest.mark.slow
def test_the_student_relaxes_all_and_the_teacher_little(taught, small_run):
    lake = Lake(taught / "lake")
    [(n, n_students)] = lake.sql(
        "SELECT count(DISTINCT subcell_id), count(DISTINCT student) FROM screened"
    ).fetchall()
    assert (n, n_students) == (200, 1)
    samples = dict(lake.sql("SELECT sample, count(*) FROM sampled GROUP BY ALL").fetchall())
    assert samples == {"control": 16, "training": 16}
    alone = Lake(small_run.folder / "lake")
    same = """
        SELECT right(subcell_id, -length(run_id)) AS place, outcome, steps, energy_per_atom FROM {}
    """
    expected = set(alone.sql(same.format("relaxed")).fetchall())
    assert set(lake.sql(same.format("sampled")).fetchall()) < expected
    [(refined, n)] = lake.sql(
        "SELECT count(*) FILTER (alike IS NOT NULL), count(DISTINCT subcell_id) FROM relaxed"
    ).fetchall()
    assert 0 < refined <= 20
    if proof_of(lake).verdict == "kept":
        assert 32 <= n <= refined + 32
    else:
        assert n == 200
    [found], [lowest] = lake.sql(LOWEST).fetchall(), alone.sql(LOWEST).fetchall()
    assert found[1] <= lowest[1] + 0.002


@pytest.mark.slow
def test_students_are_potentials(taught):
    lake = Lake(taught / "lake")
    students = students_of(lake)
    assert [student.round for student in students] in ([1, 2], [1, 2, 3])
    n_labels = [student.n_labels for student in students]
    assert n_labels == sorted(set(n_labels))
    assert n_labels[0] > 100
    last = "SELECT run_id, student, round FROM students ORDER BY round DESC LIMIT 1"
    [(run_id, name, round_)] = lake.sql(last).fetchall()
    folder = taught / "lake" / ".students" / run_id / f"student-{round_}"
    assert load_potential(folder, zbl=True).fingerprint == name
    assert lake.sql("SELECT DISTINCT student FROM screened").fetchall() == [(name,)]


@pytest.mark.slow
def test_the_proof_says_what_may_be_lost(taught):
    lake = Lake(taught / "lake")
    proof = proof_of(lake)
    assert proof.pool == 200
    assert proof.k >= proof.found >= 0
    assert proof.missed == pytest.approx((proof.k - proof.found + 1) / (proof.k + 2))
    assert (proof.verdict == "kept") == (proof.found >= 0.75 * proof.k)
    assert proof.error > 0
    assert proof.first_error > 0
    [(steps,)] = lake.sql("SELECT sum((steps + 1) * n_atoms) FROM sampled").fetchall()
    assert proof.work > steps
    said = " ".join(proof_lines(lake))
    assert f"of {proof.k} low crystals of the control sample {proof.found} were found" in said


def interrupted(plan: Plan, resources: Resources, is_time: Callable[[Status], bool]) -> None:
    """Run a campaign until it is time, and no further."""

    def stop(status: Status) -> None:
        if is_time(status):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plans([plan], resources, stop)


@pytest.fixture(scope="module")
def taught_by_one(cluster, tmp_path_factory) -> tuple[Path, list[int]]:
    """The folder of a run whose student learns from one of three glasses, made by one actor.

    And how many glasses were made at each look at a student that learns.
    """
    folder, made = tmp_path_factory.mktemp("early"), []

    def look(status: Status) -> None:
        [point] = status.points.values()
        if point.lesson == "training":
            made.append(point.glasses_done)

    alone = Resources(address=cluster.address, actors=1)
    campaign = run_plans([three_glasses(folder)], alone, look)
    assert campaign.status.failures == []
    return folder, made


def three_glasses(folder: Path) -> Plan:
    return taught_plan(folder, "melt_quench.replicas=3")


@pytest.mark.slow
def test_of_many_glasses_a_student_learns_while_the_others_melt(taught_by_one):
    folder, made = taught_by_one
    assert min(made) == 1
    lake = Lake(folder / "lake")
    sampled = "SELECT glass_id, count(*) FROM sampled WHERE sample = $sample GROUP BY ALL"
    [first] = three_glasses(folder).first_glasses
    others = set(three_glasses(folder).crystallized_glasses) - {first}
    assert dict(lake.sql(sampled, {"sample": "training"}).fetchall()) == {first: 16}
    control = dict(lake.sql(sampled, {"sample": "control"}).fetchall())
    assert control.pop(first) == 5
    assert set(control) <= others
    assert sum(control.values()) == 11
    learnt = lessons.all_labels(lake.store, three_glasses(folder).run_id, 2)
    assert {lessons.subcell_of(labelled)[: len(first)] for labelled in learnt} == {first}
    assert lake.sql("SELECT count(DISTINCT subcell_id) FROM screened").fetchall() == [(300,)]


@pytest.mark.slow
def test_what_a_student_learns_does_not_depend_on_when(taught_by_one, two, tmp_path):
    """Here all glasses are there before it begins."""
    early, _ = taught_by_one
    with_glasses_of(early / "lake", tmp_path, *UNMADE)
    shutil.rmtree(tmp_path / "lake" / ".students")
    campaign = run_plans([three_glasses(tmp_path)], two)
    assert campaign.status.failures == []
    one, other = (Lake(folder / "lake").sql(ROWS).fetchall() for folder in (early, tmp_path))
    assert one == other


def is_training(status: Status) -> bool:
    return any(training.done > 100 for training in status.trainings)


def is_screening(status: Status) -> bool:
    [point] = status.points.values()
    return 0 < point.subcells_done < point.subcells_total


@pytest.mark.slow
def test_stopped_while_it_trains_and_while_it_screens_it_ends_the_same(taught, two, melted):
    plan = taught_plan(melted)
    interrupted(plan, two, is_training)
    assert Lake(melted / "lake").sql("SELECT count(*) FROM students").fetchall() == [(0,)]
    interrupted(plan, two, is_screening)
    [(n_screened,)] = Lake(melted / "lake").sql("SELECT count(*) FROM screened").fetchall()
    assert 0 < n_screened < 200
    run_plans([plan], two)
    one, other = (Lake(folder / "lake").sql(ROWS).fetchall() for folder in (taught, melted))
    assert one == other
    one, other = (proof_of(Lake(folder / "lake")) for folder in (taught, melted))
    assert one == other
    repeated = run_plans([plan], two)
    assert repeated.status.n_units_done == 1  # it is ranked again
    assert repeated.status.failures == []


def test_without_a_glass_nothing_is_drawn(tmp_path):
    """It would be drawn anew once the glass is there."""
    point = point_of(taught_plan(tmp_path))
    course = Course(point, lambda potential: pytest.fail("shared"))
    assert not course.can_go_on
    point.melts_left = 0
    assert course.can_go_on
    assert course.next_step() == ()
    [said] = point.status.failures
    assert said.startswith(point.plan.glasses[0].glass_id)
    assert said.endswith("of all glasses: repeat the command")


def test_a_full_disk_stops_what_is_kept_beside_the_tables_too(tmp_path):
    to = point_of(taught_plan(tmp_path)).destination
    with (
        pytest.raises(LakeFullError, match=r"cannot write to .*: No space left on device"),
        to.writing(),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


REFINED = "SELECT subcell_id, energy_per_atom, alike FROM relaxed ORDER BY ALL"


@pytest.mark.slow
def test_what_the_lake_has_lost_of_refinement_is_made_again(taught, two, tmp_path):
    folder = Path(shutil.copytree(taught, tmp_path / "copy"))
    plan = taught_plan(folder)
    remove_parts(Store.at(folder / "lake"), "relaxed", plan.system, plan.run_id, "refined")
    campaign = run_plans([plan], two)
    assert campaign.status.failures == []
    one, other = (Lake(where / "lake").sql(REFINED).fetchall() for where in (taught, folder))
    assert one == other


@pytest.mark.slow
def test_labels_and_students_that_are_deleted_are_made_again(taught, two, tmp_path):
    folder = Path(shutil.copytree(taught, tmp_path / "copy"))
    shutil.rmtree(folder / "lake" / ".students")
    campaign = run_plans([taught_plan(folder)], two)
    assert campaign.status.failures == []
    lakes = [Lake(where / "lake") for where in (taught, folder)]
    one, other = (proof_of(lake) for lake in lakes)
    assert (one.verdict, one.k, one.found) == (other.verdict, other.k, other.found)
    one, other = (students_of(lake) for lake in lakes)
    assert [student.n_labels for student in one] == [student.n_labels for student in other]


@pytest.mark.slow
def test_in_a_pool_too_small_the_teacher_does_all(small_run, two, melted):
    run_plans([taught_plan(melted, least_pool=201)], two)
    assert relaxed(melted) == relaxed(small_run.folder)
    lake = Lake(melted / "lake")
    assert proof_of(lake).verdict == "alone"
    [line] = proof_lines(lake)
    assert "a pool of 200 subcells does not pay for a student" in line
    assert lake.sql("SELECT count(*) FROM screened").fetchall() == [(0,)]


@pytest.mark.slow
def test_where_the_teacher_has_little_to_do_it_does_all_and_nothing_twice(small_run, two, melted):
    for _ in ("first", "repeated"):
        run_plans([taught_plan(melted, least_work=1e9)], two)
        assert relaxed(melted) == relaxed(small_run.folder)
    lake = Lake(melted / "lake")
    [line] = proof_lines(lake)
    told = r"stillinger-weber evaluates about (\S+) atoms, too few to pay for a student"
    alone = lake.sql("SELECT sum(steps * len(species)) FROM relaxed").fetchall()[0][0]
    assert float(re.search(told, line)[1]) == pytest.approx(alone, rel=0.3)
    twice = "SELECT subcell_id FROM relaxed GROUP BY subcell_id HAVING count(*) > 1"
    assert lake.sql(twice).fetchall() == []
    assert lake.sql("SELECT count(*) FROM sampled").fetchall() == [(16,)]
    assert lake.sql("SELECT count(*) FROM students").fetchall() == [(0,)]


UNTAUGHT = {"rounds": 1, "steps": 1, "control": 100}
"""Changes of a plan whose student learns nothing."""


def learns_on(status: Status) -> bool:
    return any(point.lesson == MISTAKES for point in status.points.values())


@pytest.mark.slow
def test_where_the_student_fails_twice_the_teacher_does_the_rest(small_run, two, melted):
    campaign = run_plans([taught_plan(melted, **UNTAUGHT)], two)
    assert campaign.status.failures == []
    lake = Lake(melted / "lake")
    proof = proof_of(lake)
    assert proof.verdict == "poor"
    assert "fewer than 75 %: stillinger-weber relaxes the rest, too" in proof.reason
    assert [student.round for student in students_of(lake)] == [1, 2]
    assert lake.sql("SELECT count(DISTINCT subcell_id) FROM relaxed").fetchall() == [(200,)]
    assert repeated_ids(lake) == []
    [found] = lake.sql(LOWEST).fetchall()
    [lowest] = Lake(small_run.folder / "lake").sql(LOWEST).fetchall()
    assert found[1] <= lowest[1] + 1e-3
    repeated = run_plans([taught_plan(melted, **UNTAUGHT)], two)
    assert repeated.status.n_units_done == 1  # it is ranked again


@pytest.mark.slow
def test_a_student_that_fails_learns_on_and_screens_again(small_run, two, melted):
    plan = taught_plan(melted, **UNTAUGHT)
    interrupted(plan, two, learns_on)
    lake = Lake(melted / "lake")
    failed = proof_of(lake)
    assert (failed.verdict, failed.reason.endswith("the student learns on")) == ("poor", True)
    run_plans([taught_plan(melted, **UNTAUGHT | {"steps": COURSE.steps})], two)
    first, second = students_of(lake)
    assert second.n_labels > first.n_labels
    proof = proof_of(lake)
    assert proof.error < 0.2 * failed.error
    assert proof.work > failed.work
    rounds = """
        SELECT count(DISTINCT subcell_id), count(*), max(round), count(DISTINCT student)
        FROM screened JOIN students USING (student)
    """
    assert lake.sql(rounds).fetchall() == [(200, 200, 2, 1)]
    assert repeated_ids(lake) == []
    control = "SELECT subcell_id FROM sampled WHERE sample = 'control'"
    kept_apart = {row[0] for row in lake.sql(control).fetchall()}
    learnt = lessons.all_labels(lake.store, plan.run_id, 2)
    assert not kept_apart & {lessons.subcell_of(labelled) for labelled in learnt}


@pytest.mark.slow
def test_a_student_gives_up_what_is_hopeless(taught, two, melted):
    plan = taught_plan(melted)
    crystallization = dataclasses.replace(plan.crystallization, hopeless=0.25)
    campaign = run_plans([dataclasses.replace(plan, crystallization=crystallization)], two)
    assert campaign.status.failures == []
    lake, before = Lake(melted / "lake"), Lake(taught / "lake")
    counts = """
        SELECT count(*), count(*) FILTER (outcome = 'hopeless'),
            count(energy_per_atom) FILTER (outcome = 'hopeless'), sum(steps)
        FROM screened
    """
    [(n, hopeless, told, steps)] = lake.sql(counts).fetchall()
    [(_, none, _, steps_of_all)] = before.sql(counts).fetchall()
    assert (n, none, told) == (200, 0, 0)
    assert hopeless > 10
    assert steps < steps_of_all
    [found], [lowest] = lake.sql(LOWEST).fetchall(), before.sql(LOWEST).fetchall()
    assert found[1] <= lowest[1] + 1e-3
