"""What the weights of a network must be, by its configuration alone."""

from __future__ import annotations

from typing import Any

import e3nn_jax as e3nn
import numpy as np
from flax.traverse_util import flatten_dict

from a2c_ray.potentials.nequip.network import NequIPConfig, gate_irreps, layer_shapes

Shapes = dict[str, tuple[int, ...]]


def parameter_shapes(config: NequIPConfig) -> Shapes:
    """Shape of each parameter of `NequIP(config)`, by its path, such as `layer_0/linear_1/0e`."""
    n_species, bias = len(config.species), config.scalar_bias
    shapes: Shapes = {
        "bessel_frequencies": (config.n_basis,),
        "species_embedding": (n_species, e3nn.Irreps(config.embedding_irreps).dim),
        "scale": (n_species,),
        "shift": (n_species,),
    }
    for k, (irreps_in, irreps_out) in enumerate(layer_shapes(config)):
        for name, shape in _layer(config, irreps_in, irreps_out).items():
            shapes[f"layer_{k}/{name}"] = shape
    if config.readout_hidden:
        scalars = e3nn.Irreps([(config.readout_hidden, "0e")])
        shapes |= _linear("readout_hidden", irreps_out, scalars, bias)
        irreps_out = scalars
    return shapes | _linear("readout_energy", irreps_out, e3nn.Irreps("0e"))


def wrong_parameter(config: NequIPConfig, parameters: dict[str, Any]) -> str | None:
    """What is wrong with the first of the weights that does not fit, or is not finite, in words."""
    found = flatten_dict(parameters, sep="/")
    expected = parameter_shapes(config)
    for name, shape in expected.items():
        if name not in found:
            return f"there is no tensor {name}, of shape {list(shape)}"
        if np.shape(found[name]) != shape:
            return (
                f"tensor {name} has shape {list(np.shape(found[name]))}, but the network needs "
                f"{list(shape)}"
            )
        if not np.all(np.isfinite(found[name])):
            return f"tensor {name} holds numbers that are not finite"
    unknown = sorted(found.keys() - expected.keys())
    return f"the network has no tensor {unknown[0]}" if unknown else None


def _layer(config: NequIPConfig, irreps_in: e3nn.Irreps, irreps_out: e3nn.Irreps) -> Shapes:
    irreps_gate, irreps_edge = gate_irreps(irreps_out), e3nn.Irreps(config.edge_irreps)
    widths = (config.n_basis, *config.radial_hidden)
    shapes: Shapes = {
        f"radial/weight_{i}": widths[i : i + 2] for i in range(len(config.radial_hidden))
    }
    received = [0] * len(irreps_gate)
    for channels, ir1 in irreps_in:
        for _, ir2 in irreps_edge:
            for k, (_, ir3) in enumerate(irreps_gate):
                if ir3 in ir1 * ir2:
                    shapes[f"radial_{ir1}_{ir2}_{ir3}"] = (widths[-1], channels)
                    received[k] += channels
    irreps_received = e3nn.Irreps(
        [(n, ir) for n, (_, ir) in zip(received, irreps_gate, strict=True) if n]
    )
    n_species = (len(config.species),) if config.self_connection == "species" else ()
    for name, shape in _linear("self_connection", irreps_in, irreps_gate).items():
        shapes[name] = (*n_species, *shape)
    shapes |= _linear("linear_1", irreps_in, irreps_in, config.scalar_bias)
    shapes |= _linear("linear_2", irreps_received, irreps_gate, config.scalar_bias)
    if config.layer_norm:
        shapes |= {f"layer_norm/{ir}": (channels,) for channels, ir in irreps_gate}
    return shapes


def _linear(
    name: str, irreps_in: e3nn.Irreps, irreps_out: e3nn.Irreps, bias: bool = False
) -> Shapes:
    """Of `IrrepsLinear`."""
    inputs = {ir: channels for channels, ir in irreps_in}
    shapes: Shapes = {
        f"{name}/{ir}": (inputs[ir], channels) for channels, ir in irreps_out if ir in inputs
    }
    return shapes | ({f"{name}/bias": (irreps_out[0].mul,)} if bias else {})
