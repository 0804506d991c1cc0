"""Relax subcells into crystals: remove overlaps, then follow the potential downhill."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from a2c_ray.cells import Cell
from a2c_ray.crystallize.overlaps import separate, separator
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.relaxation.optimizers import OPTIMIZERS
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

DEFAULTS = RelaxSettings()

UNSEEN: dict[str, Any] = {
    **dict.fromkeys(("min_distance", "closest_contact", "peak_force"), math.nan),
    **dict.fromkeys(("forces", "stress")),
}
"""Of relaxations that the potential has no part in."""


def relax(
    structures: Subcells | Iterable[Structure | Atoms],
    potential: Potential,
    max_steps: int = DEFAULTS.max_steps,
    force_tol: float = DEFAULTS.force_tol,
    stress_tol: float = DEFAULTS.stress_tol,
    optimizer: str = DEFAULTS.optimizer,
    cell: Freedom | str = DEFAULTS.cell,
    pressure: float = DEFAULTS.pressure,
) -> list[Relaxed]:
    """Relax positions and cells, in the order given.

    Constraints are not kept: fixed atoms move, of which a `UserWarning` tells.

    Args:
        structures: subcells of a glass, whose overlaps are removed first, or any structures of
            pymatgen or ASE, which are relaxed as they are.
        potential: to relax under.
        max_steps: of the optimizer.
        force_tol: largest force on an atom, eV/Å.
        stress_tol: largest stress component, eV/Å³.
        optimizer: "lbfgs", or "fire" as in the paper.
        cell: what of it changes: "all", "shape", "volume" or "none".
        pressure: of the surroundings, eV/Å³, positive under compression: the enthalpy E + PV is
            minimized instead of the energy.

    Raises:
        UnknownElementError: a structure holds an element that the potential does not know.
        NoCellError: a structure is not periodic in all directions, or a site occupied in part.
        ValueError: there is no such optimizer or freedom, or a tolerance or the pressure is no
            number that it could be.
        TypeError: these are no structures.
    """
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, not {optimizer!r}")
    for name, tolerance in (("force_tol", force_tol), ("stress_tol", stress_tol)):
        if not tolerance >= 0:
            raise ValueError(f"{name} must be at least 0, not {tolerance}")
    if not math.isfinite(pressure):
        raise ValueError(f"pressure must be finite, not {pressure}")
    if isinstance(structures, Subcells):
        cells = [structures.cell(k) for k in range(len(structures))]
        distances = structures.minimum_distances
    else:
        from a2c_ray.reading.frames import constraints_not_kept, holds_fixed  # imports pymatgen

        given = list(structures)
        cells = [Cell.of(structure) for structure in given]
        distances = None
        if n_fixed := sum(map(holds_fixed, given)):
            warnings.warn(constraints_not_kept(n_fixed), stacklevel=2)
    free = Freedom(cell)
    settings = RelaxSettings(max_steps, force_tol, stress_tol, free, optimizer, pressure)
    relaxer = Relaxer(potential, settings)
    done = relax_cells(relaxer, cells, distances)
    return sorted(done, key=lambda relaxed: relaxed.index)


def relax_cells(
    relaxer: Relaxer, cells: Sequence[Cell], distances: np.ndarray | None
) -> Iterator[Relaxed]:
    """Relax cells, yielding each as soon as it is done.

    Args:
        relaxer: potential and settings.
        cells: their places are the indices of the results.
        distances: below which atoms overlap, from `minimum_distances`; None to skip that.
    """
    if distances is None:
        yield from relaxer.relax(cells)
        return
    sound = []
    for relaxed in separate(cells, distances, relaxer):
        if relaxed.outcome.is_valid:
            sound.append(relaxed)
        else:
            # What soft spheres have seen says nothing about the potential.
            yield dataclasses.replace(relaxed, **UNSEEN)
    for relaxed in relaxer.relax([relaxed.cell for relaxed in sound]):
        yield dataclasses.replace(relaxed, index=sound[relaxed.index].index)


def compile_ahead(relaxer: Relaxer, distances: np.ndarray) -> Iterator[Shape]:
    """Compile what `relax_cells` will need, without cells; yields each shape that is done.

    Args:
        relaxer: with shapes.
        distances: any, of the same elements; those of the glass need not be known.
    """
    yield from separator(distances, relaxer).compile()
    yield from relaxer.compile()
