"""Convert Nequix checkpoints into NequIP configurations and parameters.

Nequix (Koker, Kotak and Smidt, arXiv:2508.16067) is a NequIP network with harmonics of their true
parity, one-hot species as its first features, and a normalisation before each gate. A `.nqx` file
is one line of JSON, the settings, and the weights as arrays in numpy's format one after another,
without names: their order and shapes follow from the settings. Object arrays, which are pickles,
are refused; what follows the last weight (some files repeat their settings there) is not read.
"""

from __future__ import annotations

import io
import itertools
import json
import math
from pathlib import Path
from typing import Any

import e3nn_jax as e3nn
import numpy as np

from a2c_ray.errors import InputError
from a2c_ray.potentials.nequip.network import (
    NequIPConfig,
    gate_irreps,
    layer_paths,
    layer_shapes,
)

GATE_SILU_SCALE = 1.6765620560798837
"""e3nn-jax's estimate of 1/sqrt(E[silu(z)²]) from a million quantiles; gates are scaled by it."""

RADIAL_SILU_SCALE = 1.0
"""The radial networks use silu as it is."""

MOST = {"n_layers": 100, "radial_mlp_layers": 100, "lmax": 12}
"""Of settings that decide how many shapes there are, before any array is looked at."""

UNSUPPORTED = ("index_weights", "add_repulsion")
"""Settings of variants that this network does not have; published universal ones leave them off."""

Leaves = dict[str, np.ndarray]


class NequixFileError(InputError):
    """A file is no Nequix checkpoint that can be used; the message says why."""


def load_nequix(file: Path) -> tuple[NequIPConfig, dict[str, Any]]:
    """Configuration and parameters of `NequIP` from a `.nqx` file.

    Raises:
        NequixFileError: the file cannot be read, or is of a variant that is not supported.
    """
    try:
        stream = io.BytesIO(file.read_bytes())
        settings = _read_settings(stream)
        config = nequix_config(settings)
        return config, nequix_parameters(config, settings, _read_leaves(stream, config))
    except (OSError, ValueError) as error:
        raise NequixFileError(f"{file} is no usable Nequix checkpoint: {error}") from error


def nequix_config(settings: dict[str, Any]) -> NequIPConfig:
    """Architecture of a checkpoint.

    Raises:
        ValueError: a setting is missing, or asks for what this network does not have.
    """
    for name in UNSUPPORTED:
        if settings.get(name):
            raise ValueError(f"its setting {name} is not supported")
    for name, most in MOST.items():
        if name in settings and not 0 <= float(settings[name]) <= most:
            raise ValueError(f"its setting {name} is {settings[name]}, expected at most {most}")
    try:
        irreps = e3nn.Irreps(settings["hidden_irreps"])
        if list(irreps) != list(irreps.regroup()) or irreps[0].ir != "0e" or "0o" in irreps:
            raise ValueError(f"its irreps {irreps} are not 0e, then higher degrees in order")
        species = sorted(int(z) for z in settings["atomic_numbers"])
        n_layers, n_hidden = int(settings["n_layers"]), int(settings["radial_mlp_layers"])
        return NequIPConfig(
            species=tuple(species),
            embedding_irreps=f"{len(species)}x0e",
            layer_irreps=(str(irreps),) * (n_layers - 1) + (str(irreps[:1]),),
            edge_irreps=str(e3nn.s2_irreps(int(settings["lmax"]))),
            cutoff=float(settings["cutoff"]),
            n_basis=int(settings["radial_basis_size"]),
            envelope="polynomial",
            envelope_parameter=float(settings["radial_polynomial_p"]),
            radial_hidden=(int(settings["radial_mlp_size"]),) * n_hidden,
            silu_scale=GATE_SILU_SCALE,
            denominator=math.sqrt(float(settings["avg_n_neighbors"])),
            self_connection="linear",
            readout_hidden=0,
            radial_silu_scale=RADIAL_SILU_SCALE,
            layer_norm=bool(settings["layer_norm"]),
        )
    except KeyError as error:
        raise ValueError(f"its first line has no {error}") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"its settings are not those of Nequix: {error}") from error


