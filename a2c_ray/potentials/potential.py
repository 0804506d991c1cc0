"""What every potential is to the rest of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from pymatgen.core import Element

from a2c_ray.potentials.neighbors import Edges

if TYPE_CHECKING:
    from pymatgen.core import Structure

    from a2c_ray.potentials.evaluation import Result

AtomicEnergies = Callable[[Any, jax.Array, Edges], jax.Array]
"""(parameters, atomic numbers `[S, N]`, edges) -> energy of each atom, eV, `[S, N]`."""

MAX_ATOMIC_NUMBER = 118


class UnknownElementError(ValueError):
    """A structure holds an element that the potential was not made for."""


@dataclass(frozen=True, eq=False)
class Potential:
    """A potential whose energy is a sum over atoms of a function of their edges.

    name: as in `load_potential`.
    cutoff: longest edge, Å.
    elements: atomic numbers it knows, ascending.
    parameters: pytree of arrays.
    atomic_energies: pure function of (parameters, atomic numbers, edges); it may return anything
        for padding atoms.
    dtype: "float32" or "float64", of parameters and evaluation.
    fingerprint: identifies weights and architecture.
    energy_floor: lowest energy that each element can have in sane matter, eV,
        `[MAX_ATOMIC_NUMBER + 1]`. A structure below the sum of its atoms' floors has fallen into
        a hole of the potential.
    """

    name: str
    cutoff: float
    elements: tuple[int, ...]
    parameters: Any
    atomic_energies: AtomicEnergies
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
            symbols = ", ".join(Element.from_Z(z).symbol for z in unknown)
            raise UnknownElementError(
                f"potential {self.name!r} does not know {symbols}; it knows {self.known_symbols}"
            )

    @cached_property
    def known_symbols(self) -> str:
        """Symbols of the elements it knows, by atomic number."""
        return " ".join(Element.from_Z(z).symbol for z in self.elements)

    def evaluate(self, structures: Sequence[Structure]) -> list[Result]:
        """Energy (eV), forces (eV/Å) and stress (eV/Å³) of each structure."""
        from a2c_ray.potentials.evaluation import evaluate

        return evaluate(self, structures)
