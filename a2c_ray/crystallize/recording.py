"""The paths of relaxations, as a queue of cells takes them unseen: all of one, or some of many."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax
import numpy as np

from a2c_ray.cells import Array, Cell, Cells, unpack
from a2c_ray.crystallize.overlaps import separate
from a2c_ray.crystallize.relax import UNSEEN
from a2c_ray.errors import OperationError
from a2c_ray.potentials.potential import precision_of
from a2c_ray.relaxation.batching import Attempt, Relaxed, Relaxer, empty_slots
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import choose_shapes
from a2c_ray.relaxation.slots import Slots, advance, refill

WATCHED_EVERY = 3
"""Steps between two configurations that are looked at where many cells are recorded."""


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
    (n_atoms, capacity), n_slots = attempt
    slots = empty_slots(potential, settings, n_atoms, n_slots)
    arrivals = relaxer.arrivals([cell, *[None] * (n_slots - 1)], range(n_slots), n_atoms)
    nobody = relaxer.arrivals([None] * n_slots, [], n_atoms)
    frames: list[_Frame] = []
    while not frames or frames[-1].outcome == Outcome.RUNNING:
        before = refill(slots, arrivals, settings.optimizer)
        slots = advance(
            potential.model, potential.parameters, slots, arrivals, capacity, settings, 1
        ).slots
        frames.append(jax.device_get(_evaluated(before, slots)))
        arrivals = nobody
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


@dataclass(frozen=True, eq=False)
class Frame:
    """A configuration on the way, with what the potential has found out about it.

    step: of the optimizer, from 0.
    cell: where the atoms were.
    energy: eV.
    forces: eV/Å, `[n, 3]`.
    stress: eV/Å³, `[3, 3]`.
    """

    step: int
    cell: Cell
    energy: float
    forces: np.ndarray
    stress: np.ndarray

    @property
    def max_force(self) -> float:
        """Largest force on an atom, eV/Å."""
        return float(np.sqrt(np.max(np.sum(self.forces**2, axis=1))))


def record_some(
    relaxer: Relaxer, cells: Sequence[Cell], distances: np.ndarray | None, most: int
) -> Iterator[tuple[Relaxed, list[Frame]]]:
    """Relax cells as `relax_cells` does, and keep some configurations of each way.

    Args:
        relaxer: potential, settings, shapes and size of batches.
        cells: their places are the indices of the results.
        distances: below which atoms overlap, from `minimum_distances`; None to skip that.
        most: configurations of a way that are kept, evenly spread, the first and the last included.
    """
    sound = list(enumerate(cells))
    if distances is not None:
        sound = []
        for relaxed in separate(cells, distances, relaxer):
            if relaxed.outcome.is_valid:
                sound.append((relaxed.index, relaxed.cell))
            else:
                yield dataclasses.replace(relaxed, **UNSEEN), []
    watch = _Watch()
    watching = dataclasses.replace(relaxer, watch=watch)
    for relaxed in watching.relax([cell for _, cell in sound]):
        frames = watch.frames.pop(relaxed.index, [])
        kept = [frames[k] for k in even_steps(len(frames) - 1, most)] if frames else []
        yield dataclasses.replace(relaxed, index=sound[relaxed.index][0]), kept


class _Watch:
    """Keeps every few configurations of each cell of a queue, and the last.

    frames: by the place of the cell.
    """

    def __init__(self) -> None:
        self.frames: dict[int, list[Frame]] = {}

    def __call__(self, before: Slots, after: Slots, owners: Sequence[int | None]) -> None:
        steps, outcomes = np.asarray(before.steps), np.asarray(after.outcome)
        wanted = [
            (k, owner)
            for k, owner in enumerate(owners)
            if owner is not None
            if outcomes[k] != Outcome.OVERFLOW
            if steps[k] % WATCHED_EVERY == 0 or outcomes[k] > Outcome.RUNNING
        ]
        if not wanted:
            return
        seen = jax.device_get(_seen(before, after))
        for k, owner in wanted:
            cell = unpack(seen.cells, k)
            frame = Frame(
                int(steps[k]),
                cell,
                float(seen.energy[k]),
                np.array(seen.forces[k, : len(cell.numbers)], np.float64),
                np.array(seen.stress[k], np.float64),
            )
            if frame.step == 0:  # begun anew, with longer neighbour lists
                self.frames[owner] = []
            self.frames.setdefault(owner, []).append(frame)


class _Seen(NamedTuple):
    """Of all slots; see `Frame`."""

    cells: Cells
    energy: Array
    forces: Array
    stress: Array


@jax.jit
def _seen(before: Slots, after: Slots) -> _Seen:
    return _Seen(before.cells, after.energy, after.forces, after.stress)
