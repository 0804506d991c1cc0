"""Classical potentials behind the protocol of all potentials."""

from __future__ import annotations

import hashlib
import math

import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.cells import MAX_ATOMIC_NUMBER
from a2c_ray.potentials.catalogue import BUILT_IN
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.sums import steady_sum

SILICON = 14
SW_CUTOFF = BUILT_IN["stillinger-weber"].cutoff
"""Å."""
SW_SIGMA = 2.0951
"""Å."""
SW_EPSILON = 2.16826
"""eV."""
SW_A, SW_B, SW_LAMBDA, SW_GAMMA = 7.049556277, 0.6022245584, 21.0, 1.2

SOFT_SPHERE_STIFFNESS = 10.0
"""eV; energy of two soft spheres is half of this when they coincide."""


def stillinger_weber(three_body_strength: float = 1.0, dtype: str = "float32") -> Potential:
    """Stillinger and Weber's potential for silicon.

    Args:
        three_body_strength: factor on the angular term; 1 is the published potential, 1.5 to 2
            give a better amorphous phase.
        dtype: "float32" or "float64".

    Source: Stillinger and Weber, Phys. Rev. B 31, 5262 (1985).
    """

    def atomic_energies(strength: jax.Array, numbers: jax.Array, edges: Edges) -> jax.Array:
        distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1)) / SW_SIGMA
        within = edges.mask & (distance > 0) & (distance < SW_CUTOFF / SW_SIGMA)
        # Beyond the cutoff the exponents below would overflow, and NaN come back in gradients.
        distance = jnp.where(within, distance, 1.0)
        room = distance - SW_CUTOFF / SW_SIGMA
        pairs = jnp.where(within, (SW_B * distance**-4 - 1.0) * jnp.exp(1.0 / room), 0.0)
        weights = jnp.where(within, jnp.exp(SW_GAMMA / room), 0.0)
        directions = edges.vectors / (SW_SIGMA * distance)[..., None]
        two_body = SW_A * steady_sum(pairs, 2)
        three_body = SW_LAMBDA * _angles(weights, directions)
        return 0.5 * SW_EPSILON * (two_body + strength * three_body)

    return Potential(
        name="stillinger-weber",
        model=EnergyModel(atomic_energies, SW_CUTOFF),
        elements=(SILICON,),
        parameters=np.asarray(three_body_strength, dtype),
        dtype=dtype,
        fingerprint=f"stillinger-weber-{three_body_strength:g}",
    )


def _angles(weights: jax.Array, directions: jax.Array) -> jax.Array:
    """Sum of w_j w_k (cos θ_jk + 1/3)² over all ordered pairs of different neighbours, `[S, N]`.

    From the moments of the neighbours, without looking at pairs: with P = Σ w u and Q = Σ w u⊗u,
    the sum over all pairs is |Q|² + 2/3 |P|² + (Σ w)² / 9, and a neighbour with itself has 16/9 w².

    Args:
        weights: w, `[S, N, K]`; zero for what is no neighbour.
        directions: unit vectors u, `[S, N, K, 3]`.
    """
    total = steady_sum(weights, 2)
    first = steady_sum(weights[..., None] * directions, 2)
    outer = directions[..., :, None] * directions[..., None, :]
    second = steady_sum(weights[..., None, None] * outer, 2)
    everything = (
        jnp.sum(second**2, axis=(-2, -1)) + 2 / 3 * jnp.sum(first**2, axis=-1) + total**2 / 9
    )
    return everything - 16 / 9 * steady_sum(weights**2, 2)


def soft_spheres(diameters: np.ndarray, dtype: str = "float32") -> Potential:
    """Harmonic repulsion of pairs closer than their diameter.

    Args:
        diameters: of each pair of atomic numbers, Å, symmetric,
            `[MAX_ATOMIC_NUMBER + 1, MAX_ATOMIC_NUMBER + 1]`.
        dtype: "float32" or "float64".
    """
    return Potential(
        name="soft-spheres",
        model=EnergyModel(_soft_sphere_energies, math.ceil(float(np.max(diameters)))),
        elements=tuple(range(1, MAX_ATOMIC_NUMBER + 1)),
        parameters=np.asarray(diameters, dtype),
        dtype=dtype,
        fingerprint=hashlib.sha256(np.asarray(diameters, np.float64).tobytes()).hexdigest()[:16],
    )


def _soft_sphere_energies(diameters: jax.Array, numbers: jax.Array, edges: Edges) -> jax.Array:
    senders = jax.vmap(lambda z, j: z[j])(numbers, edges.senders)
    sigma = jnp.maximum(diameters[numbers[:, :, None], senders], 1e-3)
    distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
    depth = 1.0 - distance / sigma
    overlap = jnp.where(depth > 0.0, SOFT_SPHERE_STIFFNESS / 2 * depth**2, 0.0)
    return 0.5 * steady_sum(jnp.where(edges.mask, overlap, 0.0), 2)
