"""Reference energies by least squares."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.cells import Cell
from a2c_ray.training.labelled import Labelled
from a2c_ray.training.reference_energies import fit_reference_energies

TRUE = {8: -4.0, 12: -1.5, 14: -5.25}


def compound(numbers: list[int], extra: float = 0.0) -> Labelled:
    n = len(numbers)
    cell = Cell(np.eye(3), np.zeros((n, 3)), np.array(numbers, np.int32))
    return Labelled(cell, sum(TRUE[z] for z in numbers) + extra, np.zeros((n, 3)), None, "")


def test_additive_energies_are_recovered():
    data = [compound([8, 12]), compound([8, 8, 14]), compound([14]), compound([12, 14, 8, 8, 8])]
    np.testing.assert_allclose(fit_reference_energies(data, (8, 12, 14)), [-4.0, -1.5, -5.25])


def test_what_cannot_be_told_apart_still_adds_up():
    """One formula only; an absent element keeps its shift."""
    data = [compound([12, 8, 8]), compound([12, 12, 8, 8, 8, 8])]
    shift = fit_reference_energies(data, (8, 12, 14), shift=np.array([0.0, 0.0, 7.0]))
    assert 2 * shift[0] + shift[1] == pytest.approx(-9.5)
    assert shift[2] == 7.0
