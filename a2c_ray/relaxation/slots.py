"""Relaxation of a fixed number of slots on the device.

Every slot holds one cell with its own optimizer and its own fate; finished slots stay as they are
until the host refills them. Nothing mixes slots, so that one whose potential returns NaN harms no
other.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import struct

from a2c_ray.cells import Array, Cells
from a2c_ray.potentials.evaluation import Evaluation, evaluate_cells
from a2c_ray.potentials.extremes import Extremes
from a2c_ray.potentials.model import Model
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.cell_filter import (
    Freedom,
    cell_weights,
    generalized_forces,
    to_cells,
    to_coordinates,
)
from a2c_ray.relaxation.coordinates import CELL_ROWS
from a2c_ray.relaxation.ends import Ends, pack_ends
from a2c_ray.relaxation.optimizers import OPTIMIZERS
from a2c_ray.relaxation.outcome import Outcome

FUSED_CONTACT = 0.5
"""Atoms closer than this fraction of the sum of their covalent radii are fused."""

VOLUME_RATIO = 6.0
"""A cell that grows or shrinks by more than this factor has exploded."""

QUIET_FORCE = 0.3
"""eV/Å; where no atom is pushed harder, few relaxations still fall far."""

FINISHED_SHARE = 64
"""Slots are looked after when one in so many has finished."""


@struct.dataclass
class RelaxSettings:
    """When a relaxation stops. What is compiled depends on what moves, and how, not on numbers.

    max_steps: of the optimizer.
    force_tol: largest force on an atom, eV/Å.
    stress_tol: largest component of the stress that the cell is free to follow, eV/Å³.
    cell: what of it changes.
    optimizer: one of `OPTIMIZERS`.
    pressure: of the surroundings, positive under compression, eV/Å³; the enthalpy E + PV is
        minimized, and the cell follows the stress plus P.
    """

    max_steps: int = 500
    force_tol: float = 0.02
    stress_tol: float = 3e-4
    cell: Freedom = struct.field(pytree_node=False, default=Freedom.ALL)
    optimizer: str = struct.field(pytree_node=False, default="lbfgs")
    pressure: float = 0.0

    @property
    def compiled(self) -> RelaxSettings:
        """The same for all settings that share a program."""
        return RelaxSettings(cell=self.cell, optimizer=self.optimizer)


@struct.dataclass
class Slots:
    """State of S relaxations of up to N atoms.

    coordinates: positions and cell (see `cell_filter`), Å, `[S, N + 3, 3]`.
    reference: undeformed lattices, Å, `[S, 3, 3]`.
    numbers: atomic numbers, int32 `[S, N]`.
    energy_floor: lowest sane energy, eV, `[S]`.
    ceiling: enthalpy above which a quiet relaxation is given up, eV, `[S]`.
    optimizer: its state.
    steps: taken so far, int32 `[S]`.
    outcome: `Outcome`, int32 `[S]`.
    energy: at the coordinates, eV, `[S]`; as the next five, of the latest evaluation.
    forces: eV/Å, `[S, N, 3]`.
    stress: eV/Å³, `[S, 3, 3]`.
    max_force: eV/Å, `[S]`.
    max_stress: of what the cell is free to follow, eV/Å³, `[S]`.
    min_distance: between two atoms, Å, `[S]`.
    extremes: of all evaluations.
    """

    coordinates: jax.Array
    reference: Array
    numbers: Array
    energy_floor: Array
    ceiling: Array
    optimizer: Any
    steps: jax.Array
    outcome: jax.Array
    energy: jax.Array
    forces: jax.Array
    stress: jax.Array
    max_force: jax.Array
    max_stress: jax.Array
    min_distance: jax.Array
    extremes: Extremes

    @property
    def cells(self) -> Cells:
        """The cells at the current coordinates."""
        return to_cells(self.coordinates, self.reference, self.numbers)

    @property
    def ends(self) -> Ends[Array]:
        """What the host may want to know."""
        cells = self.cells
        return Ends(
            outcome=self.outcome,
            steps=self.steps,
            energy=self.energy,
            max_force=self.max_force,
            max_stress=self.max_stress,
            min_distance=self.min_distance,
            closest_contact=self.extremes.closest_contact,
            peak_force=self.extremes.peak_force,
            lattice=cells.lattice,
            stress=self.stress,
            numbers=self.numbers,
            positions=cells.positions,
            forces=self.forces,
        )


def new_slots(
    cells: Cells, energy_floor: Array, optimizer: str, ceiling: Array | None = None
) -> Slots:
    """Slots at the start of their relaxation; those without atoms are empty.

    Args:
        cells: S cells.
        energy_floor: eV, `[S]`.
        optimizer: one of `OPTIMIZERS`.
        ceiling: eV, `[S]`; infinite if there is none.
    """
    coordinates = to_coordinates(cells)
    zero = jnp.zeros(len(energy_floor), coordinates.dtype)
    ceiling = jnp.full_like(zero, jnp.inf) if ceiling is None else ceiling
    occupied = jnp.any(cells.present, axis=1)
    return Slots(
        coordinates=coordinates,
        reference=cells.lattice,
        numbers=cells.numbers,
        energy_floor=energy_floor.astype(coordinates.dtype),
        ceiling=ceiling.astype(coordinates.dtype),
        optimizer=OPTIMIZERS[optimizer].init(coordinates),
        steps=jnp.zeros(len(energy_floor), jnp.int32),
        outcome=jnp.where(occupied, Outcome.RUNNING, Outcome.EMPTY).astype(jnp.int32),
        energy=zero,
        forces=jnp.zeros_like(coordinates[:, :-CELL_ROWS]),
        stress=jnp.zeros_like(coordinates[:, -CELL_ROWS:]),
        max_force=zero,
        max_stress=zero,
        min_distance=zero,
        extremes=Extremes.none(len(energy_floor), coordinates.dtype),
    )


@struct.dataclass
class Arrivals:
    """Cells that are put into slots.

    replaced: which slots get one, or become empty, bool `[S]`; the rest is read there only.
    cells: S cells.
    energy_floor, ceiling: of these, see `Slots`.
    """

    replaced: Array
    cells: Cells
    energy_floor: Array
    ceiling: Array


@partial(jax.jit, static_argnums=2)
def refill(slots: Slots, arrivals: Arrivals, optimizer: str) -> Slots:
    """Put new cells into some slots."""
    fresh = new_slots(arrivals.cells, arrivals.energy_floor, optimizer, arrivals.ceiling)
    replaced = jnp.asarray(arrivals.replaced)

    def choose(new: jax.Array, old: jax.Array) -> jax.Array:
        return jnp.where(replaced.reshape(-1, *[1] * (old.ndim - 1)), new, old)

    return jax.tree.map(choose, fresh, slots)


class Advance(NamedTuple):
    """What has become of slots.

    slots: after the steps.
    n_steps: made.
    ends: what the host may want to know, see `pack_ends`.
    """

    slots: Slots
    n_steps: jax.Array
    ends: jax.Array


@partial(jax.jit, static_argnums=(0, 4))
def advance(
    model: Model,
    parameters: Any,
    slots: Slots,
    arrivals: Arrivals,
    capacity: Capacity,
    settings: RelaxSettings,
    max_steps: int | jax.Array,
) -> Advance:
    """Steps of every running slot, until some have finished; one program for all of a look.

    Args:
        model: of the potential.
        parameters: of the potential.
        slots: before.
        arrivals: put into slots first; none that has finished may be left.
        capacity: room in the neighbour lists.
        settings: when to stop.
        max_steps: between two looks of the host.
    """
    patience = max(1, len(slots.outcome) // FINISHED_SHARE)

    def goes_on(carry: tuple[jax.Array, Slots]) -> jax.Array:
        n_steps, slots = carry
        few = jnp.sum(slots.outcome > Outcome.RUNNING) < patience
        return (n_steps < max_steps) & few & jnp.any(slots.outcome == Outcome.RUNNING)

    def body(carry: tuple[jax.Array, Slots]) -> tuple[jax.Array, Slots]:
        n_steps, slots = carry
        return n_steps + 1, step(model, parameters, slots, capacity, settings)

    filled = refill(slots, arrivals, settings.optimizer)
    n_steps, slots = jax.lax.while_loop(goes_on, body, (jnp.int32(0), filled))
    return Advance(slots, n_steps, pack_ends(slots.ends))


def step(
    model: Model,
    parameters: Any,
    slots: Slots,
    capacity: Capacity,
    settings: RelaxSettings,
) -> Slots:
    """Evaluate every slot, judge it, and move those that go on."""
    cells = slots.cells
    evaluation = evaluate_cells(model, parameters, cells, capacity)
    max_force = evaluation.max_force
    stress = unbalanced_stress(evaluation.stress, settings)
    max_stress = jnp.max(jnp.abs(stress), axis=(1, 2))
    verdict = judge(slots, cells, evaluation, max_force, max_stress, settings)

    virial = stress * cells.volume[:, None, None]
    force = generalized_forces(
        slots.coordinates, slots.numbers, evaluation.forces, virial, settings.cell
    )
    optimizer = OPTIMIZERS[settings.optimizer]
    weights = cell_weights(force, slots.numbers) if optimizer.balanced else 1.0
    state, displacement = optimizer.step(slots.optimizer, weights * force)
    displacement = weights * displacement

    running = slots.outcome == Outcome.RUNNING
    moving = running & (verdict == Outcome.RUNNING)

    def keep(condition: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
        return jnp.where(condition.reshape(-1, *[1] * (old.ndim - 1)), new, old)

    return dataclasses.replace(
        slots,
        coordinates=keep(moving, slots.coordinates + displacement, slots.coordinates),
        optimizer=jax.tree.map(partial(keep, moving), state, slots.optimizer),
        steps=slots.steps + moving,
        outcome=keep(running, verdict, slots.outcome),
        energy=keep(running, evaluation.energy, slots.energy),
        forces=keep(running, evaluation.forces, slots.forces),
        stress=keep(running, evaluation.stress, slots.stress),
        max_force=keep(running, max_force, slots.max_force),
        max_stress=keep(running, max_stress, slots.max_stress),
        min_distance=keep(running, evaluation.min_distance, slots.min_distance),
        extremes=slots.extremes.including(evaluation, running),
    )


def unbalanced_stress(stress: jax.Array, settings: RelaxSettings) -> jax.Array:
    """The stress beyond the pressure of the surroundings, as far as the cell is free to follow.

    Of a cell that is fixed, all of it, for the record.

    Args:
        stress: eV/Å³, `[S, 3, 3]`.
        settings: pressure, and what is free.
    """
    stress = stress + settings.pressure * jnp.eye(3, dtype=stress.dtype)
    return stress if settings.cell is Freedom.NONE else settings.cell.part(stress)


def judge(
    slots: Slots,
    cells: Cells,
    evaluation: Evaluation,
    max_force: jax.Array,
    max_stress: jax.Array,
    settings: RelaxSettings,
) -> jax.Array:
    """The fate of each slot after an evaluation, `Outcome` int32 `[S]`."""
    # Atoms at NaN have no neighbours, and so no forces: positions must be looked at themselves.
    lost = ~jnp.all(jnp.isfinite(slots.coordinates), axis=(1, 2))
    finite = jnp.isfinite(evaluation.energy) & jnp.isfinite(max_force) & jnp.isfinite(max_stress)
    growth = cells.volume / jnp.abs(jnp.linalg.det(slots.reference))
    sane_volume = (growth < VOLUME_RATIO) & (growth > 1.0 / VOLUME_RATIO)
    exploded = ~finite | (evaluation.energy < slots.energy_floor) | ~sane_volume
    small = max_force < settings.force_tol
    if settings.cell is not Freedom.NONE:
        small &= max_stress < settings.stress_tol
    done = small | (slots.steps >= settings.max_steps)
    enthalpy = evaluation.energy + settings.pressure * cells.volume
    hopeless = (max_force < QUIET_FORCE) & (enthalpy > slots.ceiling)
    cases = [
        (lost, Outcome.EXPLODED),
        (evaluation.overflow, Outcome.OVERFLOW),
        (exploded, Outcome.EXPLODED),
        (done & (evaluation.closest_contact < FUSED_CONTACT), Outcome.FUSED),
        (small, Outcome.CONVERGED),
        (done, Outcome.MAX_STEPS),
        (hopeless, Outcome.HOPELESS),
    ]
    return jnp.select(
        [condition for condition, _ in cases],
        [jnp.int32(outcome) for _, outcome in cases],
        jnp.int32(Outcome.RUNNING),
    )
