"""Convert SevenNet checkpoints into NequIP configurations and parameters.

SevenNet (Park et al., J. Chem. Theory Comput. 20, 4857 (2024)) is a NequIP network; its weights
are flat vectors in e3nn's order. Two of its conventions differ from today's libraries and are
undone here: the sign of some coupling tensors (moved into the radial weights), and a Monte-Carlo
estimate of silu's second moment (kept in the configuration).

A checkpoint of several modalities, which are levels of theory (Kim et al., J. Am. Chem. Soc. 147,
1042 (2025)), gives some linear maps a one-hot of the modality as further scalars. One modality is
chosen here, once and for all: its rows of those maps become biases, its shifts the network's.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import e3nn_jax as e3nn
import numpy as np

from a2c_ray.potentials.nequip.network import (
    NequIPConfig,
    gate_irreps,
    layer_paths,
    layer_shapes,
)

E3NN_SILU_SCALE = 1.6791767923989418
"""e3nn's seeded estimate of 1/sqrt(E[silu(z)²]), part of every weight trained with it."""

MODAL_INPUTS = {
    "use_modal_node_embedding": False,
    "use_modal_self_inter_intro": True,
    "use_modal_self_inter_outro": True,
    "use_modal_output_block": True,
    "use_modal_wise_scale": False,
}
"""Where a checkpoint of several modalities has the one-hot, and where not."""

State = dict[str, np.ndarray]


class Modality(NamedTuple):
    """One of the levels of theory that a checkpoint knows.

    place: of its one in the one-hot.
    n_modalities: numbers in the one-hot.
    """

    place: int
    n_modalities: int


def sevennet_modality(config: dict[str, Any], name: str | None) -> Modality | None:
    """The modality of that name; None in a checkpoint without modalities.

    Raises:
        ValueError: it has no such modality, or treats modalities in another way.
    """
    known: dict[str, int] = config.get("_modal_map", {})
    if name is None and not known:
        return None
    if name not in known:
        there = ", ".join(known) or "none"
        raise ValueError(f"the checkpoint has no modality {name!r}; there are: {there}")
    _require(config, MODAL_INPUTS)
    return Modality(known[name], len(known))


def sevennet_config(
    config: dict[str, Any], state: State, modality: Modality | None = None
) -> NequIPConfig:
    """Architecture of a checkpoint, with its modality fixed if it has several.

    Raises:
        ValueError: the checkpoint uses an option that this network does not have.
    """
    required = {
        "is_parity": False,
        "interaction_type": "nequip",
        "self_connection_type": "linear",
        "act_radial": "silu",
        "use_bias_in_linear": False,
        "readout_as_fcn": False,
    }
    _require(config, required)
    if config["act_scalar"]["e"] != "silu" or config["act_gate"]["e"] != "silu":
        raise ValueError("unsupported SevenNet checkpoint: activation other than silu")

    envelope = config["cutoff_function"]
    name = {"XPLOR": "xplor", "poly_cut": "polynomial"}[envelope["cutoff_function_name"]]
    parameter = envelope["cutoff_on"] if name == "xplor" else envelope["poly_cut_p_value"]
    species = sorted(config["_type_map"], key=config["_type_map"].get)
    irreps = config["irreps_manual"]
    return NequIPConfig(
        species=tuple(int(z) for z in species),
        embedding_irreps=irreps[0],
        layer_irreps=tuple(irreps[1:]),
        edge_irreps="+".join(f"{l}e" for l in range(config["lmax"] + 1)),
        cutoff=float(config["cutoff"]),
        n_basis=int(config["radial_basis"]["bessel_basis_num"]),
        envelope=name,
        envelope_parameter=float(parameter),
        radial_hidden=tuple(config["weight_nn_hidden_neurons"]),
        silu_scale=E3NN_SILU_SCALE,
        denominator=_denominator(state, len(irreps) - 1),
        self_connection="linear",
        readout_hidden=state["reduce_hidden_to_energy.linear.weight"].size,
        scalar_bias=modality is not None,
    )


def sevennet_parameters(
    config: NequIPConfig, state: State, modality: Modality | None = None
) -> dict[str, Any]:
    """Parameters of `NequIP(config)` from a checkpoint's state dict."""
    shift = state["rescale_atomic_energy.shift"]
    irreps = e3nn.Irreps(config.embedding_irreps)
    parameters: dict[str, Any] = {
        "bessel_frequencies": state["edge_embedding.basis_function.coeffs"],
        "species_embedding": state["onehot_to_feature_x.linear.weight"].reshape(
            len(config.species), irreps.dim
        ),
        "scale": state["rescale_atomic_energy.scale"],
        "shift": shift if modality is None else shift[modality.place],
    }
    for k in range(len(config.layer_irreps)):
        parameters[f"layer_{k}"] = _layer(config, state, modality, k)
    scalars = e3nn.Irreps([(config.readout_hidden, "0e")])
    parameters["readout_hidden"] = _linear(
        state["reduce_input_to_hidden.linear.weight"],
        e3nn.Irreps(config.layer_irreps[-1]),
        scalars,
        modality,
    )
    parameters["readout_energy"] = _linear(
        state["reduce_hidden_to_energy.linear.weight"], scalars, e3nn.Irreps("0e")
    )
    return parameters


