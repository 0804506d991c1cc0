"""Results of all slots in one array: to fetch it costs a small relaxation's host less than twelve.

Numbers of atoms and steps are exact in it: whole numbers below 2^24 are in single precision.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

if TYPE_CHECKING:
    from a2c_ray.relaxation.slots import Slots


class Ends(NamedTuple):
    """Where S slots of up to N atoms stand; see `Slots`."""

    outcome: np.ndarray
    steps: np.ndarray
    energy: np.ndarray
    max_force: np.ndarray
    max_stress: np.ndarray
    min_distance: np.ndarray
    closest_contact: np.ndarray
    peak_force: np.ndarray
    lattice: np.ndarray
    stress: np.ndarray
    numbers: np.ndarray
    positions: np.ndarray
    forces: np.ndarray


def pack_ends(slots: Slots) -> jax.Array:
    """What `Ends` tells of slots, `[S, 26 + 7 N]`, in the precision of their coordinates."""
    cells = slots.cells
    ends = (  # in the order of `Ends`
        slots.outcome,
        slots.steps,
        slots.energy,
        slots.max_force,
        slots.max_stress,
        slots.min_distance,
        slots.extremes.closest_contact,
        slots.extremes.peak_force,
        cells.lattice,
        slots.stress,
        slots.numbers,
        cells.positions,
        slots.forces,
    )
    dtype, n_slots = slots.coordinates.dtype, len(slots.outcome)
    return jnp.concatenate([jnp.reshape(x, (n_slots, -1)).astype(dtype) for x in ends], axis=1)


def unpack_ends(packed: jax.Array) -> Ends:
    """What is in an array of `pack_ends`, in double precision, on the host."""
    values = np.asarray(packed).astype(np.float64)
    n_atoms = (values.shape[1] - 26) // 7
    shapes = [()] * 8 + [(3, 3)] * 2 + [(n_atoms,)] + [(n_atoms, 3)] * 2
    places = np.cumsum([math.prod(shape) for shape in shapes])
    pieces = np.split(values, places[:-1], axis=1)
    return Ends(*(x.reshape(-1, *shape) for x, shape in zip(pieces, shapes, strict=True)))
