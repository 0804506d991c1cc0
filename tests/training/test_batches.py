"""Static batches."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from labels import labelled_silicon

from a2c_ray.training.batches import Batches, pack_labels, stratify


@pytest.fixture(scope="module")
def data(silicon_f64):
    return labelled_silicon(silicon_f64, 23)


def energies(batch) -> list[float]:
    return [float(e) for x in batch for e in np.asarray(x.energy)[np.asarray(x.cells.n_atoms) > 0]]


def shapes(batch) -> list[tuple]:
    return [x.cells.positions.shape for x in batch]


def test_an_epoch_shows_every_structure_once_in_batches_of_one_shape(data):
    batches = Batches(data, stratify(data, 4.0), batch_size=5, seed=1, dtype="float64")
    epoch = list(batches.epoch())
    assert len(epoch) == batches.per_epoch == 5
    seen = [energy for batch in epoch for energy in energies(batch)]
    assert Counter(seen) == Counter(x.energy for x in data)
    assert all(shapes(batch) == shapes(epoch[0]) for batch in epoch)
    sizes = [len(energies(batch)) for batch in epoch]
    assert max(sizes) - min(sizes) <= len(epoch[0])  # at most one more or less of a stratum


def test_every_epoch_has_another_order_and_any_step_can_be_resumed_from(data):
    batches = Batches(data, stratify(data, 4.0), batch_size=5, seed=1)
    stream = batches.from_step(0)
    steps = [energies(next(stream)) for _ in range(12)]
    assert steps[:5] != steps[5:10]
    resumed = batches.from_step(7)
    assert [energies(next(resumed)) for _ in range(5)] == steps[7:]


def test_slots_are_shared_evenly_by_devices(data):
    batches = Batches(data, stratify(data, 4.0), batch_size=5, seed=1, n_devices=4)
    assert all(n_slots % 4 == 0 for n_slots, *_ in shapes(next(batches.epoch())))


def test_neighbour_lists_have_room_for_every_structure(data):
    """Counted by ASE."""
    from ase.neighborlist import primitive_neighbor_list

    for stratum in stratify(data, 4.0):
        for k in stratum.members:
            cell = data[k].cell
            assert len(cell.numbers) <= stratum.n_atoms
            receivers = primitive_neighbor_list("i", [True] * 3, cell.lattice, cell.positions, 4.0)
            assert np.bincount(receivers).max() <= stratum.capacity.edges


def test_atoms_far_away_have_the_neighbours_they_have_at_home(data):
    """To the rounding of places within a cell; 400 cells away it would be 100 times that."""
    rng = np.random.default_rng(0)
    cell = data[0].cell
    far = cell.positions + rng.integers(-400, 401, cell.positions.shape) @ cell.lattice
    moved = data[0]._replace(cell=cell._replace(positions=far))
    n_atoms = len(cell.numbers)
    packed = [pack_labels([x], n_atoms, 1, "float32").cells for x in (data[0], moved)]
    apart = [
        np.float64(x.positions[0, 1:] - x.positions[0, 0]) @ np.linalg.inv(cell.lattice)
        for x in packed
    ]
    difference = apart[1] - apart[0]
    np.testing.assert_allclose((difference - np.round(difference)) @ cell.lattice, 0.0, atol=5e-6)
