"""FIRE, the fast inertial relaxation engine, for many systems at once.

Every system has its own time step and mixing, so that each follows the trajectory it would follow
alone. The variant is ASE's: semi-implicit Euler with unit masses and a cap on the whole step.

Source: Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import struct

from a2c_ray.relaxation.coordinates import capped, dot, expand

TIMESTEP = 0.1
MAX_TIMESTEP = 1.0
MIXING = 0.1
DOWNHILL_STEPS = 5
"""Steps downhill before the time step grows."""
GROWTH, SHRINKAGE, MIXING_DECAY = 1.1, 0.5, 0.99


@struct.dataclass
class FireState:
    """State of the optimizer, apart from the positions.

    velocity: Å per unit of time, `[S, D, 3]`.
    timestep: `[S]`.
    mixing: weight of the force's direction in the velocity, `[S]`.
    n_downhill: steps since the velocity last pointed uphill, int32 `[S]`; -1 before the first.
    """

    velocity: jax.Array
    timestep: jax.Array
    mixing: jax.Array
    n_downhill: jax.Array


def fire_init(force: jax.Array) -> FireState:
    """Systems at rest.

    Args:
        force: of the shape and dtype of the coordinates, `[S, D, 3]`.
    """
    one = jnp.ones(force.shape[0], force.dtype)
    return FireState(
        velocity=jnp.zeros_like(force),
        timestep=TIMESTEP * one,
        mixing=MIXING * one,
        n_downhill=jnp.full(force.shape[0], -1, jnp.int32),
    )


def fire_step(state: FireState, force: jax.Array) -> tuple[FireState, jax.Array]:
    """One step.

    Args:
        state: before the step.
        force: negative gradient at the current coordinates, eV/Å, `[S, D, 3]`.

    Returns:
        The state after the step, and the displacement of the coordinates, Å, `[S, D, 3]`.
    """
    first = state.n_downhill < 0
    downhill = dot(force, state.velocity) > 0.0
    speed = jnp.sqrt(dot(state.velocity, state.velocity))
    direction = force / expand(jnp.maximum(jnp.sqrt(dot(force, force)), 1e-30))
    mixed = (1.0 - expand(state.mixing)) * state.velocity + expand(state.mixing * speed) * direction

    long_enough = downhill & (state.n_downhill > DOWNHILL_STEPS)
    grown = jnp.minimum(state.timestep * GROWTH, MAX_TIMESTEP)
    timestep = jnp.where(
        downhill,
        jnp.where(long_enough, grown, state.timestep),
        jnp.where(first, state.timestep, state.timestep * SHRINKAGE),
    )
    mixing = jnp.where(
        downhill, jnp.where(long_enough, state.mixing * MIXING_DECAY, state.mixing), MIXING
    )
    velocity = jnp.where(expand(downhill), mixed, 0.0) + expand(timestep) * force
    displacement = capped(expand(timestep) * velocity)
    n_downhill = jnp.where(downhill, state.n_downhill + 1, 0)
    return FireState(velocity, timestep, mixing, n_downhill), displacement
