"""Classical potentials of jax_md behind the protocol of all potentials.

jax_md is imported on first use: it takes seconds.
"""

from __future__ import annotations

import hashlib
import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.cells import MAX_ATOMIC_NUMBER
from a2c_ray.potentials.catalogue import BUILT_IN
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.potential import Potential

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
    """Stillinger and Weber's potential for silicon, from jax_md's two- and three-body terms.

    Args:
        three_body_strength: factor on the angular term; 1 is the published potential, 1.5 to 2
            give a better amorphous phase.
        dtype: "float32" or "float64".

    Source: Stillinger and Weber, Phys. Rev. B 31, 5262 (1985).
    """
    from jax_md import energy

    two_body = partial(energy._sw_radial_interaction, SW_SIGMA, SW_B, SW_CUTOFF)
    angle = partial(energy._sw_angle_interaction, SW_GAMMA, SW_SIGMA, SW_CUTOFF)
    three_body = jax.vmap(jax.vmap(angle, (0, None)), (None, 0))

    def atomic_energy(vectors: jax.Array, mask: jax.Array, strength: jax.Array) -> jax.Array:
        distance = jnp.sqrt(jnp.sum(vectors**2, axis=-1))
        pairs = jnp.sum(jnp.where(mask, two_body(distance), 0.0))
        both = mask[:, None] & mask[None, :]
        angles = jnp.sum(jnp.where(both, three_body(vectors, vectors), 0.0))
        return 0.5 * SW_EPSILON * (SW_A * pairs + strength * SW_LAMBDA * angles)

    def atomic_energies(parameters: jax.Array, numbers: jax.Array, edges: Edges) -> jax.Array:
        per_atom = jax.vmap(jax.vmap(atomic_energy, (0, 0, None)), (0, 0, None))
        return per_atom(edges.vectors, edges.mask, parameters)

    return Potential(
        name="stillinger-weber",
        model=EnergyModel(atomic_energies, SW_CUTOFF),
        elements=(SILICON,),
        parameters=np.asarray(three_body_strength, dtype),
        dtype=dtype,
        fingerprint=f"stillinger-weber-{three_body_strength:g}",
    )


def soft_spheres(diameters: np.ndarray, dtype: str = "float32") -> Potential:
    """Harmonic repulsion of pairs closer than their diameter (jax_md's soft spheres, alpha 2).

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
        fingerprint=hashlib.sha256(np.asarray(diameters, np.float64)).hexdigest()[:16],
    )


def _soft_sphere_energies(diameters: jax.Array, numbers: jax.Array, edges: Edges) -> jax.Array:
    from jax_md.energy import soft_sphere

    senders = jax.vmap(lambda z, j: z[j])(numbers, edges.senders)
    sigma = jnp.maximum(diameters[numbers[:, :, None], senders], 1e-3)
    distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
    overlap = soft_sphere(distance, sigma, SOFT_SPHERE_STIFFNESS, alpha=2)
    return 0.5 * jnp.sum(jnp.where(edges.mask, overlap, 0.0), axis=-1)
