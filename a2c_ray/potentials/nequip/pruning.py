"""Leave out of a network what its energy does not depend on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import e3nn_jax as e3nn
from flax.traverse_util import flatten_dict, unflatten_dict

from a2c_ray.potentials.nequip.network import NequIPConfig
from a2c_ray.potentials.nequip.parameter_shapes import parameter_shapes


def pruned(config: NequIPConfig, parameters: dict[str, Any]) -> tuple[NequIPConfig, dict[str, Any]]:
    """The same function of the atoms with nothing but scalars after the last convolution.

    The readout takes only them. Their channels come before those that gate the other irreps, so
    that what is left of each weight is its beginning.

    Args:
        config, parameters: of a network; one that normalises its layers needs all irreps.
    """
    scalars = e3nn.Irreps(config.layer_irreps[-1])[:1]
    if config.layer_norm:
        return config, parameters
    config = replace(config, layer_irreps=(*config.layer_irreps[:-1], str(scalars)))
    found = flatten_dict(parameters, sep="/")
    left = {
        name: found[name][tuple(slice(n) for n in shape)]
        for name, shape in parameter_shapes(config).items()
    }
    return config, unflatten_dict(left, sep="/")
