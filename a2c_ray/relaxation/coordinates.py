"""Vectors of all coordinates of many systems at once, `[S, D, 3]`, as the optimizers move them."""

from __future__ import annotations

import jax
import jax.numpy as jnp

MAX_STEP = 0.2
"""Å; longest step of all coordinates together."""


def dot(a: jax.Array, b: jax.Array) -> jax.Array:
    """Product of the vectors of each system, `[S]`."""
    return jnp.sum(a * b, axis=(1, 2))


def expand(x: jax.Array) -> jax.Array:
    """A number of each system, `[S]`, for all of its coordinates, `[S, 1, 1]`."""
    return x[:, None, None]


def capped(displacement: jax.Array) -> jax.Array:
    """A step, Å, no longer than `MAX_STEP`."""
    length = jnp.sqrt(dot(displacement, displacement))
    return displacement * expand(jnp.minimum(1.0, MAX_STEP / jnp.maximum(length, 1e-30)))
