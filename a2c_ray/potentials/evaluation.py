"""Energy, forces and stress of a batch of cells under any potential.

The energy is a function of edge vectors r only. With g = dE/dr of every directed edge, the force
on an atom is the sum of g over the edges it receives minus the sum over those it sends, and the
stress is (1/V) sum of r (x) g over all edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from ase.data import covalent_radii
from flax import struct

from a2c_ray.cells import Cell, Cells, pack
from a2c_ray.padding import choose_sizes, group_by_size, padded_size
from a2c_ray.potentials.neighbors import (
    Capacity,
    Edges,
    edge_vectors,
    find_capacity,
    neighbor_list,
)
from a2c_ray.potentials.potential import (
    EnergyModel,
    HostModel,
    Model,
    Potential,
    precision_of,
)

if TYPE_CHECKING:
    from pymatgen.core import Structure

MAX_SIZES = 4
"""Numbers of atoms that `evaluate` pads to in one call; each is compiled."""

MAX_BATCH_ATOMS = 256
"""Atoms, padding included, that `evaluate` puts into one batch."""


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


class Result(NamedTuple):
    """Result for one structure.

    energy: eV.
    forces: eV/Å, `[n, 3]`.
    stress: (1/V) dE/dstrain, eV/Å³, `[3, 3]`.
    """

    energy: float
    forces: np.ndarray
    stress: np.ndarray


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
    contact, distance = closest(cells.numbers, edges)
    return Evaluation(
        energy=energy,
        forces=forces,
        stress=virial / cells.volume[:, None, None],
        overflow=neighbors.overflow,
        closest_contact=contact,
        min_distance=distance,
    )


def closest(numbers: jax.Array, edges: Edges) -> tuple[jax.Array, jax.Array]:
    """Smallest distance over the sum of the covalent radii, and smallest distance in Å, `[S]`.

    Source of the radii: Cordero et al., Dalton Trans. 2832 (2008).
    """
    radii = jnp.asarray(covalent_radii, edges.vectors.dtype)[numbers]
    sums = radii[:, :, None] + jax.vmap(lambda r, j: r[j])(radii, edges.senders)
    distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
    contact = jnp.min(jnp.where(edges.mask, distance / sums, jnp.inf), axis=(1, 2))
    return contact, jnp.min(jnp.where(edges.mask, distance, jnp.inf), axis=(1, 2))


def evaluate_edges(
    model: EnergyModel, parameters: Any, numbers: jax.Array, edges: Edges
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

    def total_energy(vectors: jax.Array) -> tuple[jax.Array, jax.Array]:
        with jax.default_matmul_precision("highest"):
            atomic = model.atomic_energies(parameters, numbers, edges.replace(vectors=vectors))
        energy = jnp.sum(jnp.where(numbers > 0, atomic, 0.0), axis=-1)
        return jnp.sum(energy), energy

    gradient, energy = jax.grad(total_energy, has_aux=True)(edges.vectors)
    gradient = jnp.where(edges.mask[..., None], gradient, 0.0)
    sent = jax.vmap(lambda g, j: jnp.zeros_like(g[:, 0]).at[j].add(g))(gradient, edges.senders)
    forces = jnp.sum(gradient, axis=2) - sent
    virial = jnp.einsum("snka,snkb->sab", edges.vectors, gradient, precision="highest")
    return energy, forces, 0.5 * (virial + jnp.swapaxes(virial, 1, 2))


@partial(jax.jit, static_argnums=(1, 2))
def _edges(cells: Cells, radius: float, capacity: Capacity) -> Edges:
    return edge_vectors(neighbor_list(cells, radius, capacity), cells, radius)


# Apart from `_edges`, so that a new shape of the cheap program does not recompile this one.
_evaluate_edges = jax.jit(evaluate_edges, static_argnums=0)


def evaluate(potential: Potential, structures: Sequence[Structure]) -> list[Result]:
    """Energy, forces and stress of structures of any sizes, batched by size.

    Raises:
        UnknownElementError: a structure holds an element that the potential does not know.
        ValueError: a structure is empty.
    """
    for k, structure in enumerate(structures):
        if len(structure) == 0:
            raise ValueError(f"structure {k} has no atoms")
        potential.check_elements(structure.atomic_numbers)
    counts = Counter(padded_size(len(structure)) for structure in structures)
    sizes = choose_sizes(counts, MAX_SIZES)
    by_size = group_by_size([len(structure) for structure in structures], sizes)

    results: list[Result | None] = [None] * len(structures)
    for size, members in by_size.items():
        batch = max(1, MAX_BATCH_ATOMS // size)
        for start in range(0, len(members), batch):
            chosen = members[start : start + batch]
            n_slots = min(batch, padded_size(len(chosen)))
            batch_cells = [Cell.from_structure(structures[k]) for k in chosen]
            cells = pack(batch_cells, size, n_slots, "float64")
            energy, forces, virial = _evaluate_batch(potential, cells)
            for slot, k in enumerate(chosen):
                structure = structures[k]
                results[k] = Result(
                    float(energy[slot]),
                    forces[slot, : len(structure)],
                    virial[slot] / structure.volume,
                )
    return results


def _evaluate_batch(potential: Potential, cells: Cells) -> tuple[np.ndarray, ...]:
    """Energy, forces and virial, float64; edges are differences taken in double precision."""
    if isinstance(potential.model, HostModel):
        with jax.enable_x64(True):
            return tuple(np.asarray(x) for x in potential.model.evaluate(cells))
    with jax.enable_x64(True):
        edges = _edges(cells, potential.cutoff, find_capacity(cells, potential.cutoff))
        edges = jax.tree.map(np.asarray, edges)
    edges = edges.replace(vectors=edges.vectors.astype(potential.dtype))
    with precision_of(potential):
        out = _evaluate_edges(potential.model, potential.parameters, cells.numbers, edges)
    return tuple(np.asarray(x, np.float64) for x in out)
