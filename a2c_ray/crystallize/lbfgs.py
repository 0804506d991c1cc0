"""L-BFGS, a quasi-Newton method, for many systems at once.

The inverse Hessian is approximated from the latest displacements and what they did to the forces.
There is no line search: the whole step is capped instead, and pairs that show no positive
curvature are left out, so that every evaluation of the potential is a step and the approximation
stays positive definite far from a minimum.

Source: Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 7.4.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import struct

MEMORY = 20
"""Pairs remembered."""

MAX_STEP = 0.2
"""Å; longest step of all coordinates together, as FIRE's."""

FIRST_COMPLIANCE = 1 / 70
"""Å²/eV; inverse Hessian before anything is known."""

MIN_COMPLIANCE, MAX_COMPLIANCE = 1 / 1000, 1 / 5
"""Å²/eV; bounds of the inverse Hessian where nothing is known."""

MIN_CURVATURE = 1e-3
"""Cosine between displacement and change of gradient below which a pair is left out."""


@struct.dataclass
class LBFGSState:
    """State of the optimizer, apart from the positions.

    displacements: the latest pairs' s, Å, `[S, MEMORY, D, 3]`; zero where there is none yet.
    gradient_changes: y, eV/Å, of the same shape.
    inverse_products: 1/(s·y), `[S, MEMORY]`.
    compliance: inverse Hessian outside what the pairs span, Å²/eV, `[S]`.
    force, displacement: of the latest step, `[S, D, 3]`; zero before the first.
    """

    displacements: jax.Array
    gradient_changes: jax.Array
    inverse_products: jax.Array
    compliance: jax.Array
    force: jax.Array
    displacement: jax.Array


def lbfgs_init(force: jax.Array) -> LBFGSState:
    """Systems of which nothing is known.

    Args:
        force: of the shape and dtype of the coordinates, `[S, D, 3]`.
    """
    n_slots = force.shape[0]
    pairs = jnp.zeros((n_slots, MEMORY, *force.shape[1:]), force.dtype)
    return LBFGSState(
        displacements=pairs,
        gradient_changes=pairs,
        inverse_products=jnp.zeros((n_slots, MEMORY), force.dtype),
        compliance=jnp.full(n_slots, FIRST_COMPLIANCE, force.dtype),
        force=jnp.zeros_like(force),
        displacement=jnp.zeros_like(force),
    )


def lbfgs_step(state: LBFGSState, force: jax.Array) -> tuple[LBFGSState, jax.Array]:
    """One step.

    Args:
        state: before the step.
        force: negative gradient at the current coordinates, eV/Å, `[S, D, 3]`.

    Returns:
        The state after the step, and the displacement of the coordinates, Å, `[S, D, 3]`.
    """
    state = _remember(state, force)
    displacement = _newton_step(state, force)
    length = jnp.sqrt(_dot(displacement, displacement))
    displacement = displacement * _expand(jnp.minimum(1.0, MAX_STEP / jnp.maximum(length, 1e-30)))
    return state.replace(force=force, displacement=displacement), displacement


def _remember(state: LBFGSState, force: jax.Array) -> LBFGSState:
    """Add the pair of the latest step, in place of the oldest, if its curvature is positive."""
    s, y = state.displacement, state.force - force
    product, s2, y2 = _dot(s, y), _dot(s, s), _dot(y, y)
    curved = product > MIN_CURVATURE * jnp.sqrt(s2 * y2)  # never at the first step, where s = 0

    def push(history: jax.Array, latest: jax.Array) -> jax.Array:
        pushed = jnp.concatenate([history[:, 1:], latest[:, None]], axis=1)
        return jnp.where(curved.reshape(-1, *[1] * (history.ndim - 1)), pushed, history)

    compliance = jnp.clip(product / jnp.maximum(y2, 1e-30), MIN_COMPLIANCE, MAX_COMPLIANCE)
    return state.replace(
        displacements=push(state.displacements, s),
        gradient_changes=push(state.gradient_changes, y),
        inverse_products=push(state.inverse_products, 1.0 / jnp.where(curved, product, 1.0)),
        compliance=jnp.where(curved, compliance, state.compliance),
    )


def _newton_step(state: LBFGSState, force: jax.Array) -> jax.Array:
    """Inverse Hessian times force, by the two-loop recursion."""
    pairs = [
        (state.displacements[:, k], state.gradient_changes[:, k], state.inverse_products[:, k])
        for k in range(MEMORY)
    ]
    remainder, weights = force, []
    for s, y, inverse_product in reversed(pairs):
        weights.append(inverse_product * _dot(s, remainder))
        remainder = remainder - _expand(weights[-1]) * y
    step = _expand(state.compliance) * remainder
    for (s, y, inverse_product), weight in zip(pairs, reversed(weights), strict=True):
        step = step + _expand(weight - inverse_product * _dot(y, step)) * s
    return step


def _dot(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.sum(a * b, axis=(1, 2))


def _expand(x: jax.Array) -> jax.Array:
    return x[:, None, None]
