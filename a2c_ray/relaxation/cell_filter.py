"""Positions and cell as one vector of coordinates in Å, as an optimizer likes them.

A cell is its reference lattice L0 deformed by F = exp(U): lattice L0 Fᵀ, positions x Fᵀ. The
coordinates are the undeformed positions x and, on three more rows, n U with n the number of atoms.
The energy is then a function of the coordinates, and the forces here are its exact gradient; with
the factor n, cell and atoms respond on similar scales whatever the size of the cell.

Source: the Frechet cell filter of ASE, after Ortner's JuLIP.
"""

from __future__ import annotations

from enum import Enum

import jax
import jax.numpy as jnp

from a2c_ray.cells import Array, Cells
from a2c_ray.matrices import inverses, rows_times

SQUARINGS = 3
TAYLOR_TERMS = 8


class Freedom(Enum):
    """What of a cell a relaxation changes.

    Since det exp(U) = exp(tr U), a fixed volume is a U without trace, and a fixed shape a multiple
    of the identity: subspaces, that the coordinates never leave if the forces lie in them.
    """

    ALL = "all"
    SHAPE = "shape"
    VOLUME = "volume"
    NONE = "none"

    @classmethod
    def of_setting(cls, value: bool | str) -> Freedom:
        """What `relax.cell` stands for: true, false, shape or volume."""
        if isinstance(value, str):
            return cls(value)
        return cls.ALL if value else cls.NONE

    def part(self, matrices: jax.Array) -> jax.Array:
        """Of stresses, virials or forces on U, what belongs to what is free, `[..., 3, 3]`."""
        if self is Freedom.ALL:
            return matrices
        if self is Freedom.NONE:
            return jnp.zeros_like(matrices)
        identity = jnp.eye(3, dtype=matrices.dtype)
        trace = jnp.trace(matrices, axis1=-2, axis2=-1)[..., None, None]
        isotropic = trace / 3 * identity
        return isotropic if self is Freedom.VOLUME else matrices - isotropic


def expm(u: jax.Array) -> jax.Array:
    """Matrix exponential by scaling and squaring of a Taylor series, `[..., 3, 3]`.

    Exact to single precision for norms up to 4, to double precision for norms up to 0.5.
    """
    scaled = u / 2**SQUARINGS
    identity = jnp.eye(3, dtype=u.dtype)
    result = identity
    for k in range(TAYLOR_TERMS, 0, -1):
        result = identity + scaled @ result / k
    for _ in range(SQUARINGS):
        result = result @ result
    return result


def to_cells(coordinates: jax.Array, reference: Array, numbers: Array) -> Cells:
    """Cells at given coordinates.

    Args:
        coordinates: Å, `[S, N + 3, 3]`.
        reference: lattices of zero deformation, rows are vectors, Å, `[S, 3, 3]`.
        numbers: atomic numbers, `[S, N]`.
    """
    deformation = expm(_log_deformation(coordinates, numbers))
    transposed = jnp.swapaxes(deformation, 1, 2)
    return Cells(rows_times(coordinates[:, :-3], transposed), reference @ transposed, numbers)


def to_coordinates(cells: Cells) -> jax.Array:
    """Coordinates of undeformed cells, `[S, N + 3, 3]`."""
    return jnp.concatenate([cells.positions, jnp.zeros_like(cells.lattice)], axis=1)


def generalized_forces(
    coordinates: jax.Array,
    numbers: Array,
    forces: jax.Array,
    virial: jax.Array,
    freedom: Freedom = Freedom.ALL,
) -> jax.Array:
    """Negative gradient of the energy with respect to the coordinates.

    Args:
        coordinates: Å, `[S, N + 3, 3]`.
        numbers: atomic numbers, `[S, N]`.
        forces: on the atoms, eV/Å, `[S, N, 3]`.
        virial: dE/dstrain (volume times stress), eV, `[S, 3, 3]`.
        freedom: of the cell; the gradient has no other part.

    Returns:
        eV/Å, `[S, N + 3, 3]`.
    """
    deformation, pull_back = jax.vjp(expm, _log_deformation(coordinates, numbers))
    inverse_transposed = jnp.swapaxes(inverses(deformation), 1, 2)
    (log_force,) = pull_back(-virial @ inverse_transposed)
    log_force = freedom.part(log_force)
    return jnp.concatenate([rows_times(forces, deformation), log_force / _n_atoms(numbers)], axis=1)


def cell_weights(coordinates: jax.Array, numbers: Array) -> jax.Array:
    """Weights w of the rows that make cell and atoms about equally stiff, `[S, N + 3, 1]`.

    Solids have v B of about 25 eV (v the volume of an atom, B the bulk modulus), so that along
    sqrt(n) U the energy has second derivatives of 25 eV/Å², like those along an atom's position;
    along n U they are n times smaller. Coordinates divided by w have gradients times w.

    Args:
        coordinates: Å, `[S, N + 3, 3]`.
        numbers: atomic numbers, `[S, N]`.
    """
    weights = jnp.ones_like(coordinates[:, :, :1])
    n_atoms = _n_atoms(numbers).astype(coordinates.dtype)
    return weights.at[:, -3:].set(jnp.sqrt(n_atoms))


def _log_deformation(coordinates: jax.Array, numbers: Array) -> jax.Array:
    return coordinates[:, -3:] / _n_atoms(numbers)


def _n_atoms(numbers: Array) -> jax.Array:
    return jnp.maximum(jnp.sum(numbers > 0, axis=1), 1)[:, None, None]
