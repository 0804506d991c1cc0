"""What every potential is to the rest of the package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np
from ase.data import chemical_symbols

from a2c_ray.cells import MAX_ATOMIC_NUMBER, Cell, Cells, pack
from a2c_ray.errors import InputError
from a2c_ray.padding import choose_sizes, group_by_size, padded_size
from a2c_ray.potentials.evaluation import evaluate_edges, evaluate_long_range
from a2c_ray.potentials.model import HostModel, Model
from a2c_ray.potentials.neighbors import (
    Capacity,
    Edges,
    edge_vectors,
    find_capacity,
    neighbor_list,
)

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure


MAX_SIZES = 4
"""Numbers of atoms that `evaluate` pads to in one call; each is compiled."""

MAX_BATCH_ATOMS = 256
"""Atoms, padding included, that `evaluate` puts into one batch."""


class UnusableStructureError(InputError):
    """Positions or a cell that have no energy."""


class UnknownElementError(InputError):
    """A structure holds an element that the potential was not made for."""


class Result(NamedTuple):
    """Result for one structure.

    energy: eV.
    forces: eV/Å, `[n, 3]`.
    stress: (1/V) dE/dstrain, eV/Å³, `[3, 3]`.
    """

    energy: float
    forces: np.ndarray
    stress: np.ndarray


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

    @property
    def n_computed(self) -> int:
        """Cells that programs outside of this process have computed for it so far."""
        return 0

    def evaluate(self, structures: Sequence[Structure | Atoms]) -> list[Result]:
        """Energy (eV), forces (eV/Å) and stress (eV/Å³) of each structure of pymatgen or ASE."""
        return evaluate(self, structures)


def precision_of(potential: Potential) -> AbstractContextManager[None]:
    """Lets JAX compute in the precision of a potential; it would turn float64 into float32."""
    return jax.enable_x64(potential.dtype == "float64")


@partial(jax.jit, static_argnums=(1, 2))
def _edges(cells: Cells, radius: float, capacity: Capacity) -> Edges:
    return edge_vectors(neighbor_list(cells, radius, capacity), cells, radius)


# Apart from `_edges`, so that a new shape of the cheap program does not recompile this one.
_evaluate_edges = jax.jit(evaluate_edges, static_argnums=0)
_evaluate_long_range = jax.jit(evaluate_long_range, static_argnums=0)


def evaluate(potential: Potential, structures: Sequence[Structure | Atoms]) -> list[Result]:
    """Energy, forces and stress of structures of any sizes, batched by size.

    Raises:
        UnknownElementError: a structure holds an element that the potential does not know.
        NoCellError: one is not periodic in all directions, or a site is occupied in part.
        UnusableStructureError: positions or forces are not finite, or a cell has no volume.
        UnknownAtomError: an atom is of no element.
        ValueError: a structure is empty.
        TypeError: these are no structures.
    """
    cells = [Cell.of(structure) for structure in structures]
    for k, cell in enumerate(cells):
        if len(cell.numbers) == 0:
            raise ValueError(f"structure {k} has no atoms")
        if not (np.isfinite(cell.positions).all() and cell.volume > 0):
            # An atom at NaN is beyond the cutoff of all others: its forces would be zero.
            raise UnusableStructureError(
                f"structure {k}: positions that are not finite, or a cell without volume"
            )
        potential.check_elements(cell.numbers)
    n_atoms = [len(cell.numbers) for cell in cells]
    sizes = choose_sizes(Counter(map(padded_size, n_atoms)), MAX_SIZES)
    by_size = group_by_size(n_atoms, sizes)

    results: dict[int, Result] = {}
    for size, members in by_size.items():
        batch = max(1, MAX_BATCH_ATOMS // size)
        for start in range(0, len(members), batch):
            chosen = members[start : start + batch]
            n_slots = min(batch, padded_size(len(chosen)))
            batched = pack([cells[k] for k in chosen], size, n_slots, "float64")
            energy, forces, virial = _evaluate_batch(potential, batched)
            for slot, k in enumerate(chosen):
                if np.isfinite(energy[slot]) and not np.isfinite(forces[slot]).all():
                    raise UnusableStructureError(
                        f"structure {k}: forces that are not finite; are two atoms at one place?"
                    )
                results[k] = Result(
                    float(energy[slot]),
                    forces[slot, : n_atoms[k]],
                    virial[slot] / cells[k].volume,
                )
    return [results[k] for k in range(len(cells))]


def _evaluate_batch(potential: Potential, cells: Cells) -> tuple[np.ndarray, ...]:
    """Energy, forces and virial, float64; edges are differences taken in double precision."""
    if isinstance(potential.model, HostModel):
        with jax.enable_x64(True):
            return tuple(np.asarray(x) for x in potential.model.evaluate(cells))
    with jax.enable_x64(True):
        edges = _edges(cells, potential.cutoff, find_capacity(cells, potential.cutoff))
        edges = jax.tree.map(np.asarray, edges)
    edges = replace(edges, vectors=edges.vectors.astype(potential.dtype))
    with precision_of(potential):
        out = _evaluate_edges(potential.model, potential.parameters, cells.numbers, edges)
    results = tuple(np.asarray(x, np.float64) for x in out)
    if potential.model.long_range is None:
        return results
    with jax.enable_x64(True):
        rest = _evaluate_long_range(potential.model.long_range, potential.parameters, cells)
    return tuple(near + np.asarray(far) for near, far in zip(results, rest, strict=True))
