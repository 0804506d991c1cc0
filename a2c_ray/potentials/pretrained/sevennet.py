"""Convert SevenNet checkpoints into NequIP configurations and parameters.

SevenNet (Park et al., J. Chem. Theory Comput. 20, 4857 (2024)) is a NequIP network; its weights
are flat vectors in e3nn's order. Two of its conventions differ from today's libraries and are
undone here: the sign of some coupling tensors (moved into the radial weights), and a Monte-Carlo
estimate of silu's second moment (kept in the configuration).
"""

from __future__ import annotations

from typing import Any

import e3nn_jax as e3nn
import numpy as np

from a2c_ray.potentials.nequip.convolution import tensor_product_paths
from a2c_ray.potentials.nequip.network import NequIPConfig, gate_irreps, layer_shapes

E3NN_SILU_SCALE = 1.6791767923989418
"""e3nn's seeded estimate of 1/sqrt(E[silu(z)²]), part of every weight trained with it."""

State = dict[str, np.ndarray]


def sevennet_config(config: dict[str, Any], state: State) -> NequIPConfig:
    """Architecture of a checkpoint.

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
    for key, value in required.items():
        if config[key] != value:
            raise ValueError(f"unsupported SevenNet checkpoint: {key} = {config[key]!r}")
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
    )


def sevennet_parameters(config: NequIPConfig, state: State) -> dict[str, Any]:
    """Parameters of `NequIP(config)` from a checkpoint's state dict."""
    irreps = e3nn.Irreps(config.embedding_irreps)
    parameters: dict[str, Any] = {
        "bessel_frequencies": state["edge_embedding.basis_function.coeffs"],
        "species_embedding": state["onehot_to_feature_x.linear.weight"].reshape(
            len(config.species), irreps.dim
        ),
        "scale": state["rescale_atomic_energy.scale"],
        "shift": state["rescale_atomic_energy.shift"],
    }
    for k, (irreps_in, irreps_out) in enumerate(layer_shapes(config)):
        parameters[f"layer_{k}"] = _layer(config, state, k, irreps_in, irreps_out)
    scalars = e3nn.Irreps([(config.readout_hidden, "0e")])
    parameters["readout_hidden"] = _linear(
        state["reduce_input_to_hidden.linear.weight"], irreps_out, scalars
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


def _layer(
    config: NequIPConfig, state: State, k: int, irreps_in: e3nn.Irreps, irreps_out: e3nn.Irreps
) -> dict[str, Any]:
    irreps_gate = gate_irreps(irreps_out)
    irreps_edge = e3nn.Irreps(config.edge_irreps)
    paths = tensor_product_paths(irreps_in, irreps_edge, irreps_gate)

    n_hidden = len(config.radial_hidden)
    prefix = f"{k}_convolution.weight_nn.layer"
    layer: dict[str, Any] = {
        "radial": {f"weight_{i}": state[f"{prefix}{i}.weight"] for i in range(n_hidden)},
        "self_connection": _linear(
            state[f"{k}_self_connection_intro.linear.weight"], irreps_in, irreps_gate
        ),
        "linear_1": _linear(state[f"{k}_self_interaction_1.linear.weight"], irreps_in, irreps_in),
    }

    columns = np.array(state[f"{prefix}{n_hidden}.weight"])
    fan_in = [0] * len(irreps_gate)
    start = 0
    for path in paths:
        l1, l2, l3 = irreps_in[path.sender].ir.l, path.edge, irreps_gate[path.receiver].ir.l
        stop = start + path.channels
        layer[f"radial_{l1}e_{l2}e_{l3}e"] = columns[:, start:stop] * _coupling_sign(
            state, k, (l1, l2, l3), path.coupling
        )
        fan_in[path.receiver] += path.channels
        start = stop

    received = e3nn.Irreps([(n, ir) for n, (_, ir) in zip(fan_in, irreps_gate, strict=True) if n])
    layer["linear_2"] = _linear(
        state[f"{k}_self_interaction_2.linear.weight"], received, irreps_gate
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
    flat: np.ndarray, irreps_in: e3nn.Irreps, irreps_out: e3nn.Irreps
) -> dict[str, np.ndarray]:
    """Split e3nn's flat weight into one `[mul_in, mul_out]` block an irrep, in order of l."""
    blocks, start = {}, 0
    for mul_in, ir in irreps_in:
        mul_out = irreps_out.count(ir)
        if mul_out:
            stop = start + mul_in * mul_out
            blocks[str(ir)] = flat[start:stop].reshape(mul_in, mul_out)
            start = stop
    if start != flat.size:
        raise ValueError(f"{flat.size} weights for {irreps_in} -> {irreps_out}, expected {start}")
    return blocks
