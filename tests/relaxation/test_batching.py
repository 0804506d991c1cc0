"""What becomes of a cell does not depend on those it shares a queue with."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray.cells import Cell, translated
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation import batching
from a2c_ray.relaxation import slots as slots_module
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

N_CELLS = 24
ROOMY = (Shape(2, Capacity(24, 343)), Shape(8, Capacity(24, 125)))
TIGHT = (Shape(8, Capacity(8, 64)),)
"""Some cells overflow, and are tried with longer lists."""
ROOMY_OR_TIGHT = [
    pytest.param(ROOMY, id="roomy", marks=pytest.mark.slow),
    pytest.param(TIGHT, id="tight"),
]


@pytest.fixture
def cells(diamond: Structure) -> list[Cell]:
    """Of silicon, all different, from nearly relaxed to badly distorted."""
    rng = np.random.default_rng(2)
    made = []
    for k in range(N_CELLS):
        size = 0.01 + 0.25 * rng.random()
        cell = Cell.from_structure(diamond.get_primitive_structure() if k % 3 else diamond)
        strain = np.eye(3) + rng.normal(0, 0.2 * size, (3, 3))
        displaced = cell.positions @ strain + rng.normal(0, size, cell.positions.shape)
        made.append(Cell(cell.lattice @ strain, displaced, cell.numbers))
    return made


def in_queues(relaxer, cells, order, size):
    """All that is known of each cell in the end, by its number, bit for bit."""
    ends = {}
    for start in range(0, len(order), size):
        queue = order[start : start + size]
        for end in relaxer.relax([cells[k] for k in queue]):
            numbers = end.energy, end.max_force, end.max_stress
            arrays = end.cell.positions.tobytes(), end.cell.lattice.tobytes()
            ends[queue[end.index]] = (end.outcome, end.steps, numbers, arrays)
    return ends


def test_atoms_far_away_relax_as_those_in_the_cell(silicon, cells):
    """And end as far away, though single precision would round their places."""
    cells = cells[:4]
    away = [
        np.random.default_rng(k).integers(-40, 41, cell.positions.shape)
        for k, cell in enumerate(cells)
    ]
    far = [translated(cell, t) for cell, t in zip(cells, away, strict=True)]
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=60), ROOMY, 32)
    near_ends = sorted(relaxer.relax(cells), key=lambda end: end.index)
    far_ends = sorted(relaxer.relax(far), key=lambda end: end.index)
    for near, found, t in zip(near_ends, far_ends, away, strict=True):
        assert (found.outcome, found.steps) == (near.outcome, near.steps)
        assert found.energy == pytest.approx(near.energy, abs=8e-6)
        home = translated(found.cell, -t).positions
        np.testing.assert_allclose(home, near.cell.positions, atol=1e-5)


@pytest.mark.parametrize("shapes", ROOMY_OR_TIGHT)
def test_neither_others_nor_order_change_what_becomes_of_a_cell(silicon, cells, shapes):
    usage = Usage()
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=120), shapes, 32, usage=usage)
    forward = list(range(N_CELLS))
    shuffled = np.random.default_rng(0).permutation(N_CELLS).tolist()
    together = in_queues(relaxer, cells, forward, N_CELLS)
    programs = set(usage.programs)
    assert len(set(together.values())) == N_CELLS
    assert len({steps for _, steps, *_ in together.values()}) > 5
    assert len(programs) == 2
    for order, size in ((forward[::-1], N_CELLS), (forward, 5), (shuffled, 9), (forward, 1)):
        assert in_queues(relaxer, cells, order, size) == together
    assert usage.programs == programs


def test_cells_that_end_badly_change_nothing_for_the_others(silicon, cells):
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=120), ROOMY, 32)
    alone = in_queues(relaxer, cells, list(range(N_CELLS)), N_CELLS)
    lost = cells[0]._replace(positions=np.full_like(cells[0].positions, np.nan))
    flat = cells[1]._replace(positions=np.zeros_like(cells[1].positions))
    mixed = [lost, *cells[:9], flat, lost, *cells[9:]]
    ends = in_queues(relaxer, mixed, list(range(len(mixed))), len(mixed))
    assert [ends[k][0] for k in (0, 11)] == [Outcome.EXPLODED] * 2
    assert not ends[10][0].is_valid
    sound = (*range(1, 10), *range(12, len(mixed)))
    assert [ends[k] for k in sound] == [alone[k] for k in range(N_CELLS)]


def test_short_queues_use_the_program_of_long_ones(silicon, cells):
    usage = Usage()
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=20), ROOMY, 32, usage=usage)
    assert len(list(relaxer.relax(cells[:1]))) == 1
    assert usage.programs == {(8, 4, ROOMY[1].capacity)}
    assert list(relaxer.relax([])) == []


@pytest.mark.parametrize("shapes", ROOMY_OR_TIGHT)
def test_where_memory_does_not_suffice_batches_are_halved(silicon, cells, shapes, monkeypatch):
    relaxer = Relaxer(silicon, RelaxSettings(max_steps=120), shapes, 32)
    expected = {end.index: end for end in relaxer.relax(cells)}
    tried = []

    def advance(model, parameters, slots, *rest):
        tried.append(len(slots.outcome))
        if len(tried) > 3 and tried[-1] > 2:
            raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes")
        return slots_module.advance(model, parameters, slots, *rest)

    monkeypatch.setattr(batching, "advance", advance)
    ends = {end.index: end for end in relaxer.relax(cells)}
    assert tried[0] > 2
    assert tried[-1] <= 2
    assert ends.keys() == expected.keys()
    for k, end in ends.items():
        assert (end.outcome, end.steps) == (expected[k].outcome, expected[k].steps)
        assert end.energy == pytest.approx(expected[k].energy, abs=1e-5)


def test_one_cell_that_does_not_fit_is_an_error(silicon, cells, monkeypatch):
    def advance(*_):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 9 bytes")

    monkeypatch.setattr(batching, "advance", advance)
    with pytest.raises(jax.errors.JaxRuntimeError, match="RESOURCE_EXHAUSTED"):
        list(Relaxer(silicon, shapes=ROOMY).relax(cells))
