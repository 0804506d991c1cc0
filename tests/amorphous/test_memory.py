"""Whether a melt has forgotten its start."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.amorphous.box import random_cell
from a2c_ray.amorphous.memory import FORGOTTEN, overlap
from a2c_ray.compositions import parse_composition

BOX = random_cell(parse_composition("Mg40F80"), 12.5, seed=0)
SPACING = 12.5 ** (1 / 3)


def moved(distances, seed=0):
    """Fractional coordinates before and after moves of these lengths (Å) in random directions."""
    rng = np.random.default_rng(seed)
    start = BOX.positions @ np.linalg.inv(BOX.lattice)
    steps = rng.normal(size=start.shape)
    steps *= np.asarray(distances)[:, None] / np.linalg.norm(steps, axis=1)[:, None]
    return start, start + steps @ np.linalg.inv(BOX.lattice)


def test_atoms_that_vibrate_remember():
    assert overlap(*moved(np.full(120, 0.2 * SPACING)), BOX) == 1.0


def test_atoms_that_went_far_have_forgotten_even_around_the_box():
    start, end = moved(np.full(120, 0.5 * SPACING))
    assert overlap(start, end, BOX) == 0.0
    assert overlap(start, start + np.array([1.0, 0.0, 0.0]), BOX) == 0.0  # unwrapped


def test_the_slowest_element_counts():
    distances = np.where(BOX.numbers == 12, 0.1, 3.0)  # fluorine has flown, magnesium stayed
    assert overlap(*moved(distances), BOX) == 1.0
    distances = np.where(np.arange(120) % 4 == 0, 0.1, 3.0)
    assert overlap(*moved(distances), BOX) == pytest.approx(0.25, abs=0.01)
    assert FORGOTTEN > 0.25
