"""The optimizers that a relaxation can use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from a2c_ray.relaxation.fire import fire_init, fire_step
from a2c_ray.relaxation.lbfgs import lbfgs_init, lbfgs_step


class Optimizer(NamedTuple):
    """A way downhill.

    init: forces `[S, D, 3]` to a state; only their shape and dtype count.
    step: (state, forces in eV/Å) to (state, displacement in Å).
    balanced: whether it works on coordinates in which cells of any size are as stiff as atoms
        (`cell_filter.cell_weights`) rather than on ASE's.
    """

    init: Callable[[jax.Array], Any]
    step: Callable[[Any, jax.Array], tuple[Any, jax.Array]]
    balanced: bool


OPTIMIZERS = {
    "fire": Optimizer(fire_init, fire_step, balanced=False),
    "lbfgs": Optimizer(lbfgs_init, lbfgs_step, balanced=True),
}
"""FIRE is the paper's. L-BFGS takes about a quarter of its steps to minima of the same quality,
not always to the same minimum."""
