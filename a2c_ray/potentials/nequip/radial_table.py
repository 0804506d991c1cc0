"""Replace the radial networks of all layers by one tabulated basis that they share.

Every path weight of every layer is a smooth function of one distance. Together they span, to
single precision, a space of about fifty functions, whatever the number of layers and channels.
A singular value decomposition finds that basis; it is tabulated once, interpolated for every edge,
and summed over periodic images once for all layers, so that the radial networks vanish from the
evaluation. The truncated singular values bound the error.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from a2c_ray.potentials.nequip.network import (
    NequIPConfig,
    edge_embedding,
    layer_paths,
    radial_network,
)
from a2c_ray.potentials.nequip.radial import hermite_coefficients
from a2c_ray.potentials.nequip.rows import by_harmonic

Parameters = dict[str, Any]

TOLERANCE = 5e-8
"""Singular values below this fraction of the largest are dropped (single precision: 6e-8)."""

KNOT_SPACING = 0.01
"""Å."""

SHORTEST_DISTANCE = 0.3
"""Below this distance (Å) the basis is not fitted: no potential means anything there."""

TYPICAL_BOND = 1.2
"""Å; the weight of shorter distances in the fit decays, by e every `WEIGHT_DECAY` Å."""

WEIGHT_DECAY = 0.33


def path_weight_names(config: NequIPConfig) -> list[list[str]]:
    """Names of the last radial weights of each layer, one a path."""
    layers = range(len(config.layer_irreps))
    return [[f"radial_{path.name}" for path in layer_paths(config, k)] for k in layers]


def radial_functions(
    config: NequIPConfig, parameters: Parameters, distance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Path weights of all layers and their derivatives.

    Args:
        config, parameters: of a network with radial networks.
        distance: Å, `[n]`.

    Returns:
        `[n, columns]` and `[n, columns]` (1/Å), float64; columns run over layers, then paths in
        the order of `path_weight_names`, then channels.
    """
    network = radial_network(config)

    def weights(r: jax.Array) -> jax.Array:
        columns = []
        embedding = edge_embedding(config, parameters["bessel_frequencies"], r)
        for k, names in enumerate(path_weight_names(config)):
            layer = parameters[f"layer_{k}"]
            hidden: Any = network.apply({"params": layer["radial"]}, embedding)
            last = jnp.concatenate([layer[name] for name in names], axis=1)
            columns.append(hidden @ last / np.sqrt(hidden.shape[-1]))
        return jnp.concatenate(columns, axis=-1)

    with jax.enable_x64(True):
        parameters = jax.tree.map(lambda x: jnp.asarray(x, jnp.float64), parameters)
        r = jnp.asarray(distance, jnp.float64)
        value, slope = jax.jit(lambda r: jax.jvp(weights, (r,), (jnp.ones_like(r),)))(r)
    return np.asarray(value), np.asarray(slope)


def tabulate_radial(
    config: NequIPConfig,
    parameters: Parameters,
    with_weights: bool = False,
    tolerance: float = TOLERANCE,
) -> Parameters:
    """Parameters of the same network with `radial_table` in place of its radial networks.

    Args:
        config, parameters: of a network with radial networks.
        with_weights: tabulate the weights of all paths of each layer, too.
        tolerance: relative size of the singular values dropped.
    """
    n_knots = round(config.cutoff / KNOT_SPACING) + 1
    knots = np.linspace(0.0, config.cutoff, n_knots)
    knots[0] = 1e-4  # the Bessel functions are finite at zero, their formula is not
    value, slope = radial_functions(config, parameters, knots)

    fitted = knots >= SHORTEST_DISTANCE
    emphasis = np.minimum(1.0, np.exp((knots[fitted] - TYPICAL_BOND) / WEIGHT_DECAY))
    _, singular, basis = np.linalg.svd(value[fitted] * emphasis[:, None], full_matrices=False)
    rank = 8 * int(np.ceil(np.sum(singular > tolerance * singular[0]) / 8))
    scale = singular[:rank, None] / np.sqrt(n_knots)
    project = (basis[:rank] / scale).T
    coefficients = basis[:rank] * scale * np.sqrt(rank)

    table = hermite_coefficients(value @ project, slope @ project, KNOT_SPACING)
    dtype = np.asarray(parameters["shift"]).dtype
    out = {**parameters, "radial_table": table.astype(dtype)}
    start = 0
    for k in range(len(config.layer_irreps)):
        layer, paths, columns = dict(parameters[f"layer_{k}"]), layer_paths(config, k), {}
        del layer["radial"]
        for path in paths:
            stop = start + path.channels
            columns[path.name] = np.arange(start, stop)
            layer[f"radial_{path.name}"] = coefficients[:, start:stop].astype(dtype)
            start = stop
        if with_weights:
            order = np.concatenate([columns[path.name] for path in by_harmonic(paths)])
            weights = np.stack([value[:, order], slope[:, order] * KNOT_SPACING], axis=1)
            layer["weight_table"] = weights.astype(dtype)
        out[f"layer_{k}"] = layer
    del out["bessel_frequencies"]
    return out
