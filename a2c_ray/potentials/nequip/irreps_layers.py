"""Layers that act on each atom's features by themselves: linear maps and a normalisation."""

from __future__ import annotations

import e3nn_jax as e3nn
import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from a2c_ray.potentials.nequip.convolution import Features

VANISHING = 1e-12
"""Mean square of features that are divided by no less than its root."""


class IrrepsLinear(nn.Module):
    """Linear mixing of the channels of each irrep, scaled by 1/sqrt(fan-in).

    irreps_in, irreps_out: irreps of the output that the input lacks come out as zero.
    """

    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps

    @nn.compact
    def __call__(self, features: Features) -> Features:
        """One `[2l+1, A, mul_in]` an irrep to one `[2l+1, A, mul_out]` an irrep."""
        n_atoms, dtype = features[0].shape[1], features[0].dtype
        inputs = {ir: (x, mul) for (mul, ir), x in zip(self.irreps_in, features, strict=True)}
        out = []
        for mul_out, ir in self.irreps_out:
            if ir not in inputs:
                out.append(jnp.zeros((ir.dim, n_atoms, mul_out), dtype))
                continue
            x, mul_in = inputs[ir]
            weight = self.param(str(ir), nn.initializers.normal(1.0), (mul_in, mul_out))
            out.append(x @ (weight / np.sqrt(mul_in)))
        return out


class SpeciesLinear(nn.Module):
    """`IrrepsLinear` with weights of its own for each species of the receiving atom."""

    irreps_in: e3nn.Irreps
    irreps_out: e3nn.Irreps
    n_species: int

    @nn.compact
    def __call__(self, features: Features, species: jax.Array) -> Features:
        """As `IrrepsLinear`, with the species `[A]` of the atoms."""
        n_atoms, dtype = features[0].shape[1], features[0].dtype
        inputs = {ir: (x, mul) for (mul, ir), x in zip(self.irreps_in, features, strict=True)}
        out = []
        for mul_out, ir in self.irreps_out:
            if ir not in inputs:
                out.append(jnp.zeros((ir.dim, n_atoms, mul_out), dtype))
                continue
            x, mul_in = inputs[ir]
            shape = (self.n_species, mul_in, mul_out)
            weight = self.param(str(ir), nn.initializers.normal(1.0), shape)
            out.append(jnp.einsum("mau,auv->mav", x, weight[species] / np.sqrt(mul_in)))
        return out


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
