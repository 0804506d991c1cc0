"""Spherical harmonics of the directions of edges.

In "component" normalisation, whose squares over the components of a degree add up to 2l+1; order
and signs are those of e3nn, with y as the axis. Up to degree 3 they are written out: where cells
are small, general recurrences and their gradients cost more than all else that a network does with
an edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp


def edge_harmonics(degrees: Sequence[int], vectors: jax.Array) -> jax.Array:
    """Spherical harmonics of the edge directions.

    Args:
        degrees: l, in the order that is wanted.
        vectors: Å, non-zero, `[..., K, 3]`.

    Returns:
        `[..., M, K]`, M running over the components of all degrees.
    """
    x, y, z = jnp.moveaxis(vectors, -1, 0)
    inverse = 1.0 / jnp.sqrt(x * x + y * y + z * z)
    x, y, z = x * inverse, y * inverse, z * inverse
    components: list[jax.Array] = []
    for degree in degrees:
        if degree < len(_WRITTEN_OUT):
            components += _WRITTEN_OUT[degree](x, y, z)
        else:
            direction = e3nn.IrrepsArray("1o", jnp.stack([x, y, z], axis=-1))
            of_degree = e3nn.spherical_harmonics([degree], direction, False, "component").array
            components += list(jnp.moveaxis(of_degree, -1, 0))
    return jnp.stack(components, axis=-2)


def _degree_0(x: jax.Array, y: jax.Array, z: jax.Array) -> list[jax.Array]:
    return [jnp.ones_like(x)]


def _degree_1(x: jax.Array, y: jax.Array, z: jax.Array) -> list[jax.Array]:
    return [sqrt(3) * x, sqrt(3) * y, sqrt(3) * z]


def _degree_2(x: jax.Array, y: jax.Array, z: jax.Array) -> list[jax.Array]:
    return [
        sqrt(15) * x * z,
        sqrt(15) * x * y,
        sqrt(5) / 2 * (3 * y * y - 1),
        sqrt(15) * y * z,
        sqrt(15) / 2 * (z * z - x * x),
    ]


def _degree_3(x: jax.Array, y: jax.Array, z: jax.Array) -> list[jax.Array]:
    return [
        sqrt(35 / 8) * x * (3 * z * z - x * x),
        sqrt(105) * x * y * z,
        sqrt(21 / 8) * x * (5 * y * y - 1),
        sqrt(7) / 2 * y * (5 * y * y - 3),
        sqrt(21 / 8) * z * (5 * y * y - 1),
        sqrt(105) / 2 * y * (z * z - x * x),
        sqrt(35 / 8) * z * (z * z - 3 * x * x),
    ]


_WRITTEN_OUT = (_degree_0, _degree_1, _degree_2, _degree_3)
