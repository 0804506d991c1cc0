"""Layers that act on each atom's features by themselves: linear maps and a normalisation."""

from __future__ import annotations

from collections.abc import Callable

import e3nn_jax as e3nn
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from a2c_ray.potentials.nequip.convolution import Features
from a2c_ray.potentials.sums import steady_mix

VANISHING = 1e-12
"""Mean square of features that are divided by no less than its root."""


class IrrepsLinear(nn.Module):
    """Linear mixing of the channels of each irrep, scaled by 1/sqrt(fan-in).

    irreps_in, irreps_out: irreps of the output that the input lacks come out as zero.
    bias: add a constant to each channel of the output's first irrep, its scalars.
    """

    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps
    bias: bool = False

    @nn.compact
    def __call__(self, features: Features) -> Features:
        """One `[2l+1, A, mul_in]` an irrep to one `[2l+1, A, mul_out]` an irrep."""

        def mix(x: jax.Array, name: str, mul_out: int) -> jax.Array:
            mul_in = x.shape[-1]
            weight = self.param(name, nn.initializers.normal(1.0), (mul_in, mul_out))
            return steady_mix(x, weight / np.sqrt(mul_in))

        mixed = _mixed(features, self.irreps_in, self.irreps_out, mix)
        if self.bias:
            mixed[0] += self.param("bias", nn.initializers.zeros, mixed[0].shape[-1:])
        return mixed


class SpeciesLinear(nn.Module):
    """`IrrepsLinear` with weights of its own for each species of the receiving atom."""

    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps
    n_species: int

    @nn.compact
    def __call__(self, features: Features, species: jax.Array) -> Features:
        """As `IrrepsLinear`, with the species `[A]` of the atoms."""

        def mix(x: jax.Array, name: str, mul_out: int) -> jax.Array:
            mul_in = x.shape[-1]
            shape = (self.n_species, mul_in, mul_out)
            weight = self.param(name, nn.initializers.normal(1.0), shape)
            return jnp.einsum("mau,auv->mav", x, weight[species] / np.sqrt(mul_in))

        return _mixed(features, self.irreps_in, self.irreps_out, mix)


def _mixed(
    features: Features,
    irreps_in: e3nn.Irreps,
    irreps_out: e3nn.Irreps,
    mix: Callable[[jax.Array, str, int], jax.Array],
) -> Features:
    """Features of each irrep of the output; zero for those that the input lacks.

    Args:
        features: one `[2l+1, A, mul_in]` an irrep.
        irreps_in, irreps_out: irreps.
        mix: of features, the name of their irrep, and the channels that are wanted.
    """
    n_atoms, dtype = features[0].shape[1], features[0].dtype
    inputs = {ir: x for (_, ir), x in zip(irreps_in, features, strict=True)}
    return [
        mix(inputs[ir], str(ir), mul_out)
        if ir in inputs
        else jnp.zeros((ir.dim, n_atoms, mul_out), dtype)
        for mul_out, ir in irreps_out
    ]


class RMSNorm(nn.Module):
    """Features over the root of their mean square, times a trained weight of each channel.

    The mean is over irreps, of the sum of squares of all components and channels over (2l+1)²: not
    over channels, and over components twice, as in the weights that were trained with it (Nequix).

    irreps: of the features.

    Source: Zhang and Sennrich, NeurIPS 2019; over irreps, Liao et al., ICLR 2024 (EquiformerV2).
    """

    irreps: e3nn.Irreps

    @nn.compact
    def __call__(self, features: Features) -> Features:
        """One `[2l+1, A, channels]` an irrep, to the same."""
        squares = [jnp.sum(x**2, axis=(0, 2)) / len(x) ** 2 for x in features]
        factor = lax.rsqrt(sum(squares) / len(squares) + VANISHING)[:, None]
        weights = (self.param(str(ir), nn.initializers.ones, (mul,)) for mul, ir in self.irreps)
        return [x * (weight * factor) for x, weight in zip(features, weights, strict=True)]
