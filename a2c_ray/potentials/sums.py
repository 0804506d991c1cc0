"""Sums whose rounding does not depend on how long a padded list is, nor on how many rows there are.

A compiler adds up long axes in parts, and where these begin depends on the length; zeros that
follow then change the last bit. In a relaxation such differences grow until a cell ends in another
minimum. Windows are added up one number after another, then windows of their sums.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

WINDOW = 8
"""Numbers that are added up at a time."""

STEADY_WEIGHTS = 2**15
"""Numbers of a matrix up to which XLA multiplies few and many rows by it in one order on a CPU; by
larger ones it adds up in another order from 64 rows on (JAX 0.10.1)."""


def steady_sum(x: jax.Array, axis: int) -> jax.Array:
    """Sum over an axis: zeros that follow change nothing.

    Args:
        x: any.
        axis: not negative.
    """
    return _sum(x, axis)  # potentials that call it are pickled, which what JAX wraps cannot be


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _sum(x: jax.Array, axis: int) -> jax.Array:
    if not x.shape[axis]:
        return jnp.sum(x, axis=axis)
    while (length := x.shape[axis]) > 1:
        width = min(length, WINDOW)
        x = jnp.pad(x, [(0, -length % width if k == axis else 0) for k in range(x.ndim)])
        window = tuple(width if k == axis else 1 for k in range(x.ndim))
        x = lax.reduce_window(x, jnp.zeros((), x.dtype), lax.add, window, window, "VALID")
    return jnp.squeeze(x, axis)


def steady_mix(features: jax.Array, weights: jax.Array) -> jax.Array:
    """Features of any number of atoms, `[..., n]`, times weights `[n, m]`, by blocks of columns."""
    blocks = jnp.array_split(weights, -(-weights.size // STEADY_WEIGHTS), axis=1)
    return jnp.concatenate([features @ block for block in blocks], axis=-1)


def _forward(x: jax.Array, axis: int) -> tuple[jax.Array, jax.Array]:
    return _sum(x, axis), x


def _backward(axis: int, x: jax.Array, gradient: jax.Array) -> tuple[jax.Array]:
    return (jnp.broadcast_to(jnp.expand_dims(gradient, axis), x.shape),)


_sum.defvjp(_forward, _backward)
