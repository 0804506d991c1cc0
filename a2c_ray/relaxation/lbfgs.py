"""L-BFGS, a quasi-Newton method, for many systems at once.

The inverse Hessian is approximated from the latest displacements and what they did to the forces.
There is no line search: the whole step is capped instead, and pairs that show no positive
curvature are left out, so that every evaluation of the potential is a step and the approximation
stays positive definite far from a minimum.

Source: Nocedal and Wright, Numerical Optimization, 2nd ed., algorithm 7.4.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
from flax import struct
from jax.lax.linalg import triangular_solve

from a2c_ray.relaxation.coordinates import capped, dot, expand

MEMORY = 20
"""Pairs remembered."""

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
    products: s_i·y_j, eV, `[S, MEMORY, MEMORY]`.
    compliance: inverse Hessian outside what the pairs span, Å²/eV, `[S]`.
    force, displacement: of the latest step, `[S, D, 3]`; zero before the first.
    """

    displacements: jax.Array
    gradient_changes: jax.Array
    products: jax.Array
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
        products=jnp.zeros((n_slots, MEMORY, MEMORY), force.dtype),
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
    displacement = capped(_newton_step(state, force))
    return replace(state, force=force, displacement=displacement), displacement


def _remember(state: LBFGSState, force: jax.Array) -> LBFGSState:
    """Add the pair of the latest step, in place of the oldest, if its curvature is positive."""
    s, y = state.displacement, state.force - force
    product, s2, y2 = dot(s, y), dot(s, s), dot(y, y)
    curved = product > MIN_CURVATURE * jnp.sqrt(s2 * y2)  # never at the first step, where s = 0

    def push(history: jax.Array, latest: jax.Array) -> jax.Array:
        pushed = jnp.concatenate([history[:, 1:], latest[:, None]], axis=1)
        return jnp.where(curved.reshape(-1, *[1] * (history.ndim - 1)), pushed, history)

    compliance = jnp.clip(product / jnp.maximum(y2, 1e-30), MIN_COMPLIANCE, MAX_COMPLIANCE)
    displacements = push(state.displacements, s)
    gradient_changes = push(state.gradient_changes, y)
    older = state.products[:, 1:, 1:]
    newest_s, newest_y = dot(s[:, None], gradient_changes), dot(displacements, y[:, None])
    products = jnp.concatenate([older, newest_y[:, :-1, None]], axis=2)
    products = jnp.concatenate([products, newest_s[:, None]], axis=1)
    return replace(
        state,
        displacements=displacements,
        gradient_changes=gradient_changes,
        products=jnp.where(curved[:, None, None], products, state.products),
        compliance=jnp.where(curved, compliance, state.compliance),
    )


def _newton_step(state: LBFGSState, force: jax.Array) -> jax.Array:
    """Inverse Hessian times force.

    Both loops of the algorithm are recurrences with the products s_i·y_j of pairs i before j, and
    so triangular systems: a few large operations instead of many small ones.
    """
    s, y = state.displacements, state.gradient_changes
    diagonal = jnp.diagonal(state.products, axis1=1, axis2=2)[..., None]
    # Places without a pair have rows of zeros; ones on their diagonal keep the system regular.
    triangle = jnp.triu(state.products) + jnp.eye(MEMORY, dtype=force.dtype) * (diagonal == 0.0)
    solve = partial(triangular_solve, triangle, left_side=True, lower=False)
    newest_first = solve(dot(s, force[:, None])[..., None])
    step = expand(state.compliance) * (force - _combined(newest_first, y))
    oldest_first = solve(
        diagonal * newest_first - dot(y, step[:, None])[..., None], transpose_a=True
    )
    return step + _combined(oldest_first, s)


def _combined(weights: jax.Array, vectors: jax.Array) -> jax.Array:
    """Weighted sum of remembered vectors, `[S, MEMORY, 1]` and `[S, MEMORY, D, 3]`."""
    return jnp.sum(weights[..., None] * vectors, axis=1)
