"""Molecular dynamics of several replicas in one batch, at constant volume or at zero pressure.

Velocity Verlet between two half steps of jax_md's Nosé-Hoover chains, one chain a replica. All
replicas have the same number of atoms; temperatures, boxes and velocities are their own. Where the
volume is free, the box follows its pressure, weakly coupled.

Sources: Martyna, Klein and Tuckerman, J. Chem. Phys. 97, 2635 (1992); Berendsen, Postma, van
Gunsteren, DiNola and Haak, J. Chem. Phys. 81, 3684 (1984).
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from ase.data import atomic_masses
from flax import struct

from a2c_ray.amorphous.jax_md_modules import jax_md_module
from a2c_ray.cells import Cells
from a2c_ray.potentials.evaluation import evaluate_cells
from a2c_ray.potentials.extremes import Extremes
from a2c_ray.potentials.model import Model
from a2c_ray.potentials.neighbors import Capacity, edges_and_images, image_ranges
from a2c_ray.units import BOLTZMANN, FS_PER_TIME_UNIT

CHAIN_LENGTH, CHAIN_STEPS, SUZUKI_YOSHIDA_STEPS = 5, 2, 3
"""jax_md's defaults."""

BAROSTAT_PERIOD = 100
"""Time steps in which a box of the `STIFFNESS` below would lose its pressure."""

STIFFNESS = 0.3
"""eV/Å³ (50 GPa); bulk modulus that the barostat takes materials to have. Those that are softer
follow their pressure more slowly."""

MOST_STRAIN = 2e-3
"""Of a box's edges in one step."""

EDGE_MARGIN = 1.1
"""Room for edges beyond those of the atom that has most."""

EDGE_STEP = 4
"""Lists are rounded up to a multiple of this."""


@struct.dataclass
class MDState:
    """S replicas of N atoms.

    cells: positions (unwrapped) and boxes.
    momenta: amu Å per unit of time (10.18 fs), `[S, N, 3]`.
    forces: eV/Å, `[S, N, 3]`.
    energy: potential energy, eV, `[S]`.
    stress: of the potential, eV/Å³, `[S, 3, 3]`.
    chain: jax_md's state of the thermostats, leading axis S.
    overflow: the neighbour list was too small at some step of the latest run, `[S]`.
    min_distance: between two atoms, Å, `[S]`.
    extremes: of all steps so far.
    """

    cells: Cells
    momenta: jax.Array
    forces: jax.Array
    energy: jax.Array
    stress: jax.Array
    chain: Any
    overflow: jax.Array
    min_distance: jax.Array
    extremes: Extremes


@struct.dataclass
class Observables:
    """What is logged of each replica.

    temperature: K.
    energy: potential energy, eV.
    pressure: virial and kinetic, eV/Å³.
    conserved: energy of the atoms and the thermostat, eV; constant while its temperature is.
    """

    temperature: jax.Array
    energy: jax.Array
    pressure: jax.Array
    conserved: jax.Array


def room_for_run(cells: Cells, radius: float) -> Capacity:
    """Neighbour lists that suffice for most of a run; every entry costs time, used or not.

    Args:
        cells: concrete arrays.
        radius: longest edge, Å.
    """
    edges, images = edges_and_images(cells, radius).max(axis=1)
    return _rounded(EDGE_MARGIN * edges, int(images))


def more_room(capacity: Capacity, lattices: np.ndarray, radius: float) -> Capacity:
    """Longer neighbour lists, or more images of boxes that have shrunk.

    Args:
        capacity: too small.
        lattices: of the boxes, Å, `[..., 3, 3]`.
        radius: longest edge, Å.
    """
    widths = 2 * np.asarray(image_ranges(lattices, radius)) + 1
    images = int(np.prod(widths, axis=-1).max())
    if images > capacity.images:
        return capacity._replace(images=images)
    return _rounded(EDGE_MARGIN * capacity.edges, capacity.images)


def _rounded(edges: float, images: int) -> Capacity:
    return Capacity(EDGE_STEP * math.ceil(edges / EDGE_STEP), images)


