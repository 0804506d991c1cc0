"""How far a potential is from labels: errors of energies, forces and stresses, by element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from ase.data import chemical_symbols

from a2c_ray.potentials.potential import Potential
from a2c_ray.training.labelled import Labelled


class ErrorRow(NamedTuple):
    """Errors of one quantity.

    quantity: "energy" (of an atom, eV), "forces" (components, eV/Å) or "stress" (components,
        eV/Å³).
    element: symbol; "all" for all of them. Energies and stresses of an element are those of the
        structures that hold it, forces those on its atoms.
    n: structures, or atoms for forces.
    mae, rmse: mean absolute and root mean square error.
    """

    quantity: str
    element: str
    n: int
    mae: float
    rmse: float


class Errors(NamedTuple):
    """Errors of one structure: predicted minus label.

    numbers: atomic numbers, `[n]`.
    energy: of an atom, eV.
    forces: eV/Å, `[n, 3]`.
    stress: eV/Å³, `[3, 3]`; None if the label has none.
    """

    numbers: np.ndarray
    energy: float
    forces: np.ndarray
    stress: np.ndarray | None


def parity_errors(potential: Potential, structures: Sequence[Labelled]) -> list[ErrorRow]:
    """Errors of a potential on labelled structures; of all, then of each element.

    Raises:
        UnknownElementError: the potential does not know an element.
    """
    errors = evaluate_errors(potential, structures)
    present = np.unique(np.concatenate([error.numbers for error in errors])).tolist()
    rows = []
    for z in (None, *present):
        name = "all" if z is None else chemical_symbols[z]
        holding = [error for error in errors if z is None or z in error.numbers]
        forces = [
            error.forces if z is None else error.forces[error.numbers == z] for error in holding
        ]
        stresses = [error.stress for error in holding if error.stress is not None]
        rows.append(_row("energy", name, [error.energy for error in holding], len(holding)))
        rows.append(_row("forces", name, np.concatenate(forces), sum(map(len, forces))))
        if stresses:
            rows.append(_row("stress", name, stresses, len(stresses)))
    return rows


def evaluate_errors(potential: Potential, structures: Sequence[Labelled]) -> list[Errors]:
    """Errors of each structure."""
    results = potential.evaluate([structure.cell.structure for structure in structures])
    return [
        Errors(
            numbers=structure.cell.numbers,
            energy=(result.energy - structure.energy) / len(structure.cell.numbers),
            forces=result.forces - structure.forces,
            stress=None if structure.stress is None else result.stress - structure.stress,
        )
        for structure, result in zip(structures, results, strict=True)
    ]


def _row(quantity: str, element: str, errors: Sequence[Any] | np.ndarray, n: int) -> ErrorRow:
    values = np.asarray(errors, np.float64)
    return ErrorRow(
        quantity, element, n, float(np.mean(np.abs(values))), float(np.sqrt(np.mean(values**2)))
    )
