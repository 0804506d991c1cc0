"""Results of all slots in one array: to fetch it costs a small relaxation's host less than twelve.

Numbers of atoms and steps are exact in it: whole numbers below 2^24 are in single precision.
"""

from __future__ import annotations

import math
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

A = TypeVar("A")


class Ends(NamedTuple, Generic[A]):
    """Where S slots of up to N atoms stand, on the device or on the host; see `Slots`."""

    outcome: A
    steps: A
    energy: A
    max_force: A
    max_stress: A
    min_distance: A
    closest_contact: A
    peak_force: A
    lattice: A
    stress: A
    numbers: A
    positions: A
    forces: A


def pack_ends(ends: Ends[Any]) -> jax.Array:
    """All of it, `[S, 26 + 7 N]`, in the precision of the positions."""
    dtype, n_slots = ends.positions.dtype, len(ends.outcome)
    return jnp.concatenate([jnp.reshape(x, (n_slots, -1)).astype(dtype) for x in ends], axis=1)


def unpack_ends(packed: jax.Array) -> Ends[np.ndarray]:
    """What is in an array of `pack_ends`, in double precision, on the host."""
    values = np.asarray(packed).astype(np.float64)
    n_atoms = (values.shape[1] - 26) // 7
    shapes = [()] * 8 + [(3, 3)] * 2 + [(n_atoms,)] + [(n_atoms, 3)] * 2
    places = np.cumsum([math.prod(shape) for shape in shapes])
    pieces = np.split(values, places[:-1], axis=1)
    return Ends(*(x.reshape(-1, *shape) for x, shape in zip(pieces, shapes, strict=True)))
