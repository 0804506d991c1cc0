"""What every potential is to the rest of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np
from ase.data import chemical_symbols

from a2c_ray.cells import MAX_ATOMIC_NUMBER, Cells
from a2c_ray.errors import InputError
from a2c_ray.potentials.neighbors import Edges

if TYPE_CHECKING:
    from pymatgen.core import Structure

    from a2c_ray.potentials.evaluation import Result

AtomicEnergies = Callable[[Any, jax.Array, Edges], jax.Array]
"""(parameters, atomic numbers `[S, N]`, edges) -> energy of each atom, eV, `[S, N]`."""


class UnknownElementError(InputError):
    """A structure holds an element that the potential was not made for."""


class EnergyModel(NamedTuple):
    """What a compiled program depends on; the parameters are its arguments.

    atomic_energies: pure function of (parameters, atomic numbers, edges); it may return anything
        for padding atoms.
    cutoff: longest edge, Å.
    """

    atomic_energies: AtomicEnergies
    cutoff: float


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


@dataclass(frozen=True, eq=False)
class Potential:
    """A potential: nearly always one whose energy is a sum over atoms of a function of their edges.

    name: as in `load_potential`.
    model: energy function and cutoff.
    elements: atomic numbers it knows, ascending.
    parameters: pytree of arrays.
    dtype: "float32" or "float64", of parameters and evaluation.
    fingerprint: identifies weights and architecture.
    energy_floor: lowest energy that each element can have in sane matter, eV,
        `[MAX_ATOMIC_NUMBER + 1]`; minus infinity where no bound is known. A structure below the
        sum of its atoms' floors has fallen into a hole of the potential.
    """

    name: str
    model: Model
    elements: tuple[int, ...]
    parameters: Any
    dtype: str
    fingerprint: str
    energy_floor: np.ndarray = field(
        default_factory=lambda: np.full(MAX_ATOMIC_NUMBER + 1, -np.inf)
    )

    def check_elements(self, numbers: np.ndarray | Sequence[int]) -> None:
        """Refuse atomic numbers that the potential does not know (0, padding, is fine).

        Raises:
            UnknownElementError: names the element and those that are known.
        """
        unknown = sorted(set(np.unique(numbers).tolist()) - {0, *self.elements})
        if unknown:
            symbols = ", ".join(chemical_symbols[z] for z in unknown)
            raise UnknownElementError(
                f"potential {self.name!r} does not know {symbols}; it knows {self.known_symbols}"
            )

    @property
    def cutoff(self) -> float:
        """Longest edge, Å."""
        return self.model.cutoff

    @cached_property
    def known_symbols(self) -> str:
        """Symbols of the elements it knows, by atomic number."""
        return " ".join(chemical_symbols[z] for z in self.elements)

    def evaluate(self, structures: Sequence[Structure]) -> list[Result]:
        """Energy (eV), forces (eV/Å) and stress (eV/Å³) of each structure."""
        from a2c_ray.potentials.evaluation import evaluate

        return evaluate(self, structures)


def precision_of(potential: Potential) -> AbstractContextManager[None]:
    """Lets JAX compute in the precision of a potential; it would turn float64 into float32."""
    return jax.enable_x64(potential.dtype == "float64")
