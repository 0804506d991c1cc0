"""Sums of a function of distance over all images of all pairs of atoms in periodic cells.

For functions that reach over tens of Å, where lists of neighbours would be thousands long: pairs of
atoms are held against one block of lattice translations after another. There are as many blocks as
the flattest cell of a batch needs, so that no image is left out and none has to be foreseen.

Derivatives come with the values: the derivative with respect to the squared distance, summed over
translations n by itself, times n and times n (x) n, gives those with respect to positions and
lattice, and nothing of a block needs to be kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from a2c_ray.cells import Cells
from a2c_ray.matrices import inverses
from a2c_ray.potentials.neighbors import image_ranges

PairFunction = Callable[..., jax.Array]
"""(squared distances, Å² `[S, P, B]`, arrays `[S, P, 1]` of the pairs) -> `[S, P, B]`."""

CLOSEST = 0.1
"""Å; closer atoms have the value at this distance, and no force."""

BLOCK = 2**16
"""Distances that are computed together: enough to occupy a device, few enough for its caches."""

FEWEST, MOST = 32, 1024
"""Translations in a block, whatever the number of pairs."""

MAX_IMAGES = 2**20
"""Translations of a cell; flatter cells have sums that are NaN. It is a hundred times as many as
one atom of a dense crystal has within 30 Å."""


def lattice_sums(
    function: PairFunction, cutoff: float, cells: Cells, per_pair: tuple[jax.Array, ...]
) -> jax.Array:
    """Sum over all images of atom j around atom i, `[S, N, N]`; NaN above `MAX_IMAGES`.

    Args:
        function: of squared distances and `per_pair`.
        cutoff: beyond which there is nothing, Å.
        cells: positions and lattices; padding atoms are summed over like all others.
        per_pair: constants of the pairs, symmetric, `[S, N, N]`.
    """
    n_slots, n_atoms = cells.numbers.shape
    n_pairs = n_atoms**2
    flat = tuple(x.reshape(n_slots, n_pairs, 1) for x in per_pair)
    closest = _closest(cells).reshape(n_slots, n_pairs, 3)
    half = _half_sums(function, cutoff, closest, jnp.asarray(cells.lattice), flat)
    half = half.reshape(n_slots, n_atoms, n_atoms)
    return half + jnp.swapaxes(half, 1, 2)


def _closest(cells: Cells) -> jax.Array:
    """Atom j minus atom i, in the image with the smallest fractional offset, Å, `[S, N, N, 3]`."""
    positions, lattice = jnp.asarray(cells.positions), jnp.asarray(cells.lattice)
    offset = positions[:, None, :, :] - positions[:, :, None, :]
    inverse = inverses(jax.lax.stop_gradient(lattice))[:, None]
    nearest = -jnp.round(jax.lax.stop_gradient(offset) @ inverse)
    # Rounding must not choose two images for i, j and j, i: each stands for half of the sum.
    upper = jnp.arange(offset.shape[1])[:, None] < jnp.arange(offset.shape[1])
    nearest = jnp.where(upper[..., None], nearest, -jnp.swapaxes(nearest, 1, 2))
    return offset + nearest @ lattice[:, None]


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _half_sums(
    function: PairFunction,
    cutoff: float,
    closest: jax.Array,
    lattice: jax.Array,
    per_pair: tuple[jax.Array, ...],
) -> jax.Array:
    """Sums over half of the translations, `[S, P]`: -n of the pair i, j is n of the pair j, i."""
    return _moments(function, cutoff, closest, lattice, per_pair).value


class _Moments(NamedTuple):
    """Sums over translations n, in lattice vectors.

    value: of the function, `[S, P]`.
    slope: of its derivative times 1, n_a, n_b, n_c and the six products of two, `[S, P, 10]`.
    """

    value: jax.Array
    slope: jax.Array


PRODUCTS = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Of two components of a translation, as they are ordered in `_Moments`."""


