"""Gradient steps: Adam with a linearly decaying learning rate, and averaged weights.

Source: a²c paper, Methods, "Deep learning methods"; the exponential moving average of the weights,
with which potentials are validated and saved, is as in NequIP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import struct
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.training.batches import Batch
from a2c_ray.training.loss import LossWeights, Sums, batch_sums

FIXED = ("scale", "shift")
"""Parameters that come from statistics of the data and are not trained."""

DEVICES = "devices"
"""Name of the mesh axis along which the structures of a batch are spread."""


@dataclass(frozen=True)
class Recipe:
    """How a network is fitted.

    epochs: times that every structure is seen.
    batch_size: structures of a gradient step.
    learning_rate: of the first step; it decays linearly to zero.
    weights: of the loss.
    averaging: decay of the weights' moving average in one step.
    max_gradient_norm: longer gradients are shortened; None to leave them.
    """

    epochs: int
    batch_size: int = 64
    learning_rate: float = 5e-3
    weights: LossWeights = field(default_factory=LossWeights)
    averaging: float = 0.99
    max_gradient_norm: float | None = None


@struct.dataclass
class FitState:
    """Everything that changes from step to step.

    parameters: of the network.
    averaged: their moving average.
    optimizer: state of the optimizer.
    step: gradient steps taken, int32.
    """

    parameters: Any
    averaged: Any
    optimizer: Any
    step: jax.Array


Step = Callable[[FitState, Batch], tuple[FitState, Sums]]
Validate = Callable[[Any, Batch], Sums]


def make_optimizer(recipe: Recipe, n_steps: int) -> optax.GradientTransformation:
    """Adam, after clipping if the recipe asks for it."""
    adam = optax.adam(optax.linear_schedule(recipe.learning_rate, 0.0, n_steps))
    if recipe.max_gradient_norm is None:
        return adam
    return optax.chain(optax.clip_by_global_norm(recipe.max_gradient_norm), adam)


def first_state(parameters: Any, optimizer: optax.GradientTransformation) -> FitState:
    """Before the first step."""
    parameters = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), parameters)
    averaged = jax.tree.map(jnp.copy, parameters)
    return FitState(parameters, averaged, optimizer.init(parameters), jnp.int32(0))


def device_mesh() -> Mesh:
    """All devices of this process in a row."""
    return Mesh(np.array(jax.devices()), (DEVICES,))


def replicate(state: FitState, mesh: Mesh) -> FitState:
    """Put a state onto every device."""
    return jax.device_put(state, NamedSharding(mesh, PartitionSpec()))


def make_step(
    model: EnergyModel,
    capacities: Sequence[Capacity],
    recipe: Recipe,
    optimizer: optax.GradientTransformation,
    mesh: Mesh,
) -> Step:
    """The compiled gradient step; each device takes its share of the slots of each stratum."""

    def loss(parameters: Any, batch: Batch) -> tuple[jax.Array, Sums]:
        fixed = {name: jax.lax.stop_gradient(parameters[name]) for name in FIXED}
        sums = batch_sums(model, parameters | fixed, batch, capacities, recipe.weights)
        return sums.loss, sums

    def summed_gradient(parameters: Any, batch: Batch) -> tuple[Any, Sums]:
        gradient, sums = jax.grad(loss, has_aux=True)(parameters, batch)
        return jax.lax.psum((gradient, sums), DEVICES)

    spread = _spread(summed_gradient, mesh)

    @partial(jax.jit, donate_argnums=0)
    def step(state: FitState, batch: Batch) -> tuple[FitState, Sums]:
        gradient, sums = spread(state.parameters, batch)
        gradient = jax.tree.map(lambda g: g / jnp.maximum(sums.n, 1), gradient)
        updates, optimizer_state = optimizer.update(gradient, state.optimizer, state.parameters)
        parameters = optax.apply_updates(state.parameters, updates)
        averaged = optax.incremental_update(parameters, state.averaged, 1.0 - recipe.averaging)
        return FitState(parameters, averaged, optimizer_state, state.step + 1), sums

    return step


def make_validate(
    model: EnergyModel, capacities: Sequence[Capacity], weights: LossWeights, mesh: Mesh
) -> Validate:
    """The compiled evaluation of one batch."""

    def sums(parameters: Any, batch: Batch) -> Sums:
        return jax.lax.psum(batch_sums(model, parameters, batch, capacities, weights), DEVICES)

    return jax.jit(_spread(sums, mesh))


def _spread(function: Callable[[Any, Batch], Any], mesh: Mesh) -> Callable[[Any, Batch], Any]:
    """Let each device of a mesh work on its slots."""
    return jax.shard_map(
        function,
        mesh=mesh,
        in_specs=(PartitionSpec(), PartitionSpec(DEVICES)),
        out_specs=PartitionSpec(),
        check_vma=False,
    )
