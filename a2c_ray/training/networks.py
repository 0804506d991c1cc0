"""The network that is trained: a new one, or one that has been trained before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import e3nn_jax as e3nn
import jax
import jax.numpy as jnp
import numpy as np
from ase.data import chemical_symbols
from ase.neighborlist import primitive_neighbor_list

from a2c_ray.errors import InputError
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.nequip.network import MOST_DEGREE, NequIP, NequIPConfig
from a2c_ray.training.labelled import DataError, Labelled
from a2c_ray.training.reference_energies import fit_reference_energies

Parameters = dict[str, Any]

COUNTED_STRUCTURES = 200
"""From whose neighbours the mean number is taken."""

SMALLEST_SCALE = 0.01
"""eV/Å; of forces so small that they would not tell a scale."""


@dataclass(frozen=True)
class Architecture:
    """A network but for what follows from the data.

    species: atomic numbers; None for those of the data.
    layers: of message passing.
    irreps: features after each layer, of even parity, "64x0e+32x1e+16x2e".
    l_max: of the spherical harmonics.
    cutoff: Å.
    n_basis: Bessel functions.
    radial_hidden: neurons of the radial network.
    envelope_power: p of the polynomial envelope.
    readout_hidden: scalars before the energy.
    self_connection: "species" for weights of each element's own, or "linear".
    """

    species: tuple[int, ...] | None
    layers: int
    irreps: str
    l_max: int
    cutoff: float
    n_basis: int
    radial_hidden: tuple[int, ...]
    envelope_power: float
    readout_hidden: int
    self_connection: str

    def __post_init__(self) -> None:
        try:
            irreps = e3nn.Irreps(self.irreps)
        except (ValueError, AttributeError) as error:
            raise InputError(f"irreps {self.irreps!r}: expected e.g. 64x0e+32x1e") from error
        degrees = [ir.l for _, ir in irreps]
        is_usable = all(mul >= 1 and ir.p > 0 and ir.l <= MOST_DEGREE for mul, ir in irreps)
        if not is_usable or degrees != sorted(set(degrees)) or degrees[:1] != [0]:
            raise InputError(
                f"irreps {self.irreps!r}: expected even ones of ascending degree up to "
                f"{MOST_DEGREE}, each once and at least one of it, scalars first, "
                "e.g. 64x0e+32x1e"
            )
        if not 0 <= self.l_max <= MOST_DEGREE:
            raise InputError(f"l_max must be from 0 to {MOST_DEGREE}, not {self.l_max}")


def new_network(
    architecture: Architecture, structures: Sequence[Labelled], seed: int
) -> tuple[NequIPConfig, Parameters]:
    """A network with random weights, whose scales follow from the data.

    Shifts are reference energies by least squares, the scale is the root mean square of the
    forces, and sums over neighbours are divided by the root of their mean number, so that features
    and energies begin with the order of magnitude they need.

    Args:
        architecture: of the network.
        structures: to be trained on.
        seed: of the weights.

    Raises:
        DataError: a structure holds an element that the network is not to know.
    """
    species = architecture.species or elements_of(structures)
    check_species(structures, species)
    scalars = f"{e3nn.Irreps(architecture.irreps)[0].mul}x0e"
    config = NequIPConfig(
        species=species,
        embedding_irreps=scalars,
        layer_irreps=(architecture.irreps,) * architecture.layers,
        edge_irreps="+".join(f"{l}e" for l in range(architecture.l_max + 1)),
        cutoff=architecture.cutoff,
        n_basis=architecture.n_basis,
        envelope="polynomial",
        envelope_parameter=architecture.envelope_power,
        radial_hidden=architecture.radial_hidden,
        silu_scale=silu_scale(),
        denominator=math.sqrt(mean_neighbors(structures, architecture.cutoff)),
        self_connection=architecture.self_connection,
        readout_hidden=architecture.readout_hidden,
    )
    parameters = random_parameters(config, seed)
    forces = np.concatenate([structure.forces.ravel() for structure in structures])
    scale = max(float(np.sqrt(np.mean(forces**2))), SMALLEST_SCALE)
    parameters["scale"] = np.full(len(species), scale)
    parameters["shift"] = fit_reference_energies(structures, species)
    return config, parameters


def adjusted_network(
    config: NequIPConfig, parameters: Parameters, structures: Sequence[Labelled], predicted: Any
) -> Parameters:
    """A trained network whose shifts fit the reference energies of other data.

    Args:
        config, parameters: of the network.
        structures: to be trained on.
        predicted: energies that the network gives them, eV, `[n]`.

    Raises:
        DataError: a structure holds an element that the network does not know, or the network has
            no energy for it.
    """
    check_species(structures, config.species)
    for structure, energy in zip(structures, predicted, strict=True):
        if not math.isfinite(energy):
            raise DataError(
                f"{structure.source}: the network to begin with gives it an energy of {energy}"
            )
    left = [s._replace(energy=s.energy - e) for s, e in zip(structures, predicted, strict=True)]
    correction = fit_reference_energies(left, config.species)
    return parameters | {"shift": np.asarray(parameters["shift"]) + correction}


def random_parameters(config: NequIPConfig, seed: int) -> Parameters:
    """Weights drawn from the distributions that the network's normalisation is made for."""
    drawn = jax.jit(partial(_initialize, config))(jax.random.key(seed))
    return jax.tree.map(np.array, drawn)


def count_parameters(config: NequIPConfig) -> int:
    """Numbers that a network holds, those that its energy does not depend on included."""
    shapes = jax.eval_shape(partial(_initialize, config), jax.random.key(0))
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes))


def _initialize(config: NequIPConfig, key: jax.Array) -> Parameters:
    species, vectors = jnp.zeros((1, 2), jnp.int32), jnp.ones((1, 2, 2, 3))
    real = jnp.ones((1, 2, 2), bool)
    edges = Edges(jnp.zeros((1, 2, 2), jnp.int32), vectors, real, real)
    return NequIP(config).init(key, species, edges)["params"]


def elements_of(structures: Sequence[Labelled]) -> tuple[int, ...]:
    """Atomic numbers in a data set, ascending."""
    return tuple(np.unique(np.concatenate([s.cell.numbers for s in structures])).tolist())


def check_species(structures: Sequence[Labelled], species: Sequence[int]) -> None:
    """Refuse structures with elements that a network does not know.

    Raises:
        DataError: names the first such structure and the elements.
    """
    known = set(species)
    for structure in structures:
        unknown = sorted(set(structure.cell.numbers.tolist()) - known)
        if unknown:
            names = ", ".join(chemical_symbols[z] for z in unknown)
            there = " ".join(chemical_symbols[z] for z in sorted(known))
            raise DataError(f"{structure.source}: the network does not know {names}, only {there}")


def mean_neighbors(structures: Sequence[Labelled], cutoff: float) -> float:
    """Neighbours of an atom, on average over some of the structures, drawn at random."""
    order = np.random.default_rng(0).permutation(len(structures))
    cells = [structures[k].cell for k in order[:COUNTED_STRUCTURES]]
    n_edges = sum(
        len(primitive_neighbor_list("i", [True] * 3, cell.lattice, cell.positions, cutoff))
        for cell in cells
    )
    return max(n_edges / sum(len(cell.numbers) for cell in cells), 1.0)


def silu_scale() -> float:
    """Factor that gives silu unit second moment under a normal distribution: 1/sqrt(E[silu²])."""
    z, weights = np.polynomial.hermite_e.hermegauss(200)
    second_moment = np.sum(weights * (z / (1 + np.exp(-z))) ** 2) / np.sum(weights)
    return float(1.0 / np.sqrt(second_moment))
