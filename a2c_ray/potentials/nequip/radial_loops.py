"""Radial weights of one edge, for loops that numba compiles.

Indices are unsigned: numba lets others count from the end, which costs the vectorization.

Imported only where numba is installed.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numba import float32, njit, uintp

from a2c_ray.potentials.foreign_calls import kept

Array = np.ndarray

# Sums may be formed in any order, but what is not a number stays so.
REORDERED = {"reassoc", "contract", "nsz", "arcp"}

loops = kept(partial(njit, fastmath=REORDERED, error_model="numpy"))
"""Decorator of what is called by XLA."""

part_of_loops = njit(fastmath=REORDERED, error_model="numpy", forceinline=True)
"""Decorator of what loops consist of."""


@part_of_loops
def _interval(place: float) -> tuple[int, float]:
    """Knot to the left, and how far on the way to the next."""
    # No number has no place either, but must give weights that are none.
    knot = math.floor(place) if place >= 0 else 0
    return uintp(knot), place - float32(knot)


@part_of_loops
def weigh(place: float, table: Array, weights: Array) -> None:
    """Radial weights of an edge: cubic functions between two knots."""
    k, t = _interval(place)
    after = k + uintp(1)
    t2, t3 = t * t, t * t * t
    right = float32(3) * t2 - float32(2) * t3
    left, rise, fall = float32(1) - right, t - float32(2) * t2 + t3, t3 - t2
    for i in range(uintp(weights.size)):
        weights[i] = (left * table[k, 0, i] + rise * table[k, 1, i]) + (
            right * table[after, 0, i] + fall * table[after, 1, i]
        )


@part_of_loops
def weigh_and_incline(place: float, table: Array, weights: Array, slopes: Array) -> None:
    """Radial weights of an edge, and their derivatives with respect to its place."""
    k, t = _interval(place)
    after = k + uintp(1)
    t2, t3 = t * t, t * t * t
    right = float32(3) * t2 - float32(2) * t3
    left, rise, fall = float32(1) - right, t - float32(2) * t2 + t3, t3 - t2
    to_right = float32(6) * (t - t2)
    to_rise = float32(1) - float32(4) * t + float32(3) * t2
    to_fall = float32(3) * t2 - float32(2) * t
    for i in range(uintp(weights.size)):
        a, b, c, d = table[k, 0, i], table[k, 1, i], table[after, 0, i], table[after, 1, i]
        weights[i] = (left * a + rise * b) + (right * c + fall * d)
        slopes[i] = to_right * (c - a) + (to_rise * b + to_fall * d)