def _denominator(state: State, n_layers: int) -> float:
    values = {float(state[f"{k}_convolution.denominator"][0]) for k in range(n_layers)}
    if len(values) > 1:
        raise ValueError(f"unsupported SevenNet checkpoint: denominators {sorted(values)} differ")
    return values.pop()


def _require(config: dict[str, Any], values: dict[str, Any]) -> None:
    """Refuse options with other values; a checkpoint that is older than an option lacks it."""
    for key, value in values.items():
        found = config.get(key, value)
        if found != value:
            raise ValueError(f"unsupported SevenNet checkpoint: {key} = {found!r}")


def _layer(config: NequIPConfig, state: State, modality: Modality | None, k: int) -> dict[str, Any]:
    irreps_in, irreps_out = layer_shapes(config)[k]
    irreps_gate = gate_irreps(irreps_out)

    n_hidden = len(config.radial_hidden)
    prefix = f"{k}_convolution.weight_nn.layer"
    layer: dict[str, Any] = {
        "radial": {f"weight_{i}": state[f"{prefix}{i}.weight"] for i in range(n_hidden)},
        "self_connection": _linear(
            state[f"{k}_self_connection_intro.linear.weight"], irreps_in, irreps_gate
        ),
        "linear_1": _linear(
            state[f"{k}_self_interaction_1.linear.weight"], irreps_in, irreps_in, modality
        ),
    }

    columns = np.array(state[f"{prefix}{n_hidden}.weight"])
    fan_in = [0] * len(irreps_gate)
    start = 0
    for path in layer_paths(config, k):
        l1, l2, l3 = irreps_in[path.sender].ir.l, path.edge, irreps_gate[path.receiver].ir.l
        stop = start + path.channels
        layer[f"radial_{path.name}"] = columns[:, start:stop] * _coupling_sign(
            state, k, (l1, l2, l3), path.coupling
        )
        fan_in[path.receiver] += path.channels
        start = stop

    received = e3nn.Irreps([(n, ir) for n, (_, ir) in zip(fan_in, irreps_gate, strict=True) if n])
    layer["linear_2"] = _linear(
        state[f"{k}_self_interaction_2.linear.weight"], received, irreps_gate, modality
    )
    return layer


def _coupling_sign(state: State, k: int, ls: tuple[int, int, int], coupling: np.ndarray) -> float:
    """Sign of the checkpoint's coupling tensor relative to ours (no tensor if an l is zero)."""
    name = "_".join(map(str, ls))
    key = f"{k}_convolution.convolution._compiled_main_left_right._w3j_{name}"
    if key not in state:
        return 1.0
    trained = state[key] * np.sqrt(2 * ls[2] + 1)
    sign = float(np.sign(np.sum(trained * coupling)))
    if not np.allclose(trained, sign * coupling, atol=1e-6):
        raise ValueError(f"the checkpoint's coupling tensor {ls} is of an unknown convention")
    return sign


def _linear(
    flat: np.ndarray,
    irreps_in: e3nn.Irreps,
    irreps_out: e3nn.Irreps,
    modality: Modality | None = None,
) -> dict[str, np.ndarray]:
    """Split e3nn's flat weight into one `[mul_in, mul_out]` block an irrep, in order of l.

    With a modality the rows of the one-hot follow, and the bias is one of them.
    """
    blocks, start = {}, 0
    for mul_in, ir in irreps_in:
        mul_out = irreps_out.count(ir)
        if mul_out:
            stop = start + mul_in * mul_out
            blocks[str(ir)] = flat[start:stop].reshape(mul_in, mul_out)
            start = stop
    if modality is not None:
        n_in, n_out = blocks["0e"].shape
        rows = flat[start:].reshape(modality.n_modalities, n_out)
        start = flat.size
        # e3nn divides by the root of the number of scalars, the one-hot among them. In double
        # precision, which this change of scale does not round.
        n_all = n_in + modality.n_modalities
        blocks["0e"] = blocks["0e"].astype(np.float64) * np.sqrt(n_in / n_all)
        blocks["bias"] = rows[modality.place].astype(np.float64) / np.sqrt(n_all)
    if start != flat.size:
        raise ValueError(f"{flat.size} weights for {irreps_in} -> {irreps_out}, expected {start}")
    return blocks
