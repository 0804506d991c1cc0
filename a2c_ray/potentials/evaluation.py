"""Energy, forces and stress of a batch of cells under any potential.

The energy is a function of edge vectors r only. With g = dE/dr of every directed edge, the force
on an atom is the sum of g over the edges it receives minus the sum over those it sends, and the
stress is (1/V) sum of r (x) g over all edges.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
from ase.data import covalent_radii
from flax import struct

from a2c_ray.cells import Array, Cells
from a2c_ray.potentials.model import CellEnergies, EnergyModel, HostModel, Model
from a2c_ray.potentials.neighbors import (
    Capacity,
    Edges,
    edge_vectors,
    neighbor_list,
)
from a2c_ray.potentials.sums import steady_sum


@struct.dataclass
class Evaluation:
    """Result for a batch of cells.

    energy: eV, `[S]`.
    forces: eV/Å, `[S, N, 3]`; zero for padding.
    stress: (1/V) dE/dstrain, eV/Å³, `[S, 3, 3]`.
    overflow: the neighbour list was too small for the cell, and the rest is wrong, `[S]`.
    closest_contact: smallest distance between two atoms, images included, over the sum of their
        covalent radii, `[S]`; infinite for atoms without neighbours.
    min_distance: smallest distance between two atoms, images included, Å, `[S]`; as before.
    """

    energy: jax.Array
    forces: jax.Array
    stress: jax.Array
    overflow: jax.Array
    closest_contact: jax.Array
    min_distance: jax.Array

    @property
    def max_force(self) -> jax.Array:
        """Largest force on an atom, eV/Å, `[S]`."""
        return jnp.sqrt(jnp.max(jnp.sum(self.forces**2, axis=-1), axis=-1))


def evaluate_cells(model: Model, parameters: Any, cells: Cells, capacity: Capacity) -> Evaluation:
    """Energy, forces and stress of a batch; pure, to be jitted by the caller.

    Args:
        model: of the potential.
        parameters: of the potential.
        cells: S cells of up to N atoms.
        capacity: room in the neighbour list.
    """
    neighbors = neighbor_list(cells, model.cutoff, capacity)
    edges = edge_vectors(neighbors, cells, model.cutoff)
    if isinstance(model, HostModel):
        energy, forces, virial = model.evaluate(cells)
    else:
        energy, forces, virial = evaluate_edges(model, parameters, cells.numbers, edges)
        if model.long_range:
            rest = evaluate_long_range(model.long_range, parameters, cells)
            energy, forces, virial = energy + rest[0], forces + rest[1], virial + rest[2]
    contact, distance = closest(cells.numbers, edges)
    return Evaluation(
        energy=energy,
        forces=forces,
        stress=virial / cells.volume[:, None, None],
        overflow=neighbors.overflow,
        closest_contact=contact,
        min_distance=distance,
    )


def evaluate_long_range(
    energies: CellEnergies, parameters: Any, cells: Cells
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Energy, forces and virial of what is a function of cells rather than of edges.

    Args:
        energies: of cells.
        parameters: of the potential.
        cells: S cells of up to N atoms.

    Returns:
        As `evaluate_edges`.
    """
    positions, lattice = jnp.asarray(cells.positions), jnp.asarray(cells.lattice)

    def total_energy(moved: jax.Array, strain: jax.Array) -> tuple[jax.Array, jax.Array]:
        deformation = jnp.eye(3, dtype=strain.dtype) + strain
        deformed = replace(cells, positions=moved @ deformation, lattice=lattice @ deformation)
        energy = energies(parameters, deformed)
        return jnp.sum(energy), energy

    with jax.default_matmul_precision("highest"):
        derivatives = jax.grad(total_energy, argnums=(0, 1), has_aux=True)
        (gradient, virial), energy = derivatives(positions, jnp.zeros_like(lattice))
    return energy, -gradient, 0.5 * (virial + jnp.swapaxes(virial, 1, 2))


def closest(numbers: Array, edges: Edges) -> tuple[jax.Array, jax.Array]:
    """Smallest distance over the sum of the covalent radii, and smallest distance in Å, `[S]`.

    Source of the radii: Cordero et al., Dalton Trans. 2832 (2008).
    """
    radii = jnp.asarray(covalent_radii, edges.vectors.dtype)[numbers]
    sums = radii[:, :, None] + jax.vmap(lambda r, j: r[j])(radii, edges.senders)
    distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
    contact = jnp.min(jnp.where(edges.mask, distance / sums, jnp.inf), axis=(1, 2))
    return contact, jnp.min(jnp.where(edges.mask, distance, jnp.inf), axis=(1, 2))


def evaluate_edges(
    model: EnergyModel, parameters: Any, numbers: Array, edges: Edges
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Energy, forces and virial from the edges of a batch.

    Args:
        model: of the potential.
        parameters: of the potential.
        numbers: atomic numbers, `[S, N]`.
        edges: of each atom.

    Returns:
        Energy in eV `[S]`, forces in eV/Å `[S, N, 3]`, dE/dstrain in eV `[S, 3, 3]`.
    """
    numbers = jnp.asarray(numbers)

    def total_energy(components: jax.Array) -> tuple[jax.Array, jax.Array]:
        vectors = jnp.moveaxis(components, 0, -1)
        with jax.default_matmul_precision("highest"):
            atomic = model.atomic_energies(parameters, numbers, replace(edges, vectors=vectors))
        energy = steady_sum(jnp.where(numbers > 0, atomic, 0.0), 1)
        return jnp.sum(energy), energy

    # Components come first: what follows are then loops over edges that lie together in memory.
    components = jnp.moveaxis(edges.vectors, -1, 0)
    gradient, energy = jax.grad(total_energy, has_aux=True)(components)
    gradient = jnp.where(edges.mask, gradient, 0.0)
    sent = jax.vmap(lambda g, j: jnp.zeros_like(g[:, :, 0]).at[:, j].add(g), (1, 0), 1)(
        gradient, edges.senders
    )
    forces = jnp.moveaxis(steady_sum(gradient, 3) - sent, 0, -1)
    virial = jnp.einsum("asnk,bsnk->sab", components, gradient, precision="highest")
    return energy, forces, 0.5 * (virial + jnp.swapaxes(virial, 1, 2))
