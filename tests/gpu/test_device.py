"""The engine on an accelerator: the same physics as elsewhere, in batches that its memory bounds.

With `JAX_PLATFORMS=cuda,cpu pytest -m gpu`. On a CPU the physics is tested all the same, and what
concerns memory is skipped.
"""

from __future__ import annotations

import logging

import jax
import numpy as np
import pytest
from structures import read_structures

from a2c_ray.amorphous.molecular_dynamics import room_for_run, run, start
from a2c_ray.cells import Cell, pack
from a2c_ray.device_memory import free_memory
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import RelaxSettings

pytestmark = pytest.mark.gpu

FEMTOSECONDS, PERIOD = 1.0, 20


@pytest.fixture
def memory() -> int:
    """Of the device, bytes."""
    free = free_memory()
    if free is None:
        pytest.skip("the device has no memory of its own")
    return free


@pytest.fixture
def cells(rutile) -> list[Cell]:
    """Of TiO2, all different."""
    rattled = []
    for seed in range(8):
        structure = rutile.copy()
        structure.perturb(0.15, seed=seed)
        rattled.append(Cell.from_structure(structure))
    return rattled


def test_energies_forces_and_stresses_are_the_references(sevennet):
    records, structures = zip(*read_structures("sevennet0_reference.json"), strict=True)
    for record, result in zip(records, sevennet.evaluate(structures), strict=True):
        forces = np.array(record["forces_f64"])
        assert abs(result.energy - record["energy_f64"]) / len(forces) < 1e-5
        tolerance = 1e-5 * max(10.0, np.abs(forces).max())
        np.testing.assert_allclose(result.forces, forces, rtol=0, atol=tolerance)


@pytest.mark.parametrize("optimizer", ["fire", "lbfgs"])
def test_relaxations_end_where_they_end_on_the_cpu(sevennet, cells, optimizer):
    relaxer = Relaxer(
        sevennet,
        RelaxSettings(400, optimizer=optimizer),
        choose_shapes(cells, sevennet.cutoff, 1),
        batch_atoms=48,
    )
    here = {end.index: end for end in relaxer.relax(cells)}
    with jax.default_device(jax.devices("cpu")[0]):
        there = {end.index: end for end in relaxer.relax(cells)}
    for k, end in there.items():
        assert here[k].outcome is end.outcome
        assert here[k].energy_per_atom == pytest.approx(end.energy_per_atom, abs=2e-4)
        assert here[k].structure.volume == pytest.approx(end.structure.volume, rel=0.01)


def test_dynamics_conserve_what_they_must(sevennet, rutile):
    crystal = rutile * (1, 1, 2)
    replicas = pack([Cell.from_structure(crystal)] * 2, len(crystal))
    temperatures = np.full((200, 2), 800.0)
    seeds = np.arange(2, dtype=np.uint32)
    first = start(replicas, temperatures[0], seeds, FEMTOSECONDS, PERIOD)
    room = room_for_run(replicas, sevennet.cutoff)
    model, parameters = sevennet.model, sevennet.parameters
    _, observed = run(model, parameters, first, temperatures, room, FEMTOSECONDS, PERIOD)
    drift = np.ptp(np.asarray(observed.conserved), axis=0)
    exchanged = np.ptp(np.asarray(observed.energy), axis=0)
    assert (drift < 0.05 * exchanged).all()


def test_as_many_slots_as_the_memory_holds(sevennet, cells, memory):
    usage = Usage()
    shapes = choose_shapes(cells, sevennet.cutoff, 1)
    relaxer = Relaxer(sevennet, RelaxSettings(2), shapes, batch_atoms=10**7, usage=usage)
    assert len(list(relaxer.relax(cells))) == len(cells)
    assert 1 < usage.most_slots < 10**7 // shapes[0].n_atoms
    assert jax.devices()[0].memory_stats()["peak_bytes_in_use"] > memory / 4


def test_too_large_a_batch_is_halved_and_goes_on(sevennet, cells, memory, caplog):
    usage = Usage()
    shapes = choose_shapes(cells, sevennet.cutoff, 1)
    relaxer = Relaxer(sevennet, RelaxSettings(2), shapes, 10**7, memory=3 * memory, usage=usage)
    with caplog.at_level(logging.WARNING):
        assert len(list(relaxer.relax(cells))) == len(cells)
    assert "out of memory: going on with" in caplog.text
