"""FIRE on a cell filter, step by step against ASE's with ASE's own Lennard-Jones potential."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.lj import LennardJones
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE

from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.slots import RelaxSettings, new_slots, step

SIGMA, EPSILON, CUTOFF = 2.2, 0.4, 6.0
N_STEPS = 50


def lennard_jones(parameters, numbers, edges):
    """Shifted to zero at the cutoff, as ASE's."""

    def pair(r):
        return 4 * EPSILON * ((SIGMA / r) ** 12 - (SIGMA / r) ** 6)

    r = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
    return 0.5 * jnp.sum(jnp.where(edges.mask, pair(r) - pair(CUTOFF), 0.0), axis=-1)


def random_crystal(seed: int, n_atoms: int) -> Atoms:
    rng = np.random.default_rng(seed)
    cell = np.eye(3) * 2.6 * n_atoms ** (1 / 3) + rng.normal(0, 0.4, (3, 3))
    grid = np.stack(np.meshgrid(*[np.arange(2) / 2] * 3), -1).reshape(-1, 3)[:n_atoms]
    return Atoms(
        f"Ar{n_atoms}",
        scaled_positions=grid + rng.normal(0, 0.03, (n_atoms, 3)),
        cell=cell,
        pbc=True,
    )


def ase_trajectory(atoms: Atoms) -> tuple[list[float], np.ndarray, np.ndarray]:
    atoms = atoms.copy()
    atoms.calc = LennardJones(sigma=SIGMA, epsilon=EPSILON, rc=CUTOFF)
    energies = []
    optimizer = FIRE(FrechetCellFilter(atoms), logfile=None)
    for _ in optimizer.irun(fmax=0.0, steps=N_STEPS):
        energies.append(atoms.get_potential_energy())
    return energies, atoms.positions, np.asarray(atoms.cell)


@pytest.fixture(scope="module")
def trajectories():
    """ASE's trajectories one by one, and ours of all systems in one batch."""
    crystals = [random_crystal(0, 8), random_crystal(1, 4), random_crystal(2, 1)]
    expected = [ase_trajectory(atoms) for atoms in crystals]
    with jax.enable_x64(True):
        cells = [Cell(np.asarray(a.cell), a.positions, a.numbers) for a in crystals]
        slots = new_slots(pack(cells, 8, 4, "float64"), np.full(4, -np.inf), "fire")
        settings = RelaxSettings(N_STEPS, force_tol=0.0, stress_tol=0.0, optimizer="fire")
        advance = jax.jit(
            lambda s: step(
                EnergyModel(lennard_jones, CUTOFF), None, s, Capacity(512, 729), settings
            )
        )
        energies = []
        for _ in range(N_STEPS + 1):
            slots = advance(slots)
            energies.append(np.asarray(slots.energy))
            assert not np.any(np.asarray(slots.outcome) > 3)
        cells = jax.tree.map(np.asarray, slots.cells)
    return expected, np.array(energies).T, cells


@pytest.mark.parametrize("system", [0, 1, 2])
def test_energies_follow_ase_step_by_step(trajectories, system):
    expected, energies, _ = trajectories
    assert len(expected[system][0]) == N_STEPS + 1
    np.testing.assert_allclose(energies[system], expected[system][0], rtol=0, atol=1e-8)


@pytest.mark.parametrize("system", [0, 1, 2])
def test_final_cell_and_positions_are_ases(trajectories, system):
    expected, _, cells = trajectories
    _, positions, cell = expected[system]
    np.testing.assert_allclose(cells.lattice[system], cell, rtol=0, atol=1e-7)
    np.testing.assert_allclose(cells.positions[system, : len(positions)], positions, atol=1e-7)
