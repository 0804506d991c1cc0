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
