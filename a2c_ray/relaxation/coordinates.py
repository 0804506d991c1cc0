"""Vectors of all coordinates of many systems at once, `[S, D, 3]`, as the optimizers move them.

The last three rows are the cell's (see `cell_filter`), those before them may be padding. Sums are
formed so that neither padding nor the number of systems changes their rounding: small differences
would grow, and let a cell end otherwise in one batch than in another.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from a2c_ray.potentials.sums import steady_sum

MAX_STEP = 0.2
"""Å; longest step of all coordinates together."""


CELL_ROWS = 3


def dot(a: jax.Array, b: jax.Array) -> jax.Array:
    """Products of vectors, `[..., D, 3]` to `[...]`."""
    product = a * b
    atoms, cell = product[..., :-CELL_ROWS, :], product[..., -CELL_ROWS:, :]
    return _sum(atoms) + _sum(cell)


def _sum(x: jax.Array) -> jax.Array:
    """Over the last two axes."""
    return steady_sum(x.reshape(*x.shape[:-2], -1), x.ndim - 2)


def expand(x: jax.Array) -> jax.Array:
    """A number of each system, `[S]`, for all of its coordinates, `[S, 1, 1]`."""
    return x[:, None, None]


def capped(displacement: jax.Array) -> jax.Array:
    """A step, Å, no longer than `MAX_STEP`."""
    length = jnp.sqrt(dot(displacement, displacement))
    return displacement * expand(jnp.minimum(1.0, MAX_STEP / jnp.maximum(length, 1e-30)))
