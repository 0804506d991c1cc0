"""Remove the overlaps of random positions without arranging the atoms.

Source: a²c paper, Methods, "Generation of amorphous structures": FIRE under soft spheres, at most
30 steps, stopped when every pair is beyond 90 % of its summed ionic radii.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from pymatgen.core import Composition

from a2c_ray.amorphous.jax_md_modules import jax_md_module
from a2c_ray.cells import Cell, Cells, pack, unpack
from a2c_ray.potentials.classical import soft_spheres
from a2c_ray.potentials.evaluation import evaluate_edges
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Capacity, edge_vectors, find_capacity, neighbor_list
from a2c_ray.radii import contact_distances

MAX_STEPS = 30

CONTACT_FRACTION = 0.9


def remove_overlaps(cell: Cell, composition: Composition) -> tuple[Cell, float]:
    """Push atoms apart in a fixed box.

    Args:
        cell: random positions.
        composition: of the cell; its ions' radii decide what overlaps.

    Returns:
        The cell, and the smallest distance of any pair over its summed radii.
    """
    spheres = soft_spheres(contact_distances(composition))
    cells = pack([cell], len(cell.numbers))
    capacity = find_capacity(cells, spheres.cutoff, margin=1.5)

    def look(positions: jax.Array) -> tuple[jax.Array, jax.Array]:
        batch = replace(cells, positions=positions[None])
        return _forces_and_contact(spheres.model, spheres.parameters, batch, capacity)

    fire_descent = jax_md_module("minimize").fire_descent
    initialize, advance = fire_descent(lambda r: look(r)[0], lambda r, dr: r + dr)
    state = initialize(jnp.asarray(cells.positions[0]))
    contact = look(state.position)[1]
    for _ in range(MAX_STEPS):
        if contact > CONTACT_FRACTION:
            break
        state = advance(state)
        contact = look(state.position)[1]
    packed = replace(cells, positions=np.asarray(state.position)[None])
    return unpack(packed, 0), float(contact)


@partial(jax.jit, static_argnums=(0, 3))
def _forces_and_contact(
    model: EnergyModel, diameters: jax.Array, cells: Cells, capacity: Capacity
) -> tuple[jax.Array, jax.Array]:
    """Forces `[N, 3]` and the smallest distance over diameter of one cell."""
    edges = edge_vectors(neighbor_list(cells, model.cutoff, capacity), cells, model.cutoff)
    _, forces, _ = evaluate_edges(model, diameters, cells.numbers, edges)
    numbers = cells.numbers[0]
    contact = diameters[numbers[:, None], numbers[edges.senders[0]]]
    distance = jnp.linalg.norm(edges.vectors[0], axis=-1)
    ratio = jnp.where(edges.mask[0] & (contact > 0), distance / contact, jnp.inf)
    return forces[0], jnp.min(ratio)
