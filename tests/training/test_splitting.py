"""What is held out."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.cells import Cell
from a2c_ray.training.labelled import DataError, Labelled
from a2c_ray.training.splitting import split_by_composition


def of(*numbers: int) -> Labelled:
    n = len(numbers)
    cell = Cell(np.eye(3), np.zeros((n, 3)), np.array(numbers, np.int32))
    return Labelled(cell, 0.0, np.zeros((n, 3)), None, "made up")


def test_compositions_are_on_one_side_only():
    """Multiples of a formula are one composition."""
    formulas = [of(8, 14, 8), of(8, 8, 8, 8, 14, 14), of(14), of(14, 14), of(8, 12), of(6)]
    data = formulas * 5
    trained, held_out = split_by_composition(data, 0.2, seed=3)
    assert sorted(trained + held_out) == list(range(30))
    assert len(held_out) >= 6
    compositions = [{data[k].composition for k in some} for some in (trained, held_out)]
    assert not compositions[0] & compositions[1]
    assert split_by_composition(data, 0.2, seed=3) == (trained, held_out)
    assert formulas[0].formula == formulas[1].formula == "O2Si"


def test_a_single_composition_is_split_at_random():
    trained, held_out = split_by_composition([of(14)] * 20, 0.25, seed=0)
    assert (len(trained), len(held_out)) == (15, 5)


def test_too_little():
    with pytest.raises(DataError, match="1 structures of 1 compositions cannot be split"):
        split_by_composition([of(14)], 0.1, seed=0)


@pytest.mark.parametrize("seed", range(8))
def test_isolated_atoms_do_not_decide(seed):
    data = [of(12, 9, 9)] * 40 + [of(12), of(9)]
    trained, held_out = split_by_composition(data, 0.1, seed)
    assert len(held_out) in (5, 6)
    assert {data[k].formula for k in trained} >= {data[0].formula}
    assert {data[k].formula for k in held_out} >= {data[0].formula}


@pytest.mark.parametrize("sizes", [(95, 5), (85, 15)])
@pytest.mark.parametrize("seed", range(10))
def test_a_large_composition_is_never_held_out_whole(seed, sizes):
    data = [of(14, 8)] * sizes[0] + [of(14, 8, 8)] * sizes[1]
    trained, held_out = split_by_composition(data, 0.1, seed)
    assert 10 <= len(held_out) <= 20
    assert sorted(trained + held_out) == list(range(100))


def test_elements_that_no_other_composition_has_are_trained_on():
    data = [of(14)] * 20 + [of(6)] * 20 + [of(8)] * 20
    trained, held_out = split_by_composition(data, 0.2, seed=0)
    assert len(held_out) == 12
    assert {data[k].formula for k in trained} == {"Si", "C", "O"}
