"""Students of runs: what they learn from."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.cells import Cell
from a2c_ray.training.labelled import DataError, Labelled
from a2c_ray.training.students import (
    BATCH_SIZE,
    CUTOFFS,
    FEWEST_STEPS,
    MOST_STEPS,
    architecture_for,
    split_by_way,
    steps_for,
    student_training,
    way_of,
)


def labelled(way: int, step: int, n_oxygen: int = 2, edge: float = 4.0) -> Labelled:
    """A step of the way of a cubic cell of one titanium and some oxygen atoms."""
    numbers = np.array([22] + [8] * n_oxygen, np.int32)
    rng = np.random.default_rng([way, step])
    cell = Cell(edge * np.eye(3), edge * rng.random((len(numbers), 3)), numbers)
    forces = rng.normal(size=(len(numbers), 3))
    return Labelled(cell, -10.0, forces, np.zeros((3, 3)), f"g0-{way} step {step}")


@pytest.fixture(scope="module")
def structures() -> list[Labelled]:
    """20 ways of TiO2, and one of TiO."""
    ways = [labelled(way, step) for way in range(20) for step in (0, 3, 7)]
    return [*ways, *(labelled(99, step, n_oxygen=1) for step in (0, 5))]


def test_whole_ways_are_held_out_and_no_composition_is(structures):
    for seed in range(20):
        trained, held_out = split_by_way(structures, 0.1, seed)
        assert len(trained) + len(held_out) == len(structures)
        assert len(held_out) == 6
        assert not {way_of(s) for s in trained} & {way_of(s) for s in held_out}
        assert {s.composition for s in trained} == {s.composition for s in structures}


def test_lonely_ways_cannot_be_split():
    with pytest.raises(DataError, match="none of 2 ways"):
        split_by_way([labelled(0, 0, 1), labelled(1, 0, 2)], 0.1, 0)


def test_too_few_structures_make_no_student(structures):
    with pytest.raises(DataError, match="19 structures are too few"):
        student_training(structures[:19], 100, 0, {})


def test_a_training_takes_about_as_many_steps_as_are_asked_for(structures):
    training = student_training(structures, 100, 0, {"source": "test"})
    per_epoch = -(-len(training.train) // BATCH_SIZE)
    assert training.recipe.epochs * per_epoch == pytest.approx(100, abs=per_epoch)
    again = student_training(structures, 100, 0, {}, (training.config, training.parameters))
    assert again.recipe.learning_rate < training.recipe.learning_rate
    assert again.config is training.config


def test_steps_follow_from_the_pool():
    assert steps_for(10, is_last=True) == FEWEST_STEPS
    assert steps_for(150_000, is_last=True) == 3_000
    assert steps_for(150_000, is_last=False) == 900
    assert steps_for(10**7, is_last=True) == MOST_STEPS


@pytest.mark.parametrize(
    ("volume", "cutoff"), [(7.0, 4.5), (18.15, 4.5), (25.0, 4.9), (32.35, 5.4), (90, 6.0)]
)
def test_atoms_of_dilute_compositions_see_further(volume, cutoff):
    cells = [labelled(0, step, edge=(3 * volume) ** (1 / 3)) for step in range(3)]
    fused = labelled(0, 3, edge=1.0)
    chosen = architecture_for([*cells, fused]).cutoff
    assert chosen == cutoff
    assert CUTOFFS[0] <= chosen <= CUTOFFS[1]
    if CUTOFFS[0] < chosen < CUTOFFS[1]:
        assert 4 / 3 * np.pi * chosen**3 / volume == pytest.approx(20, rel=0.05)
