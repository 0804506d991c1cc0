"""What becomes of a cell does not depend on how it is relaxed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from a2c_ray.bench.conformance import (
    counts,
    energy_with_ase_neighbors,
    in_order,
    is_fresh,
    on_actors,
    ways,
)
from a2c_ray.bench.odd_cells import odd_cells
from a2c_ray.cells import Cell
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings

DIFFERENCES = ("other outcome", "other steps", "other energy", "other bits")
LARGER = "in larger shapes"


def relaxer(potential, cells, optimizer, max_steps=60):
    shapes = choose_shapes(cells, potential.cutoff, 1)
    return Relaxer(potential, RelaxSettings(max_steps, optimizer=optimizer), shapes)


def differences_in_larger_shapes(potential, cells, optimizer, max_steps):
    """Outcomes, steps and energies that are others, in number."""
    reference = relaxer(potential, cells, optimizer, max_steps)
    ends = in_order(reference.relax(cells))
    [way] = [w for w in ways(reference, 0, False) if w.name == LARGER]
    found = counts(ends, in_order(way.relax(cells)), is_exact=False)
    return [found[name] for name in DIFFERENCES[:3]]


@pytest.mark.parametrize("optimizer", ["lbfgs", pytest.param("fire", marks=pytest.mark.slow)])
def test_neither_order_nor_slots_matter(silicon, optimizer):
    cells = odd_cells(24, [14], seed=1)
    reference = relaxer(silicon, cells, optimizer)
    ends = in_order(reference.relax(cells))
    assert {end.outcome for end in ends} >= {Outcome.CONVERGED, Outcome.MAX_STEPS}
    assert all(is_fresh(silicon, end) for end in ends)
    for way in ways(reference, seed=0, with_actors=False):
        if way.name in ("in four times the slots", LARGER):
            continue
        found = counts(ends, in_order(way.relax(cells)), way.is_exact)
        assert found["cells"] == 24
        assert {name: found.get(name, 0) for name in DIFFERENCES} == dict.fromkeys(DIFFERENCES, 0)


@pytest.mark.parametrize("optimizer", ["lbfgs", "fire"])
def test_in_other_shapes_the_first_steps_are_the_same(silicon, optimizer):
    """Later ones may be others: how sums are rounded differs from processor to processor."""
    cells = odd_cells(24, [14], seed=1)
    assert differences_in_larger_shapes(silicon, cells, optimizer, max_steps=5) == [0, 0, 0]


@pytest.mark.slow
def test_nor_do_shapes_in_double_precision(silicon_f64):
    cells = odd_cells(18, [14], seed=2)
    assert differences_in_larger_shapes(silicon_f64, cells, "lbfgs", max_steps=30) == [0, 0, 0]


@pytest.mark.slow
def test_nor_do_actors(silicon):
    cells = odd_cells(20, [14], seed=3)
    reference = relaxer(silicon, cells, "lbfgs")
    ends = in_order(reference.relax(cells))
    found = counts(ends, in_order(on_actors(reference, 2, cells)), is_exact=True)
    assert [found[name] for name in DIFFERENCES] == [0, 0, 0, 0]


def test_energies_with_neighbors_of_ase(silicon):
    cells = odd_cells(18, [14], seed=4)
    results = silicon.evaluate([cell.structure for cell in cells])
    for cell, result in zip(cells, results, strict=True):
        energy = energy_with_ase_neighbors(silicon, cell)
        assert energy == pytest.approx(result.energy, rel=1e-5, abs=1e-4)


def test_differences_are_counted(silicon, diamond):
    cell = Cell.from_structure(diamond)
    [end] = relaxer(silicon, [cell], "lbfgs").relax([cell])
    others = [
        end,
        dataclasses.replace(end, steps=end.steps + 1),
        dataclasses.replace(end, outcome=Outcome.FUSED),
        dataclasses.replace(end, energy=end.energy + 1e-3),
        dataclasses.replace(end, max_force=np.nextafter(end.max_force, 1.0)),
    ]
    found = counts([end] * 5, others, is_exact=True)
    assert found["cells"] == 5
    assert [found[name] for name in DIFFERENCES] == [1, 1, 1, 4]
    assert found["largest (eV/atom)"] == pytest.approx(1e-3 / 8)


def test_an_energy_without_some_neighbor_is_noticed(silicon, diamond):
    cell = Cell.from_structure(diamond)
    [end] = relaxer(silicon, [cell], "lbfgs").relax([cell])
    assert is_fresh(silicon, end)
    assert not is_fresh(silicon, dataclasses.replace(end, energy=end.energy + 0.01))
    assert is_fresh(silicon, dataclasses.replace(end, energy=0.0, outcome=Outcome.EXPLODED))