def nequix_parameters(
    config: NequIPConfig, settings: dict[str, Any], leaves: Leaves
) -> dict[str, Any]:
    """Parameters of `NequIP(config)`, in double precision, which changes of scale do not round.

    Args:
        config: from `nequix_config`.
        settings: of the checkpoint; they hold the scale and shift of energies, eV.
        leaves: weights by the names of `leaf_shapes`.
    """
    n_species = len(config.species)
    parameters: dict[str, Any] = {
        "bessel_frequencies": np.arange(1, config.n_basis + 1) * np.pi / config.cutoff,
        "species_embedding": np.sqrt(n_species) * np.eye(n_species),
        "scale": np.full(n_species, float(settings["scale"])),
        "shift": leaves["atom_energies"] + float(settings["shift"]),
        "readout_energy": {"0e": leaves["readout/0e"]},
    }
    for k in range(len(config.layer_irreps)):
        parameters[f"layer_{k}"] = _layer(config, leaves, k)
    return parameters


def leaf_shapes(config: NequIPConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a checkpoint's arrays, in the order of the file.

    Names are ours: `layer_0/linear_1/1o` are the weights of one irrep, `layer_0/radial/2` those of
    one map of the radial network.
    """
    shapes: dict[str, tuple[int, ...]] = {"atom_energies": (len(config.species),)}
    for k, (irreps_in, irreps_out) in enumerate(layer_shapes(config)):
        irreps_gate, received = gate_irreps(irreps_out), _received(config, k)
        widths = (config.n_basis, *config.radial_hidden, received.num_irreps)
        radial = enumerate(itertools.pairwise(widths))
        shapes |= {f"layer_{k}/radial/{i}": shape for i, shape in radial}
        shapes |= _linear_shapes(f"layer_{k}/linear_1", irreps_in, irreps_in)
        shapes |= _linear_shapes(f"layer_{k}/linear_2", received, irreps_gate)
        shapes |= _linear_shapes(f"layer_{k}/self_connection", irreps_in, irreps_gate)
        if config.layer_norm:
            shapes |= {f"layer_{k}/layer_norm/{ir}": (mul,) for mul, ir in irreps_gate}
    return shapes | _linear_shapes("readout", irreps_out, e3nn.Irreps("0e"))


def _linear_shapes(
    name: str, irreps_in: e3nn.Irreps, irreps_out: e3nn.Irreps
) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}/{ir}": (mul, irreps_out.count(ir)) for mul, ir in irreps_in if ir in irreps_out
    }


def _read_settings(stream: io.BytesIO) -> dict[str, Any]:
    try:
        settings = json.loads(stream.readline())
    except ValueError as error:
        raise ValueError("its first line is not JSON") from error
    if not isinstance(settings, dict):
        raise ValueError("its first line holds no settings")
    return settings


def _read_leaves(stream: io.BytesIO, config: NequIPConfig) -> Leaves:
    leaves = {}
    for name, shape in leaf_shapes(config).items():
        try:
            array = np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, EOFError, MemoryError) as error:
            raise ValueError(f"cannot read {name}: {error}") from error
        if array.shape != shape or array.dtype.kind != "f":
            raise ValueError(
                f"{name} is of shape {array.shape} and type {array.dtype}, expected {shape} floats"
            )
        if not np.isfinite(array).all():
            raise ValueError(f"{name} is not finite")
        leaves[name] = array.astype(np.float64)
    return leaves


def _received(config: NequIPConfig, k: int) -> e3nn.Irreps:
    """Channels that the paths of a layer give to each irrep."""
    receivers = gate_irreps(layer_shapes(config)[k][1])
    channels = [0] * len(receivers)
    for path in layer_paths(config, k):
        channels[path.receiver] += path.channels
    return e3nn.Irreps([(n, ir) for n, (_, ir) in zip(channels, receivers, strict=True) if n])


def _layer(config: NequIPConfig, leaves: Leaves, k: int) -> dict[str, Any]:
    layer: dict[str, Any] = {}
    for name in ("linear_1", "linear_2", "self_connection", "layer_norm"):
        prefix = f"layer_{k}/{name}/"
        if blocks := {n.removeprefix(prefix): x for n, x in leaves.items() if n.startswith(prefix)}:
            layer[name] = blocks

    # Our radial maps divide by the root of their number of inputs; the checkpoint's do not.
    n_hidden = len(config.radial_hidden)
    radial = [leaves[f"layer_{k}/radial/{i}"] for i in range(n_hidden + 1)]
    *hidden, last = (weight * np.sqrt(len(weight)) for weight in radial)
    layer["radial"] = {f"weight_{i}": weight for i, weight in enumerate(hidden)}

    start = 0
    for path in sorted(layer_paths(config, k), key=lambda path: path.receiver):
        stop = start + path.channels
        layer[f"radial_{path.name}"] = last[:, start:stop]
        start = stop
    return layer
