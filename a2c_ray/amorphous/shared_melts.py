"""Several glasses of one condition from decorrelated snapshots of one melt.

A melt is run once: at its end it is quenched for the first time, and then goes on at T_high, to be
quenched again whenever it has forgotten the snapshot before. Each glass is quenched by itself, all
of them in one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import jax
import numpy as np
from pymatgen.core import Composition

from a2c_ray.amorphous.checkpoint import Checkpoint, from_bytes, is_of_melts, to_bytes
from a2c_ray.amorphous.glass import STEPS_PER_LOOK, Glass, MeltQuenchError
from a2c_ray.amorphous.memory import FORGOTTEN, overlap
from a2c_ray.amorphous.molecular_dynamics import MDState, Observables
from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.amorphous.replicas import Replicas, fractional
from a2c_ray.potentials.potential import Potential

DECORRELATED = FORGOTTEN**2
"""Overlap of a snapshot with the one before, at most: it falls to this within two relaxation times,
which samples of a trajectory have to be apart to count as independent ones (Müller-Krumbhaar and
Binder, J. Stat. Phys. 8, 1 (1973))."""


class Origin(NamedTuple):
    """From where a replica is quenched.

    state: of its melt, without the leading axis.
    observed: of the last steps of the melt, `[n]`.
    before: where the atoms were at the snapshot before, or the start, fractional, `[N, 3]`.
    step: of the melt.
    """

    state: MDState
    observed: Observables
    before: np.ndarray
    step: int


class SharedMelts:
    """Melt-quenches of one composition, some of which share a melt.

    Args:
        potential: of the molecular dynamics.
        composition: of the whole box.
        conditions: one a replica; those that differ in their snapshots only share a melt.
        protocol: lengths of the stages. A melt is quenched again after as many steps as it took
            to melt, even if it has not forgotten the snapshot before.

    Raises:
        ValueError: there is no melt.
    """

    def __init__(
        self,
        potential: Potential,
        composition: Composition,
        conditions: Sequence[Condition],
        protocol: Protocol,
    ) -> None:
        self.quenches = Replicas(potential, composition, conditions, protocol)
        if not self.longest:
            raise ValueError(
                f"snapshots of one melt need a melt of at least {STEPS_PER_LOOK} steps, "
                f"not {protocol.melt}"
            )
        melts = list(dict.fromkeys(condition.melt for condition in conditions))
        self.melt_of = [melts.index(condition.melt) for condition in conditions]
        self.wanted = [
            1 + max(c.snapshot for c in conditions if c.melt == condition) for condition in melts
        ]
        going_on = protocol._replace(melt=self.longest * max(self.wanted), quench=0, equilibrate=0)
        self.melts = Replicas(potential, composition, melts, going_on)
        self.taken: dict[tuple[int, int], MDState] = {}
        self.is_melting = True

    @property
    def longest(self) -> int:
        """Steps between two snapshots, at most, and before the first."""
        return self.quenches.melted_step

    def begin(self) -> None:
        """Pack the melts, and take out the heat of packing.

        Raises:
            TooLargeError: their quenches, or they, do not fit the device together.
        """
        self.melts.begin()
        self.quenches.capacity = self.melts.capacity
        self.quenches.check_memory()

    def resume(self, data: bytes) -> None:
        """Go on from a checkpoint of the same batch.

        Raises:
            CheckpointError: it is of another, or damaged.
        """
        self.is_melting = is_of_melts(data)
        if self.is_melting:
            checkpoint = from_bytes(data, len(self.melts.schedule), self.melts.any_state)
            self.melts.go_on_from(checkpoint)
            self.taken = checkpoint.taken or {}
        else:
            self.quenches.resume(data)

    def to_bytes(self) -> bytes:
        """Where the batch stands, as `resume` takes it."""
        if self.is_melting:
            return to_bytes(self.melts.checkpoint._replace(taken=self.taken))
        return self.quenches.to_bytes()

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done, and most steps in all; those of melts count as their share of the batch."""
        share = len(self.melts.conditions) / len(self.quenches.conditions)
        melted = self.melts.n_done
        most = melted + (self._melt_left() if self.is_melting else 0)
        quenched = max(0, self.quenches.n_done - self.longest)
        to_quench = len(self.quenches.schedule) - self.longest
        return round(share * melted) + quenched, round(share * most) + to_quench

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or all replicas have failed."""
        return not self.is_melting and self.quenches.finished

    def advance(self) -> None:
        """One window of steps, of the melts or of the quenches."""
        if not self.is_melting:
            self.quenches.advance()
            return
        self.melts.advance()
        self._take()
        if not self._melt_left():
            self.quenches.go_on_from(self._quenches_begun())
            self.is_melting = False

    def result(self, k: int) -> Glass | MeltQuenchError:
        """What became of replica k."""
        return self.quenches.result(k)

    def _steps(self, m: int) -> list[int]:
        """At which snapshots of a melt were taken."""
        return sorted(step for melt, step in self.taken if melt == m)

    def _melt_left(self) -> int:
        """Most steps until all snapshots are taken."""
        ends = [self.melts.n_done]
        for m, wanted in enumerate(self.wanted):
            steps = self._steps(m)
            if m not in self.melts.failures and len(steps) < wanted:
                ends.append(max(steps, default=0) + (wanted - len(steps)) * self.longest)
        return max(ends) - self.melts.n_done

    def _take(self) -> None:
        """Keep the states of the melts that are to be quenched from where they are."""
        due = [m for m in range(len(self.wanted)) if self._is_due(m)]
        state = jax.device_get(self.melts.state) if due else None
        for m in due:
            self.taken[m, self.melts.n_done] = jax.tree.map(lambda x, m=m: x[m], state)

    def _is_due(self, m: int) -> bool:
        steps = self._steps(m)
        if m in self.melts.failures or len(steps) == self.wanted[m]:
            return False
        if self.melts.n_done - max(steps, default=0) >= self.longest:
            return True
        if not steps:
            return False
        before, now = fractional(self.taken[m, steps[-1]]), fractional(self.melts.state)[m]
        return overlap(before, now, self.melts.boxes[m]) < DECORRELATED

    def _quenches_begun(self) -> Checkpoint:
        """All replicas at the end of their melts, as if each had had the last steps for itself."""
        origins = [self._origin(k) for k in range(len(self.melt_of))]
        states, observed, before, steps = zip(*origins, strict=True)
        state = jax.tree.map(lambda *x: np.stack(x), *states)
        rest = self.quenches.protocol.melt - self.longest
        return Checkpoint(
            n_done=self.longest,
            state=state,
            capacity=self.melts.capacity,
            failures={
                k: self.melts.failures[m]
                for k, m in enumerate(self.melt_of)
                if self.quenches.conditions[k].snapshot >= len(self._steps(m))
            },
            observed=jax.tree.map(lambda *x: np.stack(x, axis=1), *observed),
            snapshots={0: np.stack(before), self.longest: fractional(state)},
            melt_steps=[step + rest for step in steps],
        )

    def _origin(self, k: int) -> Origin:
        """Where replica k comes from; anything, if its melt has failed before."""
        m, n = self.melt_of[k], self.quenches.conditions[k].snapshot
        steps, start = self._steps(m), self.melts.snapshots[0][m]
        if n < len(steps):
            state, step = self.taken[m, steps[n]], steps[n]
            before = fractional(self.taken[m, steps[n - 1]]) if n else start
        else:
            state = jax.tree.map(lambda x: np.asarray(x)[m], self.melts.state)
            step, before = self.longest, start
        last = slice(step - self.longest, step)
        observed = jax.tree.map(lambda x: x[last, m], self.melts.all_observed())
        return Origin(state, observed, before, step)