def _moments(
    function: PairFunction,
    cutoff: float,
    closest: jax.Array,
    lattice: jax.Array,
    per_pair: tuple[jax.Array, ...],
) -> _Moments:
    n_slots, n_pairs, _ = closest.shape
    block = min(max(BLOCK // (n_slots * n_pairs), FEWEST), MOST)
    dtype = closest.dtype
    ranges = image_ranges(lattice, cutoff)
    widths = 2 * ranges + 1
    n_images = jnp.prod(widths, axis=-1)
    home = n_images // 2
    feasible = n_images <= MAX_IMAGES
    n_blocks = jnp.max(jnp.where(feasible, home // block + 1, 0))

    def add(k: jax.Array, sums: _Moments) -> _Moments:
        index = home[:, None] + k * block + jnp.arange(block, dtype=home.dtype)
        n = (_translation(index, widths) - ranges[:, None]).astype(dtype)
        weight = jnp.where(index < n_images[:, None], 1.0, 0.0).astype(dtype)
        weight = jnp.where(index == home[:, None], 0.5, weight)[:, None]
        shift = jnp.einsum("sbk,skx->sbx", n, lattice, precision="highest")
        distance2 = sum((closest[:, :, None, x] + shift[:, None, :, x]) ** 2 for x in range(3))
        within = (distance2 < cutoff**2) & (distance2 > 0.0)
        value, slope = jax.jvp(
            lambda r2: function(r2, *per_pair),
            (jnp.maximum(distance2, CLOSEST**2),),
            (jnp.where(distance2 > CLOSEST**2, weight, 0.0),),
        )
        value = jnp.where(within, weight * value, 0.0)
        slope = jnp.where(within, slope, 0.0)
        moments = jnp.einsum("spb,sbf->spf", slope, _powers(n), precision="highest")
        return _Moments(sums.value + jnp.sum(value, axis=-1), sums.slope + moments)

    start = _Moments(jnp.zeros((n_slots, n_pairs), dtype), jnp.zeros((n_slots, n_pairs, 10), dtype))
    sums = jax.lax.fori_loop(0, n_blocks, add, start)
    return sums._replace(value=jnp.where(feasible[:, None], sums.value, jnp.nan))


def _translation(index: jax.Array, widths: jax.Array) -> jax.Array:
    """Place of an image along each axis, `[S, B]` to `[S, B, 3]`."""
    b, c = widths[:, 1:2], widths[:, 2:3]
    return jnp.stack([index // (b * c), index // c % b, index % c], axis=-1)


def _powers(n: jax.Array) -> jax.Array:
    """1, the components of translations and their products, `[S, B, 3]` to `[S, B, 10]`."""
    products = [n[..., i] * n[..., j] for i, j in PRODUCTS]
    return jnp.stack([jnp.ones_like(n[..., 0]), *jnp.moveaxis(n, -1, 0), *products], axis=-1)


def _forward(
    function: PairFunction,
    cutoff: float,
    closest: jax.Array,
    lattice: jax.Array,
    per_pair: tuple[jax.Array, ...],
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    value, slope = _moments(function, cutoff, closest, lattice, per_pair)
    return value, (slope, closest, lattice)


def _backward(
    function: PairFunction, cutoff: float, saved: tuple[jax.Array, ...], cotangent: jax.Array
) -> tuple[jax.Array, jax.Array, None]:
    """The squared distance is that of closest + n lattice, a row for each translation."""
    slope, closest, lattice = saved
    slope = 2.0 * cotangent[..., None] * slope
    total, first, second = slope[..., 0], slope[..., 1:4], slope[..., 4:]
    with jax.default_matmul_precision("highest"):
        to_closest = total[..., None] * closest + first @ lattice
        second = jnp.sum(second, axis=1)
        xx, yy, zz, yz, xz, xy = jnp.moveaxis(second, -1, 0)
        square = jnp.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=-1).reshape(-1, 3, 3)
        to_lattice = jnp.einsum("spk,spx->skx", first, closest) + square @ lattice
    return to_closest, to_lattice, None


_half_sums.defvjp(_forward, _backward)
