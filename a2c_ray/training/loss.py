"""What a network is trained to make small.

Source: a²c paper, Methods, "Deep learning methods": equally weighted Huber losses of the energy per
atom and of the 3N force components, δ = 0.01. Weights and a term for the stress are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from flax import struct

from a2c_ray.potentials.evaluation import evaluate_edges
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Capacity, edge_vectors, neighbor_list
from a2c_ray.training.batches import Batch, Labels


class LossWeights(NamedTuple):
    """Terms of the loss.

    energy: of the Huber loss of the energy per atom (eV).
    forces: of the mean Huber loss of the force components (eV/Å).
    stress: of the mean Huber loss of the stress components (eV/Å³).
    delta: where the Huber loss turns from quadratic to linear, in those units.
    """

    energy: float = 1.0
    forces: float = 1.0
    stress: float = 0.0
    delta: float = 0.01


@struct.dataclass
class Sums:
    """Sums over structures, from which means over any number of batches follow.

    loss: total loss.
    energy_error: absolute error of the energy per atom, eV.
    forces_error: mean absolute error of a structure's force components, eV/Å.
    stress_error: mean absolute error of a structure's stress components, eV/Å³.
    n: structures.
    n_stress: structures whose stress is known.
    """

    loss: jax.Array
    energy_error: jax.Array
    forces_error: jax.Array
    stress_error: jax.Array
    n: jax.Array
    n_stress: jax.Array


def batch_sums(
    model: EnergyModel,
    parameters: Any,
    batch: Batch,
    capacities: Sequence[Capacity],
    weights: LossWeights,
) -> Sums:
    """Loss and errors summed over the structures of a batch.

    Args:
        model, parameters: of the potential.
        batch: labelled structures.
        capacities: of the neighbour lists of each stratum.
        weights: of the terms.
    """
    sums = [
        _labels_sums(model, parameters, labels, capacity, weights)
        for labels, capacity in zip(batch, capacities, strict=True)
    ]
    return jax.tree.map(lambda *terms: sum(terms), *sums)


def _labels_sums(
    model: EnergyModel,
    parameters: Any,
    labels: Labels,
    capacity: Capacity,
    weights: LossWeights,
) -> Sums:
    cells = labels.cells
    edges = edge_vectors(neighbor_list(cells, model.cutoff, capacity), cells, model.cutoff)
    energy, forces, virial = evaluate_edges(model, parameters, cells.numbers, edges)
    n_atoms = jnp.maximum(cells.n_atoms, 1)
    stress = virial / cells.volume[:, None, None]

    here = cells.n_atoms > 0
    energy_error = (energy - labels.energy) / n_atoms
    forces_error = jnp.where(cells.present[..., None], forces - labels.forces, 0.0)
    stress_error = jnp.where(labels.has_stress[:, None, None], stress - labels.stress, 0.0)
    loss = (
        weights.energy * optax.huber_loss(energy_error, delta=weights.delta)
        + weights.forces * _mean_force(optax.huber_loss(forces_error, delta=weights.delta), n_atoms)
        + weights.stress
        * jnp.mean(optax.huber_loss(stress_error, delta=weights.delta), axis=(1, 2))
    )
    total = lambda x: jnp.sum(jnp.where(here, x, 0.0))  # noqa: E731
    return Sums(
        loss=total(loss),
        energy_error=total(jnp.abs(energy_error)),
        forces_error=total(_mean_force(jnp.abs(forces_error), n_atoms)),
        stress_error=total(jnp.mean(jnp.abs(stress_error), axis=(1, 2))),
        n=jnp.sum(here),
        n_stress=jnp.sum(labels.has_stress),
    )


def _mean_force(components: jax.Array, n_atoms: jax.Array) -> jax.Array:
    """Mean over the 3n components of real atoms, `[S, N, 3]` to `[S]`."""
    return jnp.sum(components, axis=(1, 2)) / (3 * n_atoms)
