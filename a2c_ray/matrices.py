"""Products and inverses of many 3 x 3 matrices on a device.

Written out: what a compiler calls for general matrices takes longer than the rest of a small
cell's neighbour list.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

Array = jax.Array | np.ndarray
"""On a device, or still on the host; functions of JAX take both."""


def rows_times(rows: Array, matrices: Array) -> jax.Array:
    """Rows times matrices, `[..., n, 3]` and `[..., 3, 3]` to `[..., n, 3]`.

    Leading axes are broadcast.
    """
    rows, matrices = jnp.asarray(rows), jnp.asarray(matrices)[..., None, :, :]
    first, second, third = (rows[..., k, None] * matrices[..., k, :] for k in range(3))
    return first + second + third


def inverses(matrices: Array) -> jax.Array:
    """Inverses of matrices, `[..., 3, 3]`: cross products of their rows, over the determinant."""
    a, b, c = jnp.moveaxis(jnp.asarray(matrices), -2, 0)
    columns = jnp.stack([cross(b, c), cross(c, a), cross(a, b)], axis=-1)
    return columns / jnp.sum(a * columns[..., 0], axis=-1)[..., None, None]


def cross(a: Array, b: Array) -> jax.Array:
    """Cross products of vectors, `[..., 3]`."""
    (ax, ay, az), (bx, by, bz) = (jnp.moveaxis(jnp.asarray(v), -1, 0) for v in (a, b))
    return jnp.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)
