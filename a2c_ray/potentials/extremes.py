"""The most extreme that a potential was asked for along a path.

Learned potentials know the distances and forces of their training data. What lies beyond is
extrapolated, and may be a hole; a path that has been there is to be looked at, however it ends.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import struct

from a2c_ray.potentials.evaluation import Evaluation


@struct.dataclass
class Extremes:
    """Of all evaluations of S paths so far.

    closest_contact: smallest distance between two atoms, images included, over the sum of their
        covalent radii, `[S]`; infinite while no atom has had a neighbour.
    peak_force: largest finite force on an atom, eV/Å, `[S]`; zero at the start.
    """

    closest_contact: jax.Array
    peak_force: jax.Array

    @classmethod
    def none(cls, n_slots: int, dtype: jnp.dtype) -> Extremes:
        """Before any evaluation."""
        return cls(jnp.full(n_slots, jnp.inf, dtype), jnp.zeros(n_slots, dtype))

    def including(self, evaluation: Evaluation, counts: jax.Array) -> Extremes:
        """With a further evaluation.

        Args:
            evaluation: of all paths.
            counts: where it is one of the path, bool `[S]`; those whose neighbour lists were too
                short never count.
        """
        counts = counts & ~evaluation.overflow
        force = evaluation.max_force
        contact = evaluation.closest_contact
        return Extremes(
            jnp.where(counts, jnp.fmin(self.closest_contact, contact), self.closest_contact),
            jnp.where(
                counts & jnp.isfinite(force),
                jnp.maximum(self.peak_force, force),
                self.peak_force,
            ),
        )
