"""Relax a queue of cells by continuous batching.

Cells wait in a queue; a fixed number of slots advance together on the device; whenever some have
finished, they are harvested and refilled. No cell waits for the slowest of a batch, and nothing is
recompiled: cells of similar sizes share one shape.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import numpy as np

from a2c_ray.cache import one_compiles
from a2c_ray.cells import Cell, pack, translated, translations_far_away
from a2c_ray.device_memory import (
    fitting_slots,
    free_memory,
    is_out_of_memory,
    program_memory,
)
from a2c_ray.padding import group_by_size
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.potentials.potential import Potential, precision_of
from a2c_ray.relaxation.ceilings import Ceilings
from a2c_ray.relaxation.ends import Ends, unpack_ends
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape, choose_shapes
from a2c_ray.relaxation.slots import (
    Arrivals,
    RelaxSettings,
    Slots,
    advance,
    new_slots,
    refill,
)

if TYPE_CHECKING:
    from pymatgen.core import Structure

LOG = logging.getLogger(__name__)

BATCH_ATOMS = {"cpu": 24}
"""Atoms, padding included, that advance together on a kind of device. Little is gained on a CPU
by more, and a queue's last cells share their batch with empty slots."""

DEFAULT_BATCH_ATOMS = 8192
"""The same on accelerators."""

STEPS_PER_LOOK = 50
"""Most steps between two looks of the host at the slots."""

MAX_EDGES = 1024
"""Longest neighbour list tried before a cell is given up."""

LONGER_LISTS = 4
"""So many times as long are the lists in which a cell that overflowed is tried again. Each length
is a program to be compiled, which takes longer than what the few such cells have in excess."""

MAX_SHAPES = 4
"""That a queue may be sorted into, unless they are given."""

FEW_ROUNDS = 4
"""Fillings of all slots below which a queue is short."""

FEWER_SLOTS = 4
"""One of so many slots is used for cells that overflowed, of which there are few."""

DEFAULT_SETTINGS = RelaxSettings()


@dataclass(frozen=True)
class Relaxed:
    """The end of one relaxation.

    index: place of the cell in the queue.
    cell: final positions and lattice.
    energy: eV.
    max_force: largest force on an atom, eV/Å.
    max_stress: largest component of the stress that the cell is free to follow, beyond the
        pressure, eV/Å³.
    steps: taken.
    outcome: how it ended.
    min_distance: between two atoms at the end, images included, Å; infinite beyond the cutoff.
    closest_contact: smallest distance between two atoms on the way, over the sum of their covalent
        radii; infinite if they were never within the cutoff.
    peak_force: largest finite force on an atom on the way, eV/Å.
    forces: on the atoms at the end, eV/Å, `[n, 3]`.
    stress: at the end, without the pressure of the surroundings, eV/Å³, `[3, 3]`.

    The last five are NaN or None where the potential was never asked.
    """

    index: int
    cell: Cell
    energy: float
    max_force: float
    max_stress: float
    steps: int
    outcome: Outcome
    min_distance: float = math.nan
    closest_contact: float = math.nan
    peak_force: float = math.nan
    forces: np.ndarray | None = None
    stress: np.ndarray | None = None

    @property
    def energy_per_atom(self) -> float:
        """Energy over the number of atoms, eV."""
        return self.energy / len(self.cell.numbers)

    def enthalpy_per_atom(self, pressure: float) -> float:
        """Energy and pressure, eV/Å³, times volume, over the number of atoms, eV."""
        return self.energy_per_atom + pressure * self.cell.volume / len(self.cell.numbers)

    @property
    def structure(self) -> Structure:
        """Final structure."""
        return self.cell.structure


