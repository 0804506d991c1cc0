"""Relaxations that are given up, and that this changes no other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from a2c_ray.cells import Cell
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.ceilings import Ceilings, kind_of
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.slots import QUIET_FORCE, RelaxSettings

SILICON = kind_of([14])


@pytest.fixture(scope="module")
def queue():
    """Random cells of silicon, of two sizes."""
    rng = np.random.default_rng(3)

    def cell(n_atoms: int) -> Cell:
        edge = np.cbrt(20.0 * n_atoms)
        return Cell(np.eye(3) * edge, rng.random((n_atoms, 3)) * edge, np.full(n_atoms, 14))

    return [cell(n) for n in (4, 8) * 8]


def ends(silicon, queue, settings, ceilings=None):
    done = Relaxer(silicon, settings, batch_atoms=16, ceilings=ceilings).relax(queue)
    return sorted(done, key=lambda end: end.index)


@pytest.mark.parametrize(
    "pressure", [pytest.param(0.0, marks=pytest.mark.slow), 0.02], ids=["none", "3.2 GPa"]
)
def test_what_is_quiet_above_the_ceiling_is_given_up(silicon, queue, pressure):
    settings = RelaxSettings(max_steps=300, pressure=pressure)
    before = ends(silicon, queue, settings)
    lowest = sorted(end.enthalpy_per_atom(pressure) for end in before)
    ceiling = (lowest[3] + lowest[4]) / 2
    after = ends(silicon, queue, settings, Ceilings({SILICON: ceiling}))
    hopeless = [end for end in after if end.outcome is Outcome.HOPELESS]
    assert len(hopeless) >= len(queue) / 2
    for end in hopeless:
        assert end.max_force < QUIET_FORCE
        assert end.enthalpy_per_atom(pressure) > ceiling
        assert end.steps < before[end.index].steps
    assert not any(end.outcome.is_valid for end in hopeless)
    # All others are as they were, to the last bit.
    for was, end in zip(before, after, strict=True):
        if end.outcome is not Outcome.HOPELESS:
            assert (end.outcome, end.steps, end.energy) == (was.outcome, was.steps, was.energy)
            np.testing.assert_array_equal(end.cell.positions, was.cell.positions)


def test_of_other_compositions_nothing_is_given_up(silicon, queue):
    settings = RelaxSettings(max_steps=100)
    ceilings = Ceilings({kind_of([32]): -math.inf})
    assert [end.outcome for end in ends(silicon, queue, settings, ceilings)] == [
        end.outcome for end in ends(silicon, queue, settings)
    ]


def test_a_ceiling_is_that_of_any_multiple_of_a_formula():
    ceilings = Ceilings({kind_of([22, 8, 8]): -9.0})
    assert ceilings.of([8, 22, 8, 8, 22, 8]) == pytest.approx(-54.0)
    assert ceilings.of([22, 8]) == math.inf
