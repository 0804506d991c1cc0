"""A network as a potential: its energy, its fast form, and a bound on what it may say."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.cells import MAX_ATOMIC_NUMBER
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.nequip.kernels import choose_kernels, kernels_here
from a2c_ray.potentials.nequip.network import NequIP, NequIPConfig
from a2c_ray.potentials.nequip.pruning import pruned
from a2c_ray.potentials.nequip.radial_table import tabulate_radial
from a2c_ray.potentials.potential import Potential

BINDING_MARGIN = 5.0
"""eV; the energy floor of an element lies this far below its reference energy."""


def nequip_potential(
    name: str,
    config: NequIPConfig,
    parameters: dict[str, Any],
    fingerprint: str,
    dtype: str,
    kernels: str = "auto",
) -> Potential:
    """A network as a potential.

    Args:
        name: for messages and records.
        config, parameters: of the network.
        fingerprint: identifies them.
        dtype, kernels: see `load_potential`.
    """
    config, parameters = pruned(config, parameters)
    kernels = choose_kernels(kernels, config, dtype)
    shift = np.asarray(parameters["shift"], np.float64)
    floor = np.full(MAX_ATOMIC_NUMBER + 1, -np.inf)
    floor[list(config.species)] = np.minimum(shift, 0.0) - BINDING_MARGIN
    floor[0] = 0.0

    table_shape = None
    if dtype == "float32":
        parameters = tabulate_radial(config, parameters, with_weights=kernels == "numba")
        table_shape = parameters["radial_table"].shape
    return Potential(
        name=name,
        model=nequip_model(config, table_shape, kernels),
        elements=tuple(sorted(config.species)),
        parameters=jax.tree.map(lambda x: np.asarray(x, dtype), parameters),
        dtype=dtype,
        fingerprint=fingerprint,
        energy_floor=floor,
    )


def nequip_model(
    config: NequIPConfig, table_shape: tuple[int, ...] | None = None, kernels: str = "xla"
) -> EnergyModel:
    """The energy function of a network; its arguments are those of `NequIP`."""
    species_of = np.zeros(MAX_ATOMIC_NUMBER + 1, np.int32)
    species_of[list(config.species)] = np.arange(len(config.species))

    def atomic_energies(parameters: Any, numbers: jax.Array, edges: Edges) -> jax.Array:
        network = NequIP(config, table_shape, kernels_here(kernels))
        species = jnp.asarray(species_of)[numbers]
        energies: Any = network.apply({"params": parameters}, species, edges)
        return energies

    return EnergyModel(atomic_energies, config.cutoff)
