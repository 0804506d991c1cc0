"""The path of one relaxation, every step of it, as a queue of cells takes it unseen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax
import numpy as np

from a2c_ray.cells import Array, Cell, pack
from a2c_ray.crystallize.overlaps import separate
from a2c_ray.errors import OperationError
from a2c_ray.potentials.potential import precision_of
from a2c_ray.relaxation.batching import Attempt, Relaxer
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import Slots, advance, new_slots


class NoPathError(OperationError):
    """The overlaps of a cell could not be removed, so that there is nothing to relax."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A relaxation, from the cell without overlaps to its end: T configurations of n atoms.

    numbers: atomic numbers, int `[n]`.
    positions: Cartesian, never wrapped into the cell, Å, `[T, n, 3]`.
    lattices: rows are lattice vectors, Å, `[T, 3, 3]`.
    energy: eV, `[T]`.
    max_force: largest force on an atom, eV/Å, `[T]`.
    max_stress: largest stress component, eV/Å³, `[T]`.
    min_distance: between two atoms, images included, Å, `[T]`; infinite beyond the cutoff.
    outcome: how it ended.
    overlap_steps: that removed overlaps before the first configuration.
    """

    numbers: np.ndarray
    positions: np.ndarray
    lattices: np.ndarray
    energy: np.ndarray
    max_force: np.ndarray
    max_stress: np.ndarray
    min_distance: np.ndarray
    outcome: Outcome
    overlap_steps: int

    @property
    def n_steps(self) -> int:
        """Steps of the optimizer; there is one more configuration."""
        return len(self.energy) - 1

    @cached_property
    def energy_per_atom(self) -> np.ndarray:
        """eV, `[T]`."""
        return self.energy / len(self.numbers)

    @cached_property
    def volume_per_atom(self) -> np.ndarray:
        """Å³, `[T]`."""
        return np.abs(np.linalg.det(self.lattices)) / len(self.numbers)

    def cell(self, step: int) -> Cell:
        """Configuration after so many steps; -1 is the end."""
        return Cell(self.lattices[step], self.positions[step], self.numbers)


def record(relaxer: Relaxer, cell: Cell, distances: np.ndarray | None = None) -> Recording:
    """Relax one cell as `relax_cells` does, one step at a time.

    Shapes, slots and the treatment of neighbour lists that are too short are the relaxer's, so
    that the end is the same to the last bit.

    Args:
        relaxer: potential, settings, shapes and size of batches.
        cell: to relax.
        distances: below which atoms overlap, from `minimum_distances`; None to skip that.

    Raises:
        NoPathError: overlaps cannot be removed.
        UnknownElementError: the cell holds an element that the potential does not know.
    """
    relaxer.potential.check_elements(cell.numbers)
    overlap_steps = 0
    if distances is not None:
        (separated,) = separate([cell], distances, relaxer)
        if not separated.outcome.is_valid:
            raise NoPathError(f"removing overlaps ended as {separated.outcome.label}")
        cell, overlap_steps = separated.cell, separated.steps
    with precision_of(relaxer.potential):
        frames = _record_frames(relaxer, cell)
    n_atoms = len(cell.numbers)
    return Recording(
        numbers=cell.numbers,
        positions=np.array([frame.positions[:n_atoms] for frame in frames], np.float64),
        lattices=np.array([frame.lattice for frame in frames], np.float64),
        energy=np.array([frame.energy for frame in frames], np.float64),
        max_force=np.array([frame.max_force for frame in frames], np.float64),
        max_stress=np.array([frame.max_stress for frame in frames], np.float64),
        min_distance=np.array([frame.min_distance for frame in frames], np.float64),
        outcome=Outcome(int(frames[-1].outcome)),
        overlap_steps=overlap_steps,
    )


def even_steps(last: int, most: int) -> list[int]:
    """At most so many steps from 0 to the last, both included, evenly spread."""
    return np.unique(np.linspace(0, last, min(most, last + 1)).round().astype(int)).tolist()


class _Frame(NamedTuple):
    """One configuration as it was evaluated; see `Recording`."""

    positions: Array
    lattice: Array
    energy: Array
    max_force: Array
    max_stress: Array
    min_distance: Array
    outcome: Array


def _record_frames(relaxer: Relaxer, cell: Cell) -> list[_Frame]:
    """All configurations; begun anew with longer lists where they overflow."""
    shapes = relaxer.shapes or choose_shapes([cell], relaxer.potential.cutoff, 1)
    shape = next(shape for shape in shapes if shape.n_atoms >= len(cell.numbers))
    attempt = relaxer.first_attempt(shape, n_cells=1)
    frames = _advance_to_end(relaxer, cell, attempt)
    while frames[-1].outcome == Outcome.OVERFLOW and not attempt.is_last:
        attempt = relaxer.next_attempt(attempt, n_cells=1)
        frames = _advance_to_end(relaxer, cell, attempt)
    return frames


def _advance_to_end(relaxer: Relaxer, cell: Cell, attempt: Attempt) -> list[_Frame]:
    """Relax a cell in the first of some slots; the others are empty."""
    potential, settings = relaxer.potential, relaxer.settings
    shape, n_slots = attempt
    cells = pack([cell], shape.n_atoms, n_slots, potential.dtype)
    floors = potential.energy_floor[cells.numbers].sum(axis=1)
    slots = new_slots(cells, floors, settings.optimizer)
    frames: list[_Frame] = []
    while not frames or frames[-1].outcome == Outcome.RUNNING:
        after, _ = advance(
            potential.model, potential.parameters, slots, shape.capacity, settings, 1
        )
        frames.append(jax.device_get(_evaluated(slots, after)))
        slots = after
    return frames


@jax.jit
def _evaluated(before: Slots, after: Slots) -> _Frame:
    """The first slot's cell before a step, with what the step has found out about it."""
    cells = before.cells
    return _Frame(
        cells.positions[0],
        cells.lattice[0],
        after.energy[0],
        after.max_force[0],
        after.max_stress[0],
        after.min_distance[0],
        after.outcome[0],
    )
