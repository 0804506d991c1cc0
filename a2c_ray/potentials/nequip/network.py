"""NequIP, an equivariant message-passing network, as a flax module.

General over irreps, layers, cutoff, radial basis, envelope and normalisation, so that one module
holds SevenNet-0, SevenNet-l3i5, SevenNet-MF-0, Nequix and the network of the a²c paper.

Source: Batzner et al., Nat. Commun. 13, 2453 (2022); a²c paper, Methods, "Deep learning methods".
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import e3nn_jax as e3nn
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.cells import MAX_ATOMIC_NUMBER
from a2c_ray.potentials.neighbors import Edges
from a2c_ray.potentials.nequip.compiled_convolution import (
    CompiledEdges,
    compiled_edges,
    convolve_edges,
)
from a2c_ray.potentials.nequip.compiled_images import CompiledImages, convolve_images
from a2c_ray.potentials.nequip.convolution import (
    EdgeFeatures,
    Features,
    PairFeatures,
    Pairs,
    Path,
    convolve,
    make_pairs,
    sum_images,
    tensor_product_paths,
)
from a2c_ray.potentials.nequip.fused_convolution import convolve_fused
from a2c_ray.potentials.nequip.harmonics import edge_harmonics
from a2c_ray.potentials.nequip.irreps_layers import IrrepsLinear, RMSNorm, SpeciesLinear
from a2c_ray.potentials.nequip.radial import (
    RadialHidden,
    bessel_basis,
    interpolate,
    polynomial_envelope,
    xplor_envelope,
)

MOST_CUTOFF = 20.0
"""Å; tables and neighbour lists of more take memory without bounds."""

COMPILED_EDGE_COST = 0.3
"""Measured cost of an edge in compiled loops, relative to an edge whose pair is summed."""

MOST_DEGREE = 12
"""Of spherical harmonics; the coupling of higher ones takes minutes to be computed."""


@dataclasses.dataclass(frozen=True)
class NequIPConfig:
    """Architecture of a NequIP network.

    species: atomic numbers known, in the order of the embedding.
    embedding_irreps: scalars of the species embedding.
    layer_irreps: node features after each convolution; of the last only scalars are read out.
    edge_irreps: spherical harmonics of an edge.
    cutoff: Å.
    n_basis: number of Bessel functions.
    envelope: "xplor" or "polynomial".
    envelope_parameter: onset in Å of "xplor", exponent p of "polynomial".
    radial_hidden: neurons of each hidden layer of the radial network.
    silu_scale: factor that gives silu unit second moment under a normal distribution.
    denominator: divisor of the sum over neighbours.
    self_connection: "linear", or "species" for one linear map a species.
    readout_hidden: scalars between the two linear maps of the readout; 0 for a single map.
    radial_silu_scale: `silu_scale` of the radial network, where it has another.
    layer_norm: normalise the features of each atom before the gate, see `RMSNorm`.
    scalar_bias: add constants to scalars before and after each convolution, and in the readout
        before its last map.
    """

    species: tuple[int, ...]
    embedding_irreps: str
    layer_irreps: tuple[str, ...]
    edge_irreps: str
    cutoff: float
    n_basis: int
    envelope: str
    envelope_parameter: float
    radial_hidden: tuple[int, ...]
    silu_scale: float
    denominator: float
    self_connection: str
    readout_hidden: int
    radial_silu_scale: float | None = None
    layer_norm: bool = False
    scalar_bias: bool = False

    def __post_init__(self) -> None:
        for name in ("species", "layer_irreps", "radial_hidden"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.envelope not in ("xplor", "polynomial"):
            raise ValueError(f"envelope must be 'xplor' or 'polynomial', not {self.envelope!r}")
        if self.self_connection not in ("linear", "species"):
            raise ValueError(
                f"self_connection must be 'linear' or 'species', not {self.self_connection!r}"
            )
        known = set(range(1, MAX_ATOMIC_NUMBER + 1))
        if len(set(self.species)) != len(self.species) or not known.issuperset(self.species):
            raise ValueError(f"species must be distinct atomic numbers, not {self.species}")
        if not (0 < self.cutoff <= MOST_CUTOFF and self.denominator > 0):
            raise ValueError(
                f"cutoff {self.cutoff} Å and denominator {self.denominator} must be above 0, and "
                f"the cutoff at most {MOST_CUTOFF} Å"
            )
        numbers = (self.envelope_parameter, self.silu_scale, self.radial_silu_scale or 1.0)
        if not np.all(np.isfinite(numbers)):
            raise ValueError(f"envelope_parameter and scales of silu must be finite: {numbers}")
        for irreps in (self.embedding_irreps, *self.layer_irreps, self.edge_irreps):
            kinds = [ir for _, ir in e3nn.Irreps(irreps)]
            if not kinds or kinds[0].l or len(set(kinds)) < len(kinds):
                raise ValueError(f"irreps {irreps} do not begin with scalars, or name some twice")
            if max(ir.l for ir in kinds) > MOST_DEGREE:
                raise ValueError(f"irreps {irreps} are beyond degree {MOST_DEGREE}")


def most_degree(config: NequIPConfig) -> int:
    """Highest l of features and harmonics."""
    irreps = (config.embedding_irreps, *config.layer_irreps, config.edge_irreps)
    return max(ir.l for each in irreps for _, ir in e3nn.Irreps(each))


def layer_shapes(config: NequIPConfig) -> list[tuple[e3nn.Irreps, e3nn.Irreps]]:
    """Irreps that each layer gets and gives."""
    irreps = [e3nn.Irreps(i) for i in (config.embedding_irreps, *config.layer_irreps)]
    return list(itertools.pairwise(irreps))


def layer_paths(config: NequIPConfig, k: int) -> list[Path]:
    """Paths of the tensor product of one layer."""
    irreps_in, irreps_out = layer_shapes(config)[k]
    return tensor_product_paths(irreps_in, e3nn.Irreps(config.edge_irreps), gate_irreps(irreps_out))


def gate_irreps(irreps: e3nn.Irreps) -> e3nn.Irreps:
    """Irreps that the gate turns into `irreps`: their scalars get one gate a non-scalar channel."""
    gates = sum(mul for mul, ir in irreps if ir.l > 0)
    return e3nn.Irreps([(mul + (gates if ir.l == 0 else 0), ir) for mul, ir in irreps])


def gate(features: Features, irreps: e3nn.Irreps, activation: Callable) -> Features:
    """Activate scalars; scale every other channel by its own activated scalar."""
    scalars, start = activation(features[0]), irreps[0].mul
    out = [scalars[..., :start]]
    for (mul, _), x in zip(irreps[1:], features[1:], strict=True):
        out.append(x * scalars[..., start : start + mul])
        start += mul
    return out


def silu_activation(scale: float) -> Callable[[jax.Array], jax.Array]:
    """silu, scaled as the weights were trained."""
    return lambda x: scale * nn.silu(x)


def radial_network(config: NequIPConfig, name: str | None = None) -> RadialHidden:
    """Hidden layers of the radial network of one layer."""
    scale = config.radial_silu_scale
    activation = silu_activation(config.silu_scale if scale is None else scale)
    return RadialHidden(config.radial_hidden, activation, name=name)


def edge_embedding(config: NequIPConfig, frequencies: jax.Array, distance: jax.Array) -> jax.Array:
    """Radial basis times envelope, `[...]` (Å) to `[..., n_basis]`; zero from the cutoff on."""
    switch = {"xplor": xplor_envelope, "polynomial": polynomial_envelope}[config.envelope]
    envelope = switch(distance, config.cutoff, config.envelope_parameter)
    return bessel_basis(distance, frequencies, config.cutoff) * envelope[..., None]


Graph = tuple[Pairs, jax.Array | PairFeatures] | CompiledEdges | CompiledImages
"""What layers know of the edges: pairs of atoms, and what their radial weights are made from, which
is the embedding of each edge, `[A, K, n_basis]`, or pair features that all layers share; or what
compiled loops work on."""


class Interaction(nn.Module):
    """One layer: convolution, self-connection, normalisation if there is one, and gate."""

    config: NequIPConfig
    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps
    kernels: str

    @nn.compact
    def __call__(
        self,
        features: Features,
        species: jax.Array,
        graph: Graph,
    ) -> Features:
        """Features after the layer.

        Args:
            features: one `[2l+1, A, channels]` an irrep.
            species: `[A]`.
            graph: geometry.
        """
        config = self.config
        irreps_gate = gate_irreps(self.irreps_out)
        irreps_edge = e3nn.Irreps(config.edge_irreps)
        paths = tensor_product_paths(self.irreps_in, irreps_edge, irreps_gate)
        if config.self_connection == "linear":
            skip = IrrepsLinear(self.irreps_in, irreps_gate, name="self_connection")(features)
        else:
            skip = SpeciesLinear(
                self.irreps_in, irreps_gate, len(config.species), name="self_connection"
            )(features, species)

        bias = config.scalar_bias
        mixed = IrrepsLinear(self.irreps_in, self.irreps_in, bias, name="linear_1")(features)
        messages = self.messages(paths, mixed, graph)
        irreps_received = e3nn.Irreps(
            [
                (message.shape[-1], irreps_gate[k].ir)
                for k, message in zip(sorted({p.receiver for p in paths}), messages, strict=True)
            ]
        )
        messages = [message / config.denominator for message in messages]
        out = IrrepsLinear(irreps_received, irreps_gate, bias, name="linear_2")(messages)
        out = [a + b for a, b in zip(out, skip, strict=True)]
        if config.layer_norm:
            out = RMSNorm(irreps_gate, name="layer_norm")(out)
        return gate(out, self.irreps_out, silu_activation(config.silu_scale))

    def messages(self, paths: list[Path], features: Features, graph: Graph) -> Features:
        """What atoms receive, see `convolution.convolve`."""
        if isinstance(graph, CompiledEdges | CompiledImages):
            size = (graph.n_knots, 2, sum(path.channels for path in paths))
            table = self.param("weight_table", nn.initializers.normal(1.0), size)
            irreps = e3nn.Irreps(self.irreps_in)
            if isinstance(graph, CompiledEdges):
                return convolve_edges(paths, irreps, features, graph, table)
            return convolve_images(paths, irreps, features, graph, table)

        pairs, radial = graph
        irreps_edge = e3nn.Irreps(self.config.edge_irreps)
        if isinstance(radial, jax.Array):
            hidden = radial_network(self.config, name="radial")(radial)
            pair_features, n_radial = sum_images(pairs, hidden, irreps_edge), hidden.shape[-1]
        else:
            pair_features = radial
            n_radial = jax.tree.leaves(pair_features)[-1].shape[-1]
        last_layer = []
        for path in paths:
            shape = (n_radial, path.channels)
            weight = self.param(f"radial_{path.name}", nn.initializers.normal(1.0), shape)
            last_layer.append(weight / np.sqrt(n_radial))
        if self.kernels != "e3j":
            return convolve(paths, features, pairs.senders, pair_features, last_layer)
        if not isinstance(pair_features, EdgeFeatures):
            raise AssertionError("pairs must be single edges for e3j")
        irreps = (self.irreps_in, irreps_edge, gate_irreps(self.irreps_out))
        return convolve_fused(paths, irreps, features, pairs.senders, pair_features, last_layer)


class NequIP(nn.Module):
    """Atomic energies from species and edges.

    config: architecture.
    table_shape: of `radial_table`, if the radial networks have been replaced by a table
        (`radial_table.tabulate_radial`).
    kernels: that compute the convolutions, one of `fused_convolution.KERNELS`.
    """

    config: NequIPConfig
    table_shape: tuple[int, ...] | None = None
    kernels: str = "xla"

    @nn.compact
    def __call__(self, species: jax.Array, edges: Edges) -> jax.Array:
        """Energies of atoms.

        Args:
            species: index into `config.species`, int32 `[S, N]`.
            edges: of each atom, within the cutoff.

        Returns:
            Energy of each atom, eV, `[S, N]`.
        """
        config = self.config
        batch, species = species.shape, species.reshape(-1)
        harmonics = edge_harmonics(e3nn.Irreps(config.edge_irreps).ls, edges.vectors)
        distance = jnp.sqrt(jnp.sum(edges.vectors**2, axis=-1))
        graph: Graph
        if self.kernels == "numba" and self.table_shape is not None:
            graph = self.compiled_graph(edges, harmonics, distance, self.table_shape[0])
        else:
            pairs = make_pairs(edges, harmonics, single_edges=self.kernels == "e3j")
            distance = distance.reshape(species.size, -1)
            graph = pairs, self.radial_features(distance, pairs)

        n_species, n_embedded = len(config.species), e3nn.Irreps(config.embedding_irreps).dim
        shape = (n_species, n_embedded)
        weight = self.param("species_embedding", nn.initializers.normal(1.0), shape)
        features = [(weight / np.sqrt(n_species))[species][None]]
        for k, (irreps_in, irreps_out) in enumerate(layer_shapes(config)):
            layer = Interaction(config, irreps_in, irreps_out, self.kernels, name=f"layer_{k}")
            features = layer(features, species, graph)

        if config.readout_hidden:
            scalars = e3nn.Irreps([(config.readout_hidden, "0e")])
            hidden = IrrepsLinear(irreps_out, scalars, config.scalar_bias, name="readout_hidden")
            features, irreps_out = hidden(features), scalars
        energy = IrrepsLinear(irreps_out, e3nn.Irreps("0e"), name="readout_energy")(features)[0]
        scale = self.param("scale", nn.initializers.ones, (len(config.species),))
        shift = self.param("shift", nn.initializers.zeros, (len(config.species),))
        return (scale[species] * energy[0, :, 0] + shift[species]).reshape(batch)

    def compiled_graph(
        self, edges: Edges, harmonics: jax.Array, distance: jax.Array, n_intervals: int
    ) -> CompiledEdges | CompiledImages:
        """What compiled loops work on: edges, or sums over the edges of each pair of atoms.

        Args:
            edges: of each atom.
            harmonics: of each edge, `[S, N, M, K]`.
            distance: of each edge, Å, `[S, N, K]`.
            n_intervals: of the table of radial weights.
        """
        n_slots, n_atoms, n_edges = edges.senders.shape
        place = jnp.where(edges.mask, distance * (n_intervals / self.config.cutoff), n_intervals)
        place = place.reshape(-1, n_edges)
        harmonics = harmonics.reshape(len(place), -1, n_edges)
        irreps = e3nn.Irreps(self.config.edge_irreps)
        if n_atoms <= COMPILED_EDGE_COST * n_edges:
            senders = edges.senders.reshape(place.shape)
            place = jnp.where(edges.forward.reshape(place.shape), place, n_intervals)
            return CompiledImages(senders, harmonics, irreps, place, n_intervals + 1, n_atoms)
        first = n_atoms * jnp.arange(n_slots, dtype=jnp.int32)[:, None, None]
        senders = (first + edges.senders).reshape(place.shape)
        layers = range(len(self.config.layer_irreps))
        paths = [path for k in layers for path in layer_paths(self.config, k)]
        return compiled_edges(paths, irreps, senders, harmonics, place, n_intervals + 1)

    def radial_features(self, distance: jax.Array, pairs: Pairs) -> jax.Array | PairFeatures:
        """What layers make their radial weights from, see `Graph`.

        Args:
            distance: of each edge, `[A, K]`.
            pairs: of the graph.
        """
        config = self.config
        if self.table_shape is not None:
            table = self.param("radial_table", nn.initializers.normal(1.0), self.table_shape)
            radial = interpolate(distance, table, config.cutoff)
            return sum_images(pairs, radial, e3nn.Irreps(config.edge_irreps))
        frequencies = self.param(
            "bessel_frequencies",
            lambda _, n: jnp.arange(1, n + 1) * np.pi / config.cutoff,
            config.n_basis,
        )
        return edge_embedding(config, frequencies, distance)
