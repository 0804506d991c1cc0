"""A batch of melt-quenches in progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from pymatgen.core import Composition

from a2c_ray.amorphous.box import random_cell
from a2c_ray.amorphous.checkpoint import Checkpoint, CheckpointError, from_bytes, to_bytes
from a2c_ray.amorphous.glass import (
    SNAPSHOT_STEPS,
    STEPS_PER_LOOK,
    Glass,
    MDTrace,
    MeltQuenchError,
)
from a2c_ray.amorphous.memory import overlap
from a2c_ray.amorphous.molecular_dynamics import (
    MDState,
    Observables,
    more_room,
    room_for_run,
    run,
    start,
)
from a2c_ray.amorphous.packing import remove_overlaps
from a2c_ray.amorphous.protocol import (
    Condition,
    Protocol,
    free_volume_schedule,
    temperature_schedule,
)
from a2c_ray.cache import one_compiles
from a2c_ray.cells import Cells, pack, unpack
from a2c_ray.device_memory import free_memory, program_memory
from a2c_ray.errors import TooLargeError
from a2c_ray.potentials.potential import Potential, precision_of
from a2c_ray.relaxation.batching import MAX_EDGES, Relaxer
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.relaxation.slots import RelaxSettings

RUNAWAY_TEMPERATURE = 1e5
"""K; a replica that gets hotter has exploded."""


class Window(NamedTuple):
    """What is imposed on S replicas at each of a few steps.

    temperatures: of the thermostats, K, `[n, S]`.
    free_volume: whether the boxes follow their pressure, bool `[n]`; None if they never do.
    """

    temperatures: np.ndarray
    free_volume: np.ndarray | None


def fractional(state: MDState) -> np.ndarray:
    """Unwrapped fractional coordinates of all replicas, float64 `[S, N, 3]`."""
    cells = jax.tree.map(lambda x: np.asarray(x, np.float64), state.cells)
    return cells.positions @ np.linalg.inv(cells.lattice)


class Replicas:
    """Melt-quenches of one composition that advance together.

    Args:
        potential: of the molecular dynamics.
        composition: of the whole box.
        conditions: one a replica.
        protocol: lengths of the stages.
    """

    def __init__(
        self,
        potential: Potential,
        composition: Composition,
        conditions: Sequence[Condition],
        protocol: Protocol,
    ) -> None:
        self.potential, self.conditions, self.protocol = potential, conditions, protocol
        self.composition = composition
        self.schedule = np.stack([temperature_schedule(c, protocol) for c in conditions], axis=1)
        self.free_volume = free_volume_schedule(protocol)
        self.n_done = 0
        self.failures: dict[int, str] = {}
        self.observed: list[Observables] = []
        self.snapshots: dict[int, np.ndarray] = {}
        self.melt_steps = [protocol.melt] * len(conditions)
        self.boxes = [random_cell(composition, c.volume_per_atom, c.seed) for c in conditions]

    def begin(self) -> None:
        """Pack the atoms, evaluate the forces on them, and take out the heat of packing.

        Raises:
            TooLargeError: the replicas do not fit the device together.
        """
        packed = [remove_overlaps(box, self.composition)[0] for box in self.boxes]
        cells = pack(packed, self.n_atoms, dtype=self.potential.dtype)
        self.capacity = room_for_run(cells, self.potential.cutoff)
        self.check_memory()
        with precision_of(self.potential):
            state = self._start(cells)
        self.state = self._run(state, self._window(0), speed=0.0)[0]
        for _ in range(0, self.protocol.settle_steps, STEPS_PER_LOOK):
            self.state = self._run_with_room(self._settling(), rescale=True)[0]
        self.snapshots[0] = fractional(self.state)

    def resume(self, data: bytes) -> None:
        """Go on from a checkpoint of the same batch.

        Raises:
            CheckpointError: it is of another, or damaged.
        """
        checkpoint = from_bytes(data, len(self.schedule), self.any_state)
        if checkpoint.taken is not None:
            raise CheckpointError("it is of melts that glasses share")
        self.go_on_from(checkpoint)

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """Go on from where the same batch stood."""
        self.n_done, self.state, self.capacity = checkpoint[:3]
        self.failures, self.snapshots = dict(checkpoint.failures), dict(checkpoint.snapshots)
        self.observed = [checkpoint.observed]
        self.melt_steps = checkpoint.melt_steps

    @property
    def checkpoint(self) -> Checkpoint:
        """Where the batch stands."""
        return Checkpoint(
            n_done=self.n_done,
            state=jax.device_get(self.state),
            capacity=self.capacity,
            failures=self.failures,
            observed=self.all_observed(),
            snapshots=self.snapshots,
            melt_steps=self.melt_steps,
        )

    def to_bytes(self) -> bytes:
        """Where the batch stands, as `resume` takes it."""
        return to_bytes(self.checkpoint)

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done, and steps in all."""
        return self.n_done, len(self.schedule)

    @property
    def any_state(self) -> MDState:
        """Structure, shapes and dtypes of the batch's state, without its numbers."""
        cells = pack(self.boxes, self.n_atoms, dtype=self.potential.dtype)
        with precision_of(self.potential):
            return jax.eval_shape(self._start, cells)

    @property
    def n_atoms(self) -> int:
        """Of a replica."""
        return len(self.boxes[0].numbers)

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or all replicas have failed."""
        return self.n_done == len(self.schedule) or len(self.failures) == len(self.conditions)

    def advance(self) -> None:
        """One window of steps."""
        window = self._window(self.n_done)
        self.state, observed = self._run_with_room(window)
        self.n_done += len(window.temperatures)
        self.observed.append(jax.tree.map(np.asarray, observed))
        if self.n_done == self.melted_step or self._is_logged(self.n_done):
            self.snapshots[self.n_done] = fractional(self.state)
        self._find_failures()

    def result(self, k: int) -> Glass | MeltQuenchError:
        """What became of replica k."""
        condition = self.conditions[k]
        if k in self.failures:
            return MeltQuenchError(f"the melt-quench with {condition} failed: {self.failures[k]}")
        cell = unpack(jax.tree.map(np.asarray, self.state.cells), k)
        state = self.state
        energy, min_distance = float(state.energy[k]), float(state.min_distance[k])
        contact = float(state.extremes.closest_contact[k])
        peak_force = float(state.extremes.peak_force[k])
        if self.protocol.relax_steps:
            settings = RelaxSettings(self.protocol.relax_steps, cell=Freedom.NONE)
            relaxed = next(Relaxer(self.potential, settings).relax([cell]))
            cell, energy, min_distance = relaxed.cell, relaxed.energy, relaxed.min_distance
            contact = min(contact, relaxed.closest_contact)
            peak_force = max(peak_force, relaxed.peak_force)
        trace = self._trace(k)
        return Glass(
            structure=cell.structure,
            energy_per_atom=energy / len(cell.numbers),
            pressure=trace.mean_at_end(trace.pressure),
            min_distance=min_distance,
            closest_contact=contact,
            peak_force=peak_force,
            melt_overlap=self._melt_overlap(k),
            melt_steps=self.melt_steps[k],
            condition=condition,
            protocol=self.protocol,
            trace=trace,
        )

    @property
    def melted_step(self) -> int:
        """The last look during the melt."""
        return self.protocol.melt // STEPS_PER_LOOK * STEPS_PER_LOOK

    def _is_logged(self, step: int) -> bool:
        """Whether the trace holds a snapshot of the step."""
        return step > max(0, len(self.schedule) - SNAPSHOT_STEPS)

    def _window(self, first: int) -> Window:
        steps = slice(first, first + STEPS_PER_LOOK)
        free = None if self.free_volume is None else self.free_volume[steps]
        return Window(self.schedule[steps], free)

    def _settling(self) -> Window:
        """A window at T_high, as long as the first of the run: no other program is needed."""
        window = self._window(0)
        t_high = [condition.t_high for condition in self.conditions]
        free = window.free_volume
        return Window(
            np.tile(t_high, (len(window.temperatures), 1)),
            None if free is None else np.zeros_like(free),
        )

    def _run_with_room(self, window: Window, rescale: bool = False) -> tuple[MDState, Observables]:
        """Steps from the present state, repeated with longer lists if those were too short."""
        state, observed = self._run(self.state, window, rescale=rescale)
        while self._lacks_room(state):
            boxes = np.stack([self.state.cells.lattice, state.cells.lattice])
            finite = boxes[np.isfinite(boxes).all(axis=(-2, -1))]
            self.capacity = more_room(self.capacity, finite, self.potential.cutoff)
            state, observed = self._run(self.state, window, rescale=rescale)
        return state, observed

    def check_memory(self) -> None:
        """See that the device holds all replicas, with lists of the present capacity.

        Raises:
            TooLargeError: it does not.
        """
        budget, n_replicas = free_memory(), len(self.conditions)
        if budget is None or n_replicas == 1:
            return
        arguments = self._arguments(self.any_state, self._window(0), speed=0.0)
        with precision_of(self.potential):
            need = program_memory(run.lower(*arguments).compile())
        if need > budget:
            raise TooLargeError(
                f"{n_replicas} replicas of {self.n_atoms} atoms need {need / 1e9:.1f} GB together, "
                f"and {budget / 1e9:.1f} are free"
            )

    def _run(
        self, state: MDState, window: Window, speed: float = 1.0, rescale: bool = False
    ) -> tuple[MDState, Observables]:
        potential, protocol = self.potential, self.protocol
        arguments = self._arguments(state, window, speed, rescale)
        size = (len(window.temperatures), len(self.conditions), self.n_atoms, self.capacity)
        kind = (protocol.timestep_fs, protocol.thermostat_steps, protocol.ensemble)
        program = ("melt", potential.fingerprint, potential.dtype, *kind, *size)
        with precision_of(potential), one_compiles(program):
            state, observed = run(*arguments)
            return state, jax.block_until_ready(observed)

    def _arguments(
        self, state: MDState, window: Window, speed: float, rescale: bool = False
    ) -> tuple[Any, ...]:
        """Of `run`."""
        return (
            self.potential.model,
            self.potential.parameters,
            state,
            window.temperatures,
            self.capacity,
            self.protocol.timestep_fs,
            self.protocol.thermostat_steps,
            speed,
            rescale,
            window.free_volume,
        )

    def _start(self, cells: Cells) -> MDState:
        seeds = np.array([c.seed % 2**32 for c in self.conditions], np.uint32)
        timestep, period = self.protocol.timestep_fs, self.protocol.thermostat_steps
        return start(cells, self.schedule[0], seeds, timestep, period)

    def all_observed(self) -> Observables:
        """Of all steps so far, `[n_done, S]`."""
        if len(self.observed) > 1:
            self.observed = [jax.tree.map(lambda *x: np.concatenate(x), *self.observed)]
        return self.observed[0]

    def _lacks_room(self, state: MDState) -> bool:
        sound = [k for k in range(len(self.conditions)) if k not in self.failures]
        return self.capacity.edges < MAX_EDGES and bool(np.any(np.asarray(state.overflow)[sound]))

    def _find_failures(self) -> None:
        latest = self.observed[-1]
        floor = [self.potential.energy_floor[box.numbers].sum() for box in self.boxes]
        for k in range(len(self.conditions)):
            hottest = np.max(latest.temperature[:, k])
            lowest = np.min(latest.energy[:, k])
            if k in self.failures:
                continue
            if not np.isfinite(hottest) or hottest > RUNAWAY_TEMPERATURE:
                reason = f"it heated to {hottest:.3g} K"
            elif not lowest >= floor[k]:
                reason = f"its energy fell to {lowest / self.n_atoms:.3g} eV/atom"
            elif self.state.overflow[k]:
                reason = f"an atom has more than {MAX_EDGES} neighbours"
            else:
                continue
            self.failures[k] = (
                f"{reason} within {self.n_done} steps. The potential does not hold these atoms "
                "apart at this temperature and density"
            )

    def _melt_overlap(self, k: int) -> float | None:
        if not self.melted_step:
            return None
        start, end = (self.snapshots[step][k] for step in (0, self.melted_step))
        # The box has not changed yet.
        return overlap(start, end, self.boxes[k])

    def _trace(self, k: int) -> MDTrace:
        observed = jax.tree.map(lambda x: x[:, k], self.all_observed())
        logged = sorted(filter(self._is_logged, self.snapshots))
        return MDTrace(
            step=np.arange(1, self.n_done + 1),
            thermostat=self.schedule[: self.n_done, k],
            temperature=observed.temperature,
            energy=observed.energy / self.n_atoms,
            pressure=observed.pressure,
            conserved=observed.conserved / self.n_atoms,
            snapshot_step=np.array(logged),
            snapshots=np.array([np.mod(self.snapshots[i][k], 1.0) for i in logged]),
        )
