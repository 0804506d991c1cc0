"""Structures with the energy, forces and stress that a potential is to reproduce."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from ase.data import chemical_symbols

from a2c_ray.cells import Cell, of_no_element
from a2c_ray.errors import InputError
from a2c_ray.reading.checks import coinciding, problem_of

LARGEST_STRESS = 5.0
"""eV/Å³, 800 GPa. What is beyond it in a file is more likely in other units."""


class DataError(InputError):
    """A data set that cannot be trained on; the message names the structure at fault."""


class Labelled(NamedTuple):
    """A labelled structure.

    cell: periodic cell.
    energy: eV.
    forces: eV/Å, `[n, 3]`.
    stress: (1/V) dE/dstrain, eV/Å³, `[3, 3]`; None if it is not known.
    source: where it comes from, for messages.
    """

    cell: Cell
    energy: float
    forces: np.ndarray
    stress: np.ndarray | None
    source: str

    @property
    def composition(self) -> tuple[tuple[int, int], ...]:
        """Atomic numbers and their reduced counts: the same for every multiple of a formula."""
        numbers, counts = np.unique(self.cell.numbers, return_counts=True)
        counts = counts // np.gcd.reduce(counts)
        return tuple(zip(numbers.tolist(), counts.tolist(), strict=True))

    @property
    def formula(self) -> str:
        """Reduced formula, elements by atomic number."""
        return "".join(chemical_symbols[z] + (str(n) if n > 1 else "") for z, n in self.composition)


def check_units(structures: Iterable[Labelled]) -> None:
    """Refuse stresses of a file that are none in eV/Å³.

    Raises:
        DataError: names the first.
    """
    for structure in structures:
        largest = 0.0 if structure.stress is None else float(np.max(np.abs(structure.stress)))
        if largest > LARGEST_STRESS:
            raise DataError(
                f"{structure.source}: a stress of {largest:.4g} eV/Å³, beyond {LARGEST_STRESS:g}: "
                "are they kbar or GPa? Convert them (1 eV/Å³ is 160.2 GPa or 1602 kbar, positive "
                "under tension), or leave this structure out"
            )


MOST_ENERGY = 1e-3 / float(np.finfo(np.float32).eps)
"""eV/atom, from which on rounding moves energies by 1 meV/atom: they are of all electrons, of
elements beyond silicon."""


def check_labelled(structures: Sequence[Labelled]) -> None:
    """Refuse what would spoil a training.

    Raises:
        DataError: there is no structure, or the first that lacks atoms or a volume, whose
            positions, forces or stress have the wrong shape, or with a value that is not finite.
    """
    if not structures:
        raise DataError("the data set has no structures")
    for structure in structures:
        problem = _problem(structure)
        if problem:
            raise DataError(f"{structure.source}: {problem}")


def _problem(structure: Labelled) -> str | None:
    cell, n_atoms = structure.cell, len(structure.cell.numbers)
    if n_atoms == 0:
        return "no atoms"
    if strange := of_no_element(cell.numbers):
        return strange
    if cell.positions.shape != (n_atoms, 3):
        return f"positions of shape {cell.positions.shape} for {n_atoms} atoms"
    if structure.forces.shape != (n_atoms, 3):
        return f"forces of shape {structure.forces.shape} for {n_atoms} atoms"
    if structure.stress is not None and structure.stress.shape != (3, 3):
        return f"a stress of shape {structure.stress.shape}"
    values: dict[str, np.ndarray | float] = {
        "energy": structure.energy,
        "forces": structure.forces,
        "stress": 0.0 if structure.stress is None else structure.stress,
    }
    for name, value in values.items():
        if not np.all(np.isfinite(value)):
            return f"{name} not finite"
    if abs(structure.energy) > MOST_ENERGY * n_atoms:
        return (
            f"an energy of {structure.energy / n_atoms:.6g} eV/atom, of which single precision "
            "leaves nothing: take the energies of isolated atoms off"
        )
    return problem_of(cell) or _coincident(cell)


def _coincident(cell: Cell) -> str | None:
    """Which two atoms are at one place, up to a lattice vector."""
    pair = coinciding(cell.lattice, cell.positions)
    return None if pair is None else f"atoms {pair[0]} and {pair[1]} are at one place"
