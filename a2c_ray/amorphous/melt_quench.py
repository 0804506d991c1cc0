"""Melt-quench molecular dynamics: from a composition to a glass.

Random atoms in a cubic box are packed, melted at T_high, cooled linearly to T_low and equilibrated
there. Several replicas of one composition advance in one batch.

Source: a²c paper, Methods, "Generation of amorphous structures".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.box import atomic_volume, random_cell
from a2c_ray.amorphous.molecular_dynamics import (
    MDState,
    Observables,
    more_room,
    room_for_run,
    run,
    start,
)
from a2c_ray.amorphous.packing import remove_overlaps
from a2c_ray.cells import pack, unpack
from a2c_ray.compositions import whole_formula_units
from a2c_ray.potentials.potential import Potential, precision_of
from a2c_ray.relaxation.batching import MAX_EDGES, Relaxer
from a2c_ray.relaxation.slots import RelaxSettings

STEPS_PER_LOOK = 10
"""Steps between two looks of the host, and between two snapshots."""

SNAPSHOT_STEPS = 200
"""Last steps of the run of which snapshots are kept."""

RUNAWAY_TEMPERATURE = 1e5
"""K; a replica that gets hotter has exploded."""


class MeltQuenchError(RuntimeError):
    """A melt-quench did not give a glass; the message says which and why."""


class Protocol(NamedTuple):
    """Lengths of the three stages, and the time step.

    melt, quench, equilibrate: steps.
    timestep_fs: fs.
    relax_steps: of a final relaxation of the positions; 0 for none.
    """

    melt: int = 1500
    quench: int = 2500
    equilibrate: int = 1500
    timestep_fs: float = 2.0
    relax_steps: int = 0


PAPER_PROTOCOL = Protocol()


class Condition(NamedTuple):
    """What distinguishes replicas of one composition.

    t_high, t_low: K.
    volume_per_atom: Å³.
    seed: of positions and velocities.
    """

    t_high: float
    t_low: float
    volume_per_atom: float
    seed: int


@dataclass(frozen=True)
class MDTrace:
    """Log of a run, one entry a step; snapshots every `STEPS_PER_LOOK` of the last steps.

    step: 1 is the first, int `[n]`.
    thermostat: K, `[n]`.
    temperature: K, `[n]`.
    energy: potential energy, eV/atom, `[n]`.
    pressure: eV/Å³, `[n]`.
    conserved: eV/atom, `[n]`; see `molecular_dynamics.Observables`.
    snapshot_step: int `[k]`.
    snapshots: fractional coordinates, `[k, N, 3]`.
    """

    step: np.ndarray
    thermostat: np.ndarray
    temperature: np.ndarray
    energy: np.ndarray
    pressure: np.ndarray
    conserved: np.ndarray
    snapshot_step: np.ndarray
    snapshots: np.ndarray


@dataclass(frozen=True)
class Glass:
    """An amorphous structure and how it was made.

    structure: after the last step (and relaxation).
    energy_per_atom: potential energy of the structure, eV.
    pressure: mean over the last `SNAPSHOT_STEPS` steps, eV/Å³.
    min_distance: between two atoms of the structure, images included, Å.
    closest_contact: smallest distance between two atoms on the way, over the sum of their covalent
        radii.
    peak_force: largest force on an atom on the way, eV/Å.
    condition, protocol: settings.
    trace: of the molecular dynamics.
    """

    structure: Structure
    energy_per_atom: float
    pressure: float
    min_distance: float
    closest_contact: float
    peak_force: float
    condition: Condition
    protocol: Protocol
    trace: MDTrace


def melt_quench(
    composition: str | Composition,
    potential: Potential,
    t_high: float,
    t_low: float,
    volume_per_atom: float | None = None,
    density: float | None = None,
    stable_structure: Structure | None = None,
    n_atoms: int = 100,
    seed: int = 0,
    protocol: Protocol = PAPER_PROTOCOL,
) -> Glass:
    """Make one glass.

    Args:
        composition: reduced; the box holds the whole number of formula units closest to `n_atoms`.
        potential: of the molecular dynamics.
        t_high, t_low: K.
        volume_per_atom: Å³; or
        density: g/cm³; or
        stable_structure: whose volume per atom is taken times 1.15.
        n_atoms: about 100 in the paper.
        seed: of positions and velocities.
        protocol: lengths of the stages.

    Raises:
        ValueError: a setting is out of range.
        MeltQuenchError: the molecular dynamics exploded.
    """
    whole = whole_formula_units(composition, n_atoms)
    volume = atomic_volume(whole, volume_per_atom, density, stable_structure)
    condition = Condition(t_high, t_low, volume, seed)
    result = melt_quench_replicas(whole, potential, [condition], protocol)[0]
    if isinstance(result, MeltQuenchError):
        raise result
    return result


def melt_quench_replicas(
    composition: Composition,
    potential: Potential,
    conditions: Sequence[Condition],
    protocol: Protocol = PAPER_PROTOCOL,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Glass | MeltQuenchError]:
    """Make glasses of one composition in one batch.

    Args:
        composition: of the whole box.
        potential: of the molecular dynamics.
        conditions: one a replica.
        protocol: lengths of the stages.
        on_progress: called with (steps done, steps in all).

    Returns:
        For each condition a glass, or the reason why there is none: one replica that explodes
        does not harm the others.

    Raises:
        ValueError: a setting is out of range.
        UnknownElementError: an element that the potential does not know.
    """
    _check(conditions, protocol)
    potential.check_elements([element.Z for element in composition])
    replicas = _Replicas(potential, composition, conditions, protocol)
    while not replicas.finished:
        replicas.advance()
        if on_progress:
            on_progress(replicas.n_done, len(replicas.schedule))
    return [replicas.result(k) for k in range(len(conditions))]


def temperature_schedule(condition: Condition, protocol: Protocol) -> np.ndarray:
    """Temperature of the thermostat at each step, K."""
    return np.concatenate(
        [
            np.full(protocol.melt, condition.t_high, float),
            np.linspace(condition.t_high, condition.t_low, protocol.quench + 1)[1:],
            np.full(protocol.equilibrate, condition.t_low, float),
        ]
    )


def _check(conditions: Sequence[Condition], protocol: Protocol) -> None:
    for condition in conditions:
        for name in ("t_high", "t_low", "volume_per_atom"):
            if not getattr(condition, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(condition, name)}")
    if min(protocol.melt, protocol.quench, protocol.equilibrate) < 0 or sum(protocol[:3]) < 1:
        raise ValueError(f"a melt-quench needs at least one step, not {protocol[:3]}")
    if not protocol.timestep_fs > 0:
        raise ValueError(f"timestep_fs must be positive, not {protocol.timestep_fs}")


class _Replicas:
    """A batch of melt-quenches in progress."""

    def __init__(
        self,
        potential: Potential,
        composition: Composition,
        conditions: Sequence[Condition],
        protocol: Protocol,
    ) -> None:
        self.potential, self.conditions, self.protocol = potential, conditions, protocol
        self.schedule = np.stack([temperature_schedule(c, protocol) for c in conditions], axis=1)
        self.n_done = 0
        self.failures: dict[int, str] = {}
        self.observed: list[Observables] = []
        self.snapshots: dict[int, np.ndarray] = {}
        packed = [
            remove_overlaps(random_cell(composition, c.volume_per_atom, c.seed), composition)[0]
            for c in conditions
        ]
        self.start_cells = pack(packed, len(packed[0].numbers), dtype=potential.dtype)
        self.capacity = room_for_run(self.start_cells, potential.cutoff)
        seeds = np.array([c.seed % 2**32 for c in conditions], np.uint32)
        with precision_of(potential):
            state = start(self.start_cells, self.schedule[0], seeds, protocol.timestep_fs)
        self.state = self._run(state, self.schedule[:STEPS_PER_LOOK], speed=0.0)[0]

    @property
    def finished(self) -> bool:
        return self.n_done == len(self.schedule) or len(self.failures) == len(self.conditions)

    def advance(self) -> None:
        """One window of steps, repeated with longer neighbour lists if those were too short."""
        window = self.schedule[self.n_done : self.n_done + STEPS_PER_LOOK]
        state, observed = self._run(self.state, window)
        while self._lacks_room(state):
            self.capacity = more_room(self.capacity)
            state, observed = self._run(self.state, window)
        self.state = state
        self.n_done += len(window)
        self.observed.append(jax.tree.map(np.asarray, observed))
        if self.n_done > len(self.schedule) - SNAPSHOT_STEPS:
            self.snapshots[self.n_done] = np.asarray(state.cells.positions)
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
            settings = RelaxSettings(self.protocol.relax_steps, relax_cell=False)
            relaxed = next(Relaxer(self.potential, settings).relax([cell]))
            cell, energy, min_distance = relaxed.cell, relaxed.energy, relaxed.min_distance
            contact = min(contact, relaxed.closest_contact)
            peak_force = max(peak_force, relaxed.peak_force)
        trace = self._trace(k)
        return Glass(
            structure=cell.structure,
            energy_per_atom=energy / len(cell.numbers),
            pressure=float(np.mean(trace.pressure[-SNAPSHOT_STEPS:])),
            min_distance=min_distance,
            closest_contact=contact,
            peak_force=peak_force,
            condition=condition,
            protocol=self.protocol,
            trace=trace,
        )

    def _run(
        self, state: MDState, window: np.ndarray, speed: float = 1.0
    ) -> tuple[MDState, Observables]:
        potential, timestep = self.potential, self.protocol.timestep_fs
        with precision_of(potential):
            return run(
                potential.model, potential.parameters, state, window, self.capacity, timestep, speed
            )

    def _lacks_room(self, state: MDState) -> bool:
        sound = [k for k in range(len(self.conditions)) if k not in self.failures]
        return self.capacity.edges < MAX_EDGES and bool(np.any(np.asarray(state.overflow)[sound]))

    def _find_failures(self) -> None:
        latest = self.observed[-1]
        floor = self.potential.energy_floor[self.start_cells.numbers].sum(axis=1)
        for k in range(len(self.conditions)):
            hottest = np.max(latest.temperature[:, k])
            lowest = np.min(latest.energy[:, k])
            if k in self.failures:
                continue
            if not np.isfinite(hottest) or hottest > RUNAWAY_TEMPERATURE:
                reason = f"it heated to {hottest:.3g} K"
            elif not lowest >= floor[k]:
                reason = (
                    f"its energy fell to {lowest / self.start_cells.numbers.shape[1]:.3g} eV/atom"
                )
            elif self.state.overflow[k]:
                reason = f"an atom has more than {MAX_EDGES} neighbours"
            else:
                continue
            self.failures[k] = (
                f"{reason} within {self.n_done} steps. The potential does not hold these atoms "
                "apart at this temperature and density"
            )

    def _trace(self, k: int) -> MDTrace:
        n_atoms = self.start_cells.numbers.shape[1]
        observed = jax.tree.map(lambda *x: np.concatenate([y[:, k] for y in x]), *self.observed)
        inverse = np.linalg.inv(np.asarray(self.start_cells.lattice[k], np.float64))
        return MDTrace(
            step=np.arange(1, self.n_done + 1),
            thermostat=self.schedule[: self.n_done, k],
            temperature=observed.temperature,
            energy=observed.energy / n_atoms,
            pressure=observed.pressure,
            conserved=observed.conserved / n_atoms,
            snapshot_step=np.array(sorted(self.snapshots)),
            snapshots=np.array(
                [np.mod(self.snapshots[i][k] @ inverse, 1.0) for i in sorted(self.snapshots)]
            ),
        )