class Attempt(NamedTuple):
    """How cells of one number of atoms are relaxed together.

    shape: of their arrays.
    n_slots: that advance together.
    """

    shape: Shape
    n_slots: int

    @property
    def is_last(self) -> bool:
        """Whether cells that overflow these lists are given up."""
        return self.shape.capacity.edges >= MAX_EDGES

    def halved(self) -> Attempt:
        """With half as many slots."""
        return self._replace(n_slots=self.n_slots // 2)


@dataclass
class Usage:
    """What a device has been given to do, for benchmarks.

    slot_steps: slots times evaluations of the potential, occupied or not.
    atom_steps: the same times the padded number of atoms.
    most_slots: that advanced together.
    device_s: time until the device was done, s; the rest is the host's.
    programs: (atoms, slots, capacity) of each compiled program.
    """

    slot_steps: int = 0
    atom_steps: int = 0
    most_slots: int = 0
    device_s: float = 0.0
    programs: set[tuple[int, int, Capacity]] = field(default_factory=set)

    def clear(self) -> None:
        """Start anew."""
        self.slot_steps = self.atom_steps = self.most_slots = 0
        self.device_s = 0.0
        self.programs.clear()

    def count(
        self, n_atoms: int, n_slots: int, capacity: Capacity, n_steps: int, seconds: float
    ) -> None:
        """Count the steps between two looks."""
        self.slot_steps += n_slots * n_steps
        self.atom_steps += n_slots * n_steps * n_atoms
        self.most_slots = max(self.most_slots, n_slots)
        self.device_s += seconds
        self.programs.add((n_atoms, n_slots, capacity))


Watch = Callable[[Slots, Slots, Sequence[int | None]], None]
"""Called after a step with all slots before and after it, and which cell is in which; what the step
has found out about the cells before it is in the slots after it."""


@dataclass(frozen=True)
class Relaxer:
    """Relaxes queues of cells under one potential.

    potential: to relax under.
    settings: when a relaxation stops.
    shapes: to sort cells into, ascending; chosen for each queue if there are none.
    batch_atoms: atoms, padding included, that advance together; 0 for the device's default.
    memory: bytes that a program may take; None for what is free on the device.
    usage: counts what is done, if given.
    watch: looks on, step by step; what becomes of the cells is the same.
    ceilings: what need not be relaxed to its end, if anything.
    """

    potential: Potential
    settings: RelaxSettings = DEFAULT_SETTINGS
    shapes: tuple[Shape, ...] = ()
    batch_atoms: int = 0
    memory: int | None = None
    usage: Usage | None = None
    watch: Watch | None = None
    ceilings: Ceilings | None = None

    @property
    def steps_per_look(self) -> int:
        """Most steps between two looks of the host at the slots."""
        return 1 if self.watch else STEPS_PER_LOOK

    @property
    def atoms_together(self) -> int:
        """Atoms, padding included, that advance together."""
        return self.batch_atoms or BATCH_ATOMS.get(jax.default_backend(), DEFAULT_BATCH_ATOMS)

    def relax(self, cells: Sequence[Cell]) -> Iterator[Relaxed]:
        """Relax cells, yielding each as soon as it is done.

        Raises:
            UnknownElementError: a cell holds an element that the potential does not know.
            ValueError: a cell is larger than the largest shape.
        """
        if not cells:
            return
        self.potential.check_elements(np.concatenate([cell.numbers for cell in cells]))
        far = {
            k: t for k, cell in enumerate(cells) if (t := translations_far_away(cell)) is not None
        }
        near = [translated(cell, -far[k]) if k in far else cell for k, cell in enumerate(cells)]
        shapes = self.shapes or choose_shapes(near, self.potential.cutoff, MAX_SHAPES)
        counts = [len(cell.numbers) for cell in cells]
        largest = shapes[-1].n_atoms
        for k, n_atoms in enumerate(counts):
            if n_atoms > largest:
                raise ValueError(f"cell {k} has {n_atoms} atoms, the largest shape {largest}")
        groups = group_by_size(counts, [shape.n_atoms for shape in shapes])
        for shape in shapes:
            alike = groups[shape.n_atoms]
            if not alike:
                continue
            for end in self._relax_alike(shape, [(k, near[k]) for k in alike]):
                if end.index in far:
                    end = replace(end, cell=translated(end.cell, far[end.index]))
                yield end

    def compile(self) -> Iterator[Shape]:
        """Compile what cells of the given shapes will need; yields each shape that is done."""
        for shape in self.shapes:
            (n_atoms, capacity), n_slots = self.first_attempt(shape, n_cells=1)
            with precision_of(self.potential):
                slots = empty_slots(self.potential, self.settings, n_atoms, n_slots)
                arrivals = self.arrivals([None] * n_slots, list(range(n_slots)), n_atoms)
                self._advance(slots, arrivals, capacity)
            yield shape

    def _relax_alike(self, shape: Shape, queue: list[tuple[int, Cell]]) -> Iterator[Relaxed]:
        """Relax cells of one shape; those that overflow its lists are tried with longer ones.

        Where the device's memory does not suffice, what is not done yet begins anew in half as many
        slots.
        """
        attempt = self.first_attempt(shape, len(queue))
        left, overflowed = dict(queue), {}
        while left:
            try:
                for relaxed in self._drain(deque(left.items()), attempt):
                    cell = left.pop(relaxed.index)
                    if relaxed.outcome is Outcome.OVERFLOW and not attempt.is_last:
                        overflowed[relaxed.index] = cell
                    else:
                        yield relaxed
            except jax.errors.JaxRuntimeError as error:
                if not is_out_of_memory(error) or attempt.n_slots == 1:
                    raise
                attempt = attempt.halved()
                LOG.warning("out of memory: going on with %d cells at a time", attempt.n_slots)
            if not left and overflowed:
                left, overflowed = overflowed, {}
                attempt = self.next_attempt(attempt, len(left))

    def ceiling(self, cell: Cell) -> float:
        """Enthalpy above which the relaxation of a cell is given up once it is quiet, eV."""
        return math.inf if self.ceilings is None else self.ceilings.of(cell.numbers)

    def first_attempt(self, shape: Shape, n_cells: int) -> Attempt:
        """How cells of one shape are relaxed.

        If shapes are given, the number of slots depends on them alone: the program is then the same
        for all queues, and what becomes of a cell does not depend on those it shares a queue with.
        Otherwise a short queue gets as many slots as fill evenly.

        Args:
            shape: of the cells.
            n_cells: that are waiting.
        """
        return Attempt(shape, self._fitting(shape, self._n_slots(shape.n_atoms, n_cells)))

    def next_attempt(self, attempt: Attempt, n_cells: int) -> Attempt:
        """How the few cells that have overflowed their lists in an attempt are tried again."""
        n_atoms, capacity = attempt.shape
        n_slots = self._n_slots(n_atoms, n_cells)
        if self.shapes:
            n_slots = max(1, n_slots // FEWER_SLOTS)
        shape = Shape(n_atoms, capacity.times(LONGER_LISTS))
        return Attempt(shape, self._fitting(shape, n_slots))

    def _n_slots(self, n_atoms: int, n_cells: int) -> int:
        """Slots of one shape that advance together, as far as memory does not matter."""
        most = max(1, self.atoms_together // n_atoms)
        if self.shapes:
            return most
        rounds = math.ceil(n_cells / most)
        return most if rounds > FEW_ROUNDS else math.ceil(n_cells / rounds)

    def _fitting(self, shape: Shape, n_slots: int) -> int:
        """As many slots as wanted, or as fit the device."""
        budget = free_memory() if self.memory is None else self.memory
        if budget is None:
            return n_slots
        return fitting_slots(
            n_slots, partial(_needed_memory, self.potential, self.settings.compiled, shape), budget
        )

    def _drain(self, waiting: deque[tuple[int, Cell]], attempt: Attempt) -> Iterator[Relaxed]:
        """Continuous batching: admit, advance, retire, until queue and slots are empty."""
        (n_atoms, capacity), n_slots = attempt
        owners: list[int | None] = [None] * n_slots
        with precision_of(self.potential):
            slots = empty_slots(self.potential, self.settings, n_atoms, n_slots)
        while True:
            arrivals = self._admit(owners, waiting, n_atoms)
            if all(owner is None for owner in owners):
                return
            with precision_of(self.potential):
                before = slots
                slots, ends = self._advance(before, arrivals, capacity)
                if self.watch:
                    filled = refill(before, arrivals, self.settings.optimizer)
                    self.watch(filled, slots, owners)
            yield from _retire(ends, owners)

    def _advance(
        self, slots: Slots, arrivals: Arrivals, capacity: Capacity
    ) -> tuple[Slots, Ends[np.ndarray]]:
        started = time.perf_counter()
        n_slots, n_atoms = slots.numbers.shape
        potential = self.potential
        settings = self.settings.compiled
        key = (potential.fingerprint, potential.dtype, settings, n_slots, n_atoms, capacity)
        with one_compiles(("relax", *key)):
            program = _program(potential, self.settings, slots, arrivals, capacity)
            slots, n_steps, packed = advance(*program, self.steps_per_look)
            packed.block_until_ready()
        if self.usage:
            seconds = time.perf_counter() - started
            self.usage.count(n_atoms, n_slots, capacity, int(n_steps), seconds)
        return slots, unpack_ends(packed)

    def _admit(
        self, owners: list[int | None], waiting: deque[tuple[int, Cell]], n_atoms: int
    ) -> Arrivals:
        """Fill free slots from the queue; slots that stay free become empty."""
        free = [k for k, owner in enumerate(owners) if owner is None]
        cells: list[Cell | None] = [None] * len(owners)
        for k in free:
            if waiting:
                owners[k], cells[k] = waiting.popleft()
        return self.arrivals(cells, free, n_atoms)

    def arrivals(
        self, cells: Sequence[Cell | None], replaced: Sequence[int], n_atoms: int
    ) -> Arrivals:
        """Cells for slots.

        Args:
            cells: one for each slot; None leaves it empty, if it is replaced at all.
            replaced: slots.
            n_atoms: that slots have room for.
        """
        packed = pack(cells, n_atoms, dtype=self.potential.dtype)
        is_replaced = np.zeros(len(cells), bool)
        is_replaced[replaced] = True
        ceilings = [math.inf if cell is None else self.ceiling(cell) for cell in cells]
        return Arrivals(
            replaced=is_replaced,
            cells=packed,
            energy_floor=self.potential.energy_floor[packed.numbers].sum(axis=1),
            ceiling=np.array(ceilings),
        )


def _program(
    potential: Potential,
    settings: RelaxSettings,
    slots: Slots,
    arrivals: Arrivals,
    capacity: Capacity,
) -> tuple[Any, ...]:
    """Arguments of `advance`, but for the number of steps."""
    return potential.model, potential.parameters, slots, arrivals, capacity, settings


def empty_slots(potential: Potential, settings: RelaxSettings, n_atoms: int, n_slots: int) -> Slots:
    """Slots without cells, for cells of up to so many atoms."""
    cells = pack([], n_atoms, n_slots, potential.dtype)
    return new_slots(cells, np.zeros(n_slots), settings.optimizer)


@lru_cache(maxsize=256)
def _needed_memory(
    potential: Potential, settings: RelaxSettings, shape: Shape, n_slots: int
) -> int:
    """Bytes that the program for so many slots needs; compiles it."""
    n_atoms, capacity = shape
    with precision_of(potential):
        slots = empty_slots(potential, settings, n_atoms, n_slots)
        arrivals = Relaxer(potential, settings).arrivals([None] * n_slots, [], n_atoms)
        program = advance.lower(
            *_program(potential, settings, slots, arrivals, capacity), STEPS_PER_LOOK
        )
        return program_memory(program.compile())


def _retire(ends: Ends[np.ndarray], owners: list[int | None]) -> list[Relaxed]:
    """Take finished relaxations out of their slots; copies, that do not keep the others' alive."""
    retired = []
    for k in np.flatnonzero(ends.outcome > int(Outcome.RUNNING)).tolist():
        owner = owners[k]
        if owner is None:
            continue
        owners[k] = None
        numbers = ends.numbers[k].astype(np.int32)
        n_atoms = int(np.count_nonzero(numbers))
        retired.append(
            Relaxed(
                index=owner,
                cell=Cell(
                    ends.lattice[k].copy(), ends.positions[k, :n_atoms].copy(), numbers[:n_atoms]
                ),
                energy=float(ends.energy[k]),
                max_force=float(ends.max_force[k]),
                max_stress=float(ends.max_stress[k]),
                steps=int(ends.steps[k]),
                outcome=Outcome(int(ends.outcome[k])),
                min_distance=float(ends.min_distance[k]),
                closest_contact=float(ends.closest_contact[k]),
                peak_force=float(ends.peak_force[k]),
                forces=ends.forces[k, :n_atoms].copy(),
                stress=ends.stress[k].copy(),
            )
        )
    return retired
