"""A recorded relaxation is the relaxation that a queue makes, step for step."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.cells import Cell
from a2c_ray.crystallize.recording import NoPathError, Recording, even_steps, record, record_some
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.subcells import find_subcells
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

ROOMY = (Shape(4, Capacity(32, 343)),)
TIGHT = (Shape(4, Capacity(16, 343)),)
"""Cells overflow, and are tried with longer lists."""


@pytest.fixture(scope="module")
def subcells():
    """Of silicon without order, overlaps included."""
    rng = np.random.default_rng(3)
    glass = Structure(Lattice.cubic(6.8), ["Si"] * 16, rng.random((16, 3)))
    found = find_subcells(glass, 4, 4)
    return found[found.n_atoms > 1].draw(9, seed=0)


@pytest.mark.parametrize(("shapes", "optimizer"), [(TIGHT, "lbfgs"), (ROOMY, "fire")])
def test_the_end_is_the_queue_s_to_the_last_bit(silicon, subcells, shapes, optimizer):
    usage = Usage()
    relaxer = Relaxer(silicon, RelaxSettings(80, optimizer=optimizer), shapes, 16, usage=usage)
    cells = [subcells.cell(k) for k in range(len(subcells))]
    distances = subcells.minimum_distances
    ends = list(relax_cells(relaxer, cells, distances))
    assert len(usage.programs) == (2 if shapes is TIGHT else 1)
    relaxed = [end for end in ends if end.steps and end.outcome is not Outcome.FUSED]
    assert len(relaxed) > 4
    for end in relaxed:
        path = record(relaxer, cells[end.index], distances)
        assert (path.outcome, path.n_steps) == (end.outcome, end.steps)
        assert path.energy[-1] == end.energy
        assert path.max_force[-1] == end.max_force
        assert path.max_stress[-1] == end.max_stress
        np.testing.assert_array_equal(path.positions[-1], end.cell.positions)
        np.testing.assert_array_equal(path.lattices[-1], end.cell.lattice)


@pytest.mark.parametrize("shapes", [TIGHT, pytest.param(ROOMY, marks=pytest.mark.slow)])
def test_some_of_many_ways_are_the_recorded_ones(silicon, subcells, shapes):
    """To the last bit; the forces are those of the cells beside them."""
    relaxer = Relaxer(silicon, RelaxSettings(80), shapes, 16)
    cells = [subcells.cell(k) for k in range(len(subcells))]
    distances = subcells.minimum_distances
    ends = {end.index: end for end in relax_cells(relaxer, cells, distances)}
    n_frames = 0
    for relaxed, frames in record_some(relaxer, cells, distances, most=5):
        end = ends[relaxed.index]
        assert (relaxed.outcome, relaxed.steps, relaxed.energy) == (
            end.outcome,
            end.steps,
            end.energy,
        )
        if not frames:
            continue
        assert len(frames) <= 5
        path = record(relaxer, cells[relaxed.index], distances)
        assert (frames[0].step, frames[-1].step) == (0, relaxed.steps)
        for frame in frames:
            n_frames += 1
            np.testing.assert_array_equal(frame.cell.positions, path.positions[frame.step])
            assert frame.energy == path.energy[frame.step]
            assert frame.max_force == pytest.approx(path.max_force[frame.step], rel=1e-5)
        [expected] = silicon.evaluate([frames[0].cell.structure])
        np.testing.assert_allclose(frames[0].stress, expected.stress, atol=2e-4)
    assert n_frames > 20


@pytest.fixture(scope="module")
def distorted() -> Structure:
    """Diamond, strained and perturbed."""
    rng = np.random.default_rng(1)
    vectors = 2.8 * (1.0 - np.eye(3)) + rng.normal(0, 0.15, (3, 3))
    sites = np.array([[0, 0, 0], [0.25, 0.25, 0.25]]) + rng.normal(0, 0.02, (2, 3))
    return Structure(vectors, ["Si", "Si"], sites)


@pytest.fixture(scope="module")
def path(silicon, distorted) -> Recording:
    """Without overlaps, so that the first configuration is the cell itself."""
    relaxer = Relaxer(silicon, RelaxSettings(80, optimizer="fire"), ROOMY, 16)
    return record(relaxer, Cell.from_structure(distorted))


def test_every_configuration_carries_its_own_energy_and_forces(silicon, path):
    structures = [path.cell(step).structure for step in range(path.n_steps + 1)]
    results = silicon.evaluate(structures)
    np.testing.assert_allclose(path.energy, [r.energy for r in results], atol=2e-5)
    forces = [np.linalg.norm(r.forces, axis=1).max() for r in results]
    np.testing.assert_allclose(path.max_force, forces, atol=2e-4)
    np.testing.assert_allclose(path.max_stress, [abs(r.stress).max() for r in results], atol=2e-5)
    volumes = [s.volume / len(s) for s in structures]
    np.testing.assert_allclose(path.volume_per_atom, volumes, rtol=1e-6)


def test_the_path_begins_once_overlaps_are_removed(silicon):
    close = Cell(4.0 * np.eye(3), np.array([[0, 0, 0], [0, 0, 1.2]]), np.full(2, 14, np.int32))
    relaxer = Relaxer(silicon, RelaxSettings(80, optimizer="fire"), ROOMY, 16)
    path = record(relaxer, close, np.full((119, 119), 2.2))
    assert path.overlap_steps > 0
    apart = path.cell(0).structure.distance_matrix[0, 1]
    assert 0.98 * 2.2 < apart < 1.02 * 2.2


def test_the_path_begins_with_the_cell_as_given_and_atoms_never_jump(path, distorted):
    np.testing.assert_allclose(path.positions[0], distorted.cart_coords, atol=1e-6)
    np.testing.assert_allclose(path.lattices[0], distorted.lattice.matrix, atol=1e-6)
    assert path.outcome is Outcome.CONVERGED
    assert path.overlap_steps == 0
    moved = np.linalg.norm(np.diff(path.positions, axis=0), axis=-1)
    assert 0.0 < moved.max() < 1.0


def test_overlaps_that_stay_are_told(silicon):
    lost = Cell(4.0 * np.eye(3), np.full((2, 3), np.nan), np.array([14, 14], np.int32))
    with pytest.raises(NoPathError, match="exploded"):
        record(Relaxer(silicon, shapes=ROOMY), lost, np.full((119, 119), 2.0))


def test_even_steps_include_both_ends():
    assert even_steps(100, 5) == [0, 25, 50, 75, 100]
    assert even_steps(2, 12) == [0, 1, 2]
    assert even_steps(0, 12) == [0]
    assert even_steps(500, 3) == [0, 250, 500]
