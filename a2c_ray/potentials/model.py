"""What a potential computes, as compiled programs and the host see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax

from a2c_ray.cells import Cells
from a2c_ray.potentials.neighbors import Edges

AtomicEnergies = Callable[[Any, jax.Array, Edges], jax.Array]
"""(parameters, atomic numbers `[S, N]`, edges) -> energy of each atom, eV, `[S, N]`."""

CellEnergies = Callable[[Any, Cells], jax.Array]
"""(parameters, cells) -> energy of each cell, eV, `[S]`."""


class EnergyModel(NamedTuple):
    """What a compiled program depends on; the parameters are its arguments.

    atomic_energies: pure function of (parameters, atomic numbers, edges); it may return anything
        for padding atoms.
    cutoff: longest edge, Å.
    long_range: energies of what reaches beyond the cutoff, if there is any; NaN for cells that
        cannot be computed.
    """

    atomic_energies: AtomicEnergies
    cutoff: float
    long_range: CellEnergies | None = None


class HostModel(NamedTuple):
    """A potential that is computed on the host, outside of compiled programs.

    evaluate: function of cells that gives energy in eV `[S]`, forces in eV/Å `[S, N, 3]` and
        dE/dstrain in eV `[S, 3, 3]`; NaN for cells that cannot be computed.
    cutoff: within which contacts of atoms are looked for, Å.
    source: what computes it.
    """

    evaluate: Callable[[Cells], tuple[jax.Array, jax.Array, jax.Array]]
    cutoff: float
    source: Any


Model = EnergyModel | HostModel