def degrees_of_freedom(n_atoms: int) -> int:
    """Of atoms whose centre of mass is at rest."""
    return max(1, 3 * n_atoms - 3)


@partial(jax.jit, static_argnums=(3, 4))
def start(
    cells: Cells,
    temperature: np.ndarray,
    seeds: np.ndarray,
    timestep_fs: float,
    thermostat_steps: int,
) -> MDState:
    """Replicas with Maxwell-Boltzmann momenta; their forces are still to be evaluated.

    Args:
        cells: without padding atoms.
        temperature: K, `[S]`.
        seeds: of the momenta, uint32 `[S]`.
        timestep_fs: fs.
        thermostat_steps: period of the thermostats, in steps.
    """
    mass = _masses(cells)
    n_slots, n_atoms = cells.numbers.shape
    dtype = cells.positions.dtype
    kt = jnp.asarray(BOLTZMANN * temperature, dtype)
    noise = [jax.random.normal(jax.random.PRNGKey(seed), (n_atoms, 3), dtype) for seed in seeds]
    momenta = jnp.sqrt(mass * kt[:, None, None]) * jnp.stack(noise)
    share = mass / jnp.sum(mass, axis=1, keepdims=True)
    momenta = momenta - share * jnp.sum(momenta, axis=1, keepdims=True)
    kinetic = _kinetic_energy(momenta, mass)
    thermostat = _thermostat(timestep_fs, thermostat_steps, 0.0)
    initialize = partial(thermostat.initialize, degrees_of_freedom(n_atoms))
    return MDState(
        cells=cells,
        momenta=momenta,
        forces=jnp.zeros_like(momenta),
        energy=jnp.zeros(n_slots, dtype),
        stress=jnp.zeros((n_slots, 3, 3), dtype),
        chain=jax.vmap(initialize)(kinetic, kt),
        overflow=jnp.zeros(n_slots, bool),
        min_distance=jnp.zeros(n_slots, dtype),
        extremes=Extremes.none(n_slots, dtype),
    )


@partial(jax.jit, static_argnums=(0, 4, 5, 6))
def run(
    model: Model,
    parameters: Any,
    state: MDState,
    temperatures: jax.Array,
    capacity: Capacity,
    timestep_fs: float,
    thermostat_steps: int,
    speed: jax.Array | float = 1.0,
    rescale: jax.Array | bool = False,
    free_volume: jax.Array | None = None,
) -> tuple[MDState, Observables]:
    """Advance all replicas.

    Args:
        model, parameters: of the potential.
        state: before.
        temperatures: of the thermostats at each step, K, `[n_steps, S]`.
        capacity: room in the neighbour list.
        timestep_fs: fs.
        thermostat_steps: period of the thermostats, in steps.
        speed: factor on the time step. With 0 nothing moves, and the forces of the state are
            evaluated: a new state needs that, and no further program is compiled for it.
        rescale: whether velocities are scaled to the temperature at each step, which takes out any
            heat at once.
        free_volume: at which steps the box follows its pressure, bool `[n_steps]`; None for none.

    Returns:
        The state after, and the observables of each step, `[n_steps, S]`.
    """
    dtype = state.energy.dtype
    thermostat = _thermostat(timestep_fs, thermostat_steps, jnp.asarray(speed, dtype))
    dt = jnp.asarray(speed, dtype) * (timestep_fs / FS_PER_TIME_UNIT)
    mass = _masses(state.cells)
    update_mass, half_step = jax.vmap(thermostat.update_mass), jax.vmap(thermostat.half_step)

    def step(
        state: MDState, drive: tuple[jax.Array, jax.Array | None]
    ) -> tuple[MDState, Observables]:
        temperature, is_free = drive
        kt = BOLTZMANN * temperature
        momenta, chain = half_step(state.momenta, update_mass(state.chain, kt), kt)
        momenta = momenta + 0.5 * dt * state.forces
        cells = replace(state.cells, positions=state.cells.positions + dt * momenta / mass)
        if is_free is not None:
            cells = _follow_pressure(cells, state, is_free * speed)
        evaluation = evaluate_cells(model, parameters, cells, capacity)
        momenta = momenta + 0.5 * dt * evaluation.forces
        momenta = jnp.where(rescale, _scaled_to(kt, momenta, mass), momenta)
        chain = chain.set(kinetic_energy=_kinetic_energy(momenta, mass))
        momenta, chain = half_step(momenta, chain, kt)
        state = MDState(
            cells=cells,
            momenta=momenta,
            forces=evaluation.forces,
            energy=evaluation.energy,
            stress=evaluation.stress,
            chain=chain,
            overflow=state.overflow | evaluation.overflow,
            min_distance=evaluation.min_distance,
            extremes=state.extremes.including(evaluation, jnp.ones_like(state.overflow)),
        )
        return state, observe(state, kt)

    state = replace(state, overflow=jnp.zeros_like(state.overflow))
    drive = (temperatures.astype(state.energy.dtype), free_volume)
    return jax.lax.scan(step, state, drive)


