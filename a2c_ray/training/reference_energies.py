"""The part of an energy that depends on composition only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from a2c_ray.training.labelled import Labelled


def fit_reference_energies(
    structures: Sequence[Labelled], species: Sequence[int], shift: np.ndarray | None = None
) -> np.ndarray:
    """Energy per atom of each element that explains total energies best, by least squares.

    Compositions that do not tell elements apart (all structures TiO2) give the solution of least
    norm; elements that are absent keep their shift.

    Args:
        structures: to explain.
        species: atomic numbers, in the order of the result.
        shift: energies to correct, eV; zero for each element by default.

    Returns:
        eV, float64 `[len(species)]`.
    """
    shift = np.zeros(len(species)) if shift is None else np.asarray(shift, np.float64)
    place = {z: k for k, z in enumerate(species)}
    counts = np.zeros((len(structures), len(species)))
    for row, structure in enumerate(structures):
        for z, n in zip(*np.unique(structure.cell.numbers, return_counts=True), strict=True):
            counts[row, place[int(z)]] = n
    energies = np.array([structure.energy for structure in structures])
    n_atoms = counts.sum(axis=1)
    # Per atom, so that large cells do not count more than small ones.
    left = energies / n_atoms - counts @ shift / n_atoms
    correction, *_ = np.linalg.lstsq(counts / n_atoms[:, None], left, rcond=1e-8)
    return shift + correction
