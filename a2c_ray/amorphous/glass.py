"""What a melt-quench gives: a glass with its history, or a reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pymatgen.core import Structure

from a2c_ray.amorphous.protocol import Condition, Protocol

STEPS_PER_LOOK = 10
"""Steps between two looks of the host, and between two snapshots."""

SNAPSHOT_STEPS = 200
"""Last steps of the run of which snapshots are kept."""


class MeltQuenchError(RuntimeError):
    """A melt-quench did not give a glass; the message says which and why."""


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

    def mean_at_end(self, values: np.ndarray) -> float:
        """Mean over those of the last `SNAPSHOT_STEPS` steps that are at the last temperature.

        Args:
            values: a column, `[n]`.
        """
        last = slice(-SNAPSHOT_STEPS, None)
        is_there = self.thermostat[last] == self.thermostat[-1]
        return float(np.mean(values[last], where=is_there))


@dataclass(frozen=True)
class Glass:
    """An amorphous structure and how it was made.

    structure: after the last step (and relaxation).
    energy_per_atom: potential energy of the structure, eV.
    pressure: mean over the last `SNAPSHOT_STEPS` steps at T_low, eV/Å³.
    min_distance: between two atoms of the structure, images included, Å.
    closest_contact: smallest distance between two atoms on the way, over the sum of their covalent
        radii.
    peak_force: largest force on an atom on the way, eV/Å.
    melt_overlap: of the atoms with where they began, at the end of the melt, see `memory.overlap`;
        None without a melt. Of a later snapshot of its melt, of the atoms with the snapshot before.
    melt_steps: of the melt before the quench, of which the trace holds the last.
    condition, protocol: settings.
    trace: of the molecular dynamics.
    """

    structure: Structure
    energy_per_atom: float
    pressure: float
    min_distance: float
    closest_contact: float
    peak_force: float
    melt_overlap: float | None
    melt_steps: int
    condition: Condition
    protocol: Protocol
    trace: MDTrace

    @property
    def volume_per_atom(self) -> float:
        """Å³; that of the condition, unless the box followed its pressure."""
        if self.protocol.ensemble == "nvt":
            return self.condition.volume_per_atom
        return self.structure.volume / len(self.structure)