def observe(state: MDState, kt: jax.Array) -> Observables:
    """Observables of a state; `kt` of the thermostats, eV, `[S]`."""
    kinetic = _kinetic_energy(state.momenta, _masses(state.cells))
    dof = degrees_of_freedom(state.cells.numbers.shape[1])
    chain = state.chain
    reservoir = jnp.sum(chain.momentum**2 / (2 * chain.mass), axis=-1) + kt * (
        dof * chain.position[:, 0] + jnp.sum(chain.position[:, 1:], axis=-1)
    )
    return Observables(
        temperature=2 * kinetic / (dof * BOLTZMANN),
        energy=state.energy,
        pressure=_pressure(state, kinetic),
        conserved=state.energy + kinetic + reservoir,
    )


def _thermostat(timestep_fs: float, period: int, speed: jax.Array | float) -> Any:
    dt = timestep_fs / FS_PER_TIME_UNIT
    return jax_md_module("simulate").nose_hoover_chain(
        speed * dt, CHAIN_LENGTH, CHAIN_STEPS, SUZUKI_YOSHIDA_STEPS, period * dt
    )


def _pressure(state: MDState, kinetic: jax.Array) -> jax.Array:
    """Virial and kinetic pressure, eV/Å³, `[S]`."""
    trace = jnp.trace(state.stress, axis1=1, axis2=2)
    return 2 * kinetic / (3 * state.cells.volume) - trace / 3


def _follow_pressure(cells: Cells, state: MDState, share: jax.Array) -> Cells:
    """Boxes a step nearer to zero pressure, with their atoms; `share` of a step."""
    pressure = _pressure(state, _kinetic_energy(state.momenta, _masses(state.cells)))
    strain = pressure / (3 * STIFFNESS * BAROSTAT_PERIOD)
    factor = 1 + share * jnp.clip(strain, -MOST_STRAIN, MOST_STRAIN)
    factor = factor[:, None, None]
    return replace(cells, positions=cells.positions * factor, lattice=cells.lattice * factor)


def _scaled_to(kt: jax.Array, momenta: jax.Array, mass: jax.Array) -> jax.Array:
    """Momenta of exactly this temperature; `kt` in eV, `[S]`."""
    target = 0.5 * degrees_of_freedom(momenta.shape[1]) * kt
    kinetic = jnp.maximum(_kinetic_energy(momenta, mass), jnp.finfo(kt.dtype).tiny)
    return momenta * jnp.sqrt(target / kinetic)[:, None, None]


def _masses(cells: Cells) -> jax.Array:
    """amu, `[S, N, 1]`."""
    return jnp.asarray(atomic_masses, cells.positions.dtype)[cells.numbers][..., None]


def _kinetic_energy(momenta: jax.Array, mass: jax.Array) -> jax.Array:
    """eV, `[S]`."""
    return 0.5 * jnp.sum(momenta**2 / mass, axis=(1, 2))
