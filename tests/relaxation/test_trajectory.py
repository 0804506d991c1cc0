"""The fast evaluation follows the plain one along a relaxation."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
import pytest
from ase.neighborlist import primitive_neighbor_list
from structures import read_structures

from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.potentials.nequip import network
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.slots import RelaxSettings, new_slots, step

N_STEPS = 50
N_ATOMS, CAPACITY = 6, Capacity(112, 128)
SETTINGS = RelaxSettings(N_STEPS, force_tol=0.0, stress_tol=0.0, optimizer="fire")


def sound_cells(n: int) -> list[Cell]:
    """Subcells of amorphous TiO2 with six atoms, none closer than 1.5 Å."""
    cells = []
    for _, structure in read_structures("tio2_subcells64.json"):
        geometry = structure.lattice.matrix, structure.cart_coords
        if len(structure) == N_ATOMS and not len(
            primitive_neighbor_list("i", [True] * 3, *geometry, 1.5)
        ):
            cells.append(Cell.from_structure(structure))
    return cells[:n]


def energies_along(potential: Potential, cells: list[Cell]) -> np.ndarray:
    """eV/atom, `[N_STEPS + 1, S]`."""

    @jax.jit
    def trajectory(parameters, slots):
        def advance(slots, _):
            slots = step(potential.model, parameters, slots, CAPACITY, SETTINGS)
            return slots, slots.energy

        return jax.lax.scan(advance, slots, length=N_STEPS + 1)

    slots = new_slots(
        pack(cells, N_ATOMS, dtype=potential.dtype), np.full(len(cells), -np.inf), "fire"
    )
    end, energies = trajectory(potential.parameters, slots)
    assert np.all(np.asarray(end.steps) == N_STEPS)
    return np.asarray(energies) / N_ATOMS


@pytest.mark.slow
def test_fire_follows_the_plain_path(sevennet, sevennet_f64, monkeypatch):
    """Against radial networks instead of tables, single edges, and double precision."""
    cells = sound_cells(3)
    assert len(cells) == 3
    fast = energies_along(sevennet, cells)
    single_edges = partial(network.make_pairs, single_edges=True)
    monkeypatch.setattr(network, "make_pairs", lambda *x, **_: single_edges(*x))
    with jax.enable_x64(True):
        plain = energies_along(sevennet_f64, cells)
    assert np.ptp(plain, axis=0).min() > 0.1
    np.testing.assert_allclose(fast, plain, atol=1e-4)
