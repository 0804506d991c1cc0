"""Radial functions of one interatomic distance: basis, cutoff envelope, radial network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np


def bessel_basis(distance: jax.Array, frequencies: jax.Array, cutoff: float) -> jax.Array:
    """Bessel functions (2/r_c) sin(c_n r)/r.

    Args:
        distance: Å, positive, `[...]`.
        frequencies: c_n, 1/Å, `[n_basis]`; nπ/r_c unless trained.
        cutoff: r_c, Å.

    Returns:
        `[..., n_basis]`.

    Source: Gasteiger et al., ICLR 2020 (DimeNet), eq. 7, with the prefactor 2/r_c of NequIP.
    """
    r = distance[..., None]
    return (2.0 / cutoff) * jnp.sin(frequencies * r) / r


def polynomial_envelope(distance: jax.Array, cutoff: float, p: float) -> jax.Array:
    """Polynomial switch with p-1 continuous derivatives at the cutoff; 0 beyond it.

    Source: Gasteiger et al., ICLR 2020 (DimeNet), eq. 8.
    """
    x = distance / cutoff
    switch = (
        1.0
        - 0.5 * (p + 1.0) * (p + 2.0) * x**p
        + p * (p + 2.0) * x ** (p + 1.0)
        - 0.5 * p * (p + 1.0) * x ** (p + 2.0)
    )
    return jnp.where(x < 1.0, switch, 0.0)


def xplor_envelope(distance: jax.Array, cutoff: float, onset: float) -> jax.Array:
    """XPLOR switch: 1 below `onset`, 0 beyond `cutoff`, continuous first derivative.

    Source: Brünger, X-PLOR 3.1 manual (1992).
    """
    r2, rc2, on2 = distance**2, cutoff**2, onset**2
    switch = (rc2 - r2) ** 2 * (rc2 + 2.0 * r2 - 3.0 * on2) / (rc2 - on2) ** 3
    return jnp.where(distance < onset, 1.0, jnp.where(distance < cutoff, switch, 0.0))


class RadialHidden(nn.Module):
    """Hidden layers of the network that turns a radial embedding into path weights.

    No biases, so that an embedding of zero (an edge at the cutoff, or padding) gives zero.

    widths: neurons of each hidden layer.
    activation: elementwise, normalised to unit second moment.
    """

    widths: Sequence[int]
    activation: Callable[[jax.Array], jax.Array]

    @nn.compact
    def __call__(self, embedding: jax.Array) -> jax.Array:
        """`[..., n_basis]` to `[..., widths[-1]]`."""
        x = embedding
        for k, width in enumerate(self.widths):
            fan_in = x.shape[-1]
            weight = self.param(f"weight_{k}", nn.initializers.normal(1.0), (fan_in, width))
            x = self.activation(x @ (weight / jnp.sqrt(fan_in)))
        return x


def interpolate(distance: jax.Array, table: jax.Array, cutoff: float) -> jax.Array:
    """Piecewise cubic functions of a distance.

    Args:
        distance: Å, `[...]`; beyond the cutoff functions keep their value at the cutoff.
        table: coefficients of 1, t, t², t³ on equal intervals from 0 to the cutoff, t running
            from 0 to 1 on each, `[n_intervals, 4, R]`.
        cutoff: Å.

    Returns:
        `[..., R]`.
    """
    n_intervals = table.shape[0]
    x = jnp.minimum(distance * (n_intervals / cutoff), n_intervals)
    interval = jnp.minimum(jnp.floor(x).astype(jnp.int32), n_intervals - 1)
    t = (x - interval)[..., None]
    c0, c1, c2, c3 = jnp.moveaxis(table[interval], -2, 0)
    return c0 + t * (c1 + t * (c2 + t * c3))


def hermite_coefficients(value: np.ndarray, slope: np.ndarray, spacing: float) -> np.ndarray:
    """Table for `interpolate` that matches values and slopes at equidistant knots.

    Args:
        value: `[n_knots, R]`.
        slope: derivatives, 1/Å, `[n_knots, R]`.
        spacing: of the knots, Å.

    Returns:
        `[n_knots - 1, 4, R]`.
    """
    rise = np.diff(value, axis=0)
    left, right = slope[:-1] * spacing, slope[1:] * spacing
    return np.stack(
        [value[:-1], left, 3 * rise - 2 * left - right, left + right - 2 * rise], axis=1
    )
