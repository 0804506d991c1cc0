"""What a network that is trained further is tried with."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.cells import Cell
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.preparation import FOR_EACH_ELEMENT, SMALL, representative


def of(*numbers: int) -> Labelled:
    cell = Cell(np.eye(3), np.zeros((len(numbers), 3)), np.array(numbers, np.int32))
    return Labelled(cell, 0.0, np.zeros((len(numbers), 3)), None, "made up")


@pytest.mark.parametrize(
    "data", [[of(12, 8), of(20, 8)] * 120, [of(12, 8)] * 120 + [of(20, 8)] * 120]
)
def test_each_composition_is_tried_whatever_the_order(data):
    formulas = [structure.formula for structure in representative(data)]
    assert len(formulas) == SMALL
    assert formulas.count("OMg") == formulas.count("OCa") == SMALL // 2


def test_a_rare_element_is_tried():
    data = [of(12, 8)] * 5000 + [of(79)]
    assert "Au" in [structure.formula for structure in representative(data)]
    many = [of(z) for z in range(1, 90)] * 10
    tried = representative(many)
    assert len(tried) == 89 * FOR_EACH_ELEMENT
    assert {structure.formula for structure in tried} == {structure.formula for structure in many}


def test_elements_that_first_appear_together_are_told_apart():
    """With one CaSrO2 beside many of Mg and O, the energy of Ca would be anyone's guess."""
    many = [of(*[12] * n, *[8] * (121 - n)) for n in range(1, 121)]
    data = many + [of(20, 38, 8, 8)] + [of(20, 8)] * 50 + [of(38, 8)] * 50
    formulas = {structure.formula for structure in representative(data)}
    assert len({"OCa", "OSr", "O2CaSr"} & formulas) >= 2
