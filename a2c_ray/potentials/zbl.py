"""Repulsion of atoms that come closer than any potential has been trained for.

Nuclei that near repel by their screened charges, whatever the chemistry; learned potentials know
nothing of it and may attract there instead. The repulsion is switched on well inside the shortest
bonds, so that sound structures keep their energies to the last bit.

Source: Ziegler, Biersack and Littmark, The Stopping and Range of Ions in Matter, vol. 1, Pergamon
(1985): the universal screening function.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from ase.data import covalent_radii

from a2c_ray.errors import InputError
from a2c_ray.potentials.model import HostModel
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.sums import steady_sum

COULOMB = 14.399645
"""e²/(4 pi epsilon_0), eV Å."""

SCREENING_LENGTH = 0.8854 * 0.529177
"""Å; of the pair Z1, Z2 it is this over Z1^0.23 + Z2^0.23."""

AMPLITUDES = (0.18175, 0.50986, 0.28022, 0.02817)
DECAYS = (3.19980, 0.94229, 0.40290, 0.20162)
"""Of the four exponentials of the screening function, per screening length."""

OUTER = 0.6
"""Of the sum of the covalent radii; beyond it there is nothing. The shortest bonds of solids are
longer: triple and quadruple bonds of metals, the uranyl ion and carbon monoxide lie between 0.66
and 0.80, and only some diatomic molecules of metal vapours (V2, Cr2) come down to it."""

INNER = 0.45
"""Of the sum of the covalent radii; within it the repulsion is whole. At 0.5, where atoms count as
fused, four fifths of it act, which is 10 to 100 eV."""

CLOSEST = 0.01
"""Å; closer atoms feel the energy, but no force: the direction of coinciding atoms is undefined."""

SUFFIX = "+zbl"
"""Of names and fingerprints."""


def with_zbl(potential: Potential) -> Potential:
    """A potential with the repulsion added; its energy floors stay.

    Args:
        potential: whose cutoff reaches beyond the repulsion.

    Raises:
        InputError: the potential is computed on the host, where nothing can be added to it, or its
            cutoff is too short.
    """
    model = potential.model
    if isinstance(model, HostModel):
        raise InputError(f"potential.zbl=true: nothing can be added to {potential.name}")
    reach = 2 * OUTER * max(covalent_radii[z] for z in potential.elements)
    if reach > model.cutoff:
        raise InputError(
            f"potential.zbl=true needs a cutoff of {reach:.2f} Å for the elements of "
            f"{potential.name}, which has {model.cutoff:.2f} Å"
        )

    def atomic_energies(parameters: Any, numbers: jax.Array, edges: Edges) -> jax.Array:
        return model.atomic_energies(parameters, numbers, edges) + zbl_energies(numbers, edges)

    return dataclasses.replace(
        potential,
        name=potential.name + SUFFIX,
        model=model._replace(atomic_energies=atomic_energies),
        fingerprint=potential.fingerprint + SUFFIX,
    )


def zbl_energies(numbers: jax.Array, edges: Edges) -> jax.Array:
    """Half of the energies of all pairs of each atom, eV, `[S, N]`.

    Args:
        numbers: atomic numbers, `[S, N]`.
        edges: of each atom.
    """
    dtype = edges.vectors.dtype
    senders = jax.vmap(lambda z, j: z[j])(numbers, edges.senders)
    radii = jnp.asarray(covalent_radii, dtype)
    sums = radii[numbers][:, :, None] + radii[senders]
    # Where there is nothing to compute, nothing is: no large number can become NaN.
    distance2 = jnp.sum(edges.vectors**2, axis=-1)
    acts = edges.mask & (distance2 < (OUTER * sums) ** 2)
    distance = jnp.sqrt(jnp.where(acts, jnp.maximum(distance2, CLOSEST**2), 1.0))
    pair = screened_coulomb(numbers[:, :, None].astype(dtype), senders.astype(dtype), distance)
    energy = jnp.where(acts, pair * switch(distance / sums), 0.0)
    return 0.5 * steady_sum(energy, 2)


def screened_coulomb(z1: jax.Array, z2: jax.Array, distance: jax.Array) -> jax.Array:
    """The universal repulsion of two nuclei, eV.

    Args:
        z1, z2: atomic numbers.
        distance: Å.
    """
    x = distance * (z1**0.23 + z2**0.23) / SCREENING_LENGTH
    screening = sum(a * jnp.exp(-b * x) for a, b in zip(AMPLITUDES, DECAYS, strict=True))
    return COULOMB * z1 * z2 / distance * screening


def switch(contact: jax.Array | np.ndarray) -> jax.Array:
    """1 within `INNER`, 0 beyond `OUTER`, in between a polynomial with two smooth derivatives.

    Args:
        contact: distance over the sum of the covalent radii.
    """
    x = jnp.clip((contact - INNER) / (OUTER - INNER), 0.0, 1.0)
    return 1.0 - x**3 * (10.0 - 15.0 * x + 6.0 * x**2)
