"""The integrator and its thermostat, with silicon."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from a2c_ray.amorphous.molecular_dynamics import degrees_of_freedom, run, start
from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.units import BOLTZMANN

CAPACITY = Capacity(24, 27)


def simulate(potential, structures, temperature, n_steps, timestep_fs=1.0):
    """Observables of a run at constant temperature, float64."""
    with jax.enable_x64(True):
        cells = pack([Cell.from_structure(s) for s in structures], 64, dtype="float64")
        temperatures = np.full((n_steps, len(structures)), float(temperature))
        seeds = np.arange(len(structures), dtype=np.uint32)
        state = start(cells, temperatures[0], seeds, timestep_fs)
        arguments = (potential.model, potential.parameters)
        state, _ = run(*arguments, state, temperatures, CAPACITY, timestep_fs, 0.0)
        assert np.array_equal(state.cells.positions, cells.positions, equal_nan=True)
        state, observed = run(*arguments, state, temperatures, CAPACITY, timestep_fs, 1.0)
        return jax.tree.map(np.asarray, (state, observed))


@pytest.fixture
def supercell(diamond):
    diamond.make_supercell([2, 2, 2])
    return diamond


def test_the_conserved_quantity_is_conserved(silicon_f64, supercell):
    state, observed = simulate(silicon_f64, [supercell], 800.0, 1000)
    drift = np.ptp(observed.conserved[:, 0]) / 64
    exchanged = np.ptp(observed.energy[:, 0]) / 64
    assert drift < 2e-3 * exchanged
    momentum = state.momenta[0].sum(axis=0)
    np.testing.assert_allclose(momentum, 0.0, atol=1e-9)


def test_the_temperature_is_the_thermostats(silicon_f64, supercell):
    _, observed = simulate(silicon_f64, [supercell], 600.0, 3000)
    equilibrated = observed.temperature[1000:, 0]
    assert equilibrated.mean() == pytest.approx(600.0, rel=0.03)
    expected = 600.0 * np.sqrt(2 / degrees_of_freedom(64))
    assert equilibrated.std() == pytest.approx(expected, rel=0.5)


def test_replicas_do_not_see_each_other(silicon_f64, supercell):
    _, alone = simulate(silicon_f64, [supercell], 500.0, 50)
    broken = supercell.copy()
    broken.translate_sites([0], [np.nan] * 3)
    _, together = simulate(silicon_f64, [supercell, broken], 500.0, 50)
    np.testing.assert_allclose(together.energy[:, 0], alone.energy[:, 0], atol=1e-9)


def test_the_pressure_of_an_ideal_gas(silicon_f64, supercell):
    supercell.lattice = supercell.lattice.matrix * 3.0
    _, observed = simulate(silicon_f64, [supercell], 300.0, 1)
    kinetic = degrees_of_freedom(64) / 3 * BOLTZMANN * observed.temperature[0, 0]
    assert observed.energy[0, 0] == 0.0
    assert observed.pressure[0, 0] == pytest.approx(kinetic / supercell.volume)
