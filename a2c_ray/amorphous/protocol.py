"""What is done in a melt-quench, and what distinguishes one from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from a2c_ray.errors import InputError
from a2c_ray.units import LEAST_VOLUME

ENSEMBLES = ("nvt", "npt")


class Protocol(NamedTuple):
    """Lengths of the three stages, and how they are simulated.

    melt, quench, equilibrate: steps.
    timestep_fs: fs.
    relax_steps: of a final relaxation of the positions; 0 for none.
    settle_steps: before the melt, with velocities scaled to T_high at each: the heat of packing
        goes. 0 for none, as in the paper.
    ensemble: "nvt"; or "npt", in which quench and equilibration are at zero pressure.
    thermostat_steps: period of the thermostat, in steps: how fast heat leaves.
    """

    melt: int = 1500
    quench: int = 2500
    equilibrate: int = 1500
    timestep_fs: float = 2.0
    relax_steps: int = 0
    settle_steps: int = 0
    ensemble: str = "nvt"
    thermostat_steps: int = 100


PAPER_PROTOCOL = Protocol()


class Condition(NamedTuple):
    """What distinguishes replicas of one composition.

    t_high, t_low: K.
    volume_per_atom: Å³.
    seed: of positions and velocities.
    snapshot: which of its melt is quenched; 0 at its end, others later, see `shared_melts`.
    """

    t_high: float
    t_low: float
    volume_per_atom: float
    seed: int
    snapshot: int = 0

    @property
    def melt(self) -> Condition:
        """The same for all that come from snapshots of one melt."""
        return self._replace(t_low=self.t_high, snapshot=0)


def temperature_schedule(condition: Condition, protocol: Protocol) -> np.ndarray:
    """Temperature of the thermostat at each step, K."""
    return np.concatenate(
        [
            np.full(protocol.melt, condition.t_high, float),
            np.linspace(condition.t_high, condition.t_low, protocol.quench + 1)[1:],
            np.full(protocol.equilibrate, condition.t_low, float),
        ]
    )


def free_volume_schedule(protocol: Protocol) -> np.ndarray | None:
    """At which steps the box follows its pressure, bool; None if it never does."""
    if protocol.ensemble == "nvt":
        return None
    return np.arange(sum(protocol[:3])) >= protocol.melt


def check_protocol(conditions: Sequence[Condition], protocol: Protocol) -> None:
    """Refuse settings out of range.

    Raises:
        ValueError: names the setting; InputError if the box is too small.
    """
    for condition in conditions:
        for name in ("t_high", "t_low", "volume_per_atom"):
            if not getattr(condition, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(condition, name)}")
        if condition.volume_per_atom < LEAST_VOLUME:
            raise InputError(
                f"volume_per_atom must be at least {LEAST_VOLUME:g} Å³, "
                f"not {condition.volume_per_atom:g}"
            )
        if condition.snapshot < 0:
            raise ValueError(f"snapshot must not be negative, not {condition.snapshot}")
    if min(protocol.melt, protocol.quench, protocol.equilibrate) < 0 or sum(protocol[:3]) < 1:
        raise ValueError(f"a melt-quench needs at least one step, not {protocol[:3]}")
    if not protocol.timestep_fs > 0:
        raise ValueError(f"timestep_fs must be positive, not {protocol.timestep_fs}")
    if protocol.settle_steps < 0:
        raise ValueError(f"settle_steps must not be negative, not {protocol.settle_steps}")
    if protocol.thermostat_steps < 1:
        raise ValueError(f"thermostat_steps must be at least 1, not {protocol.thermostat_steps}")
    if protocol.ensemble not in ENSEMBLES:
        raise ValueError(f"ensemble must be nvt or npt, not {protocol.ensemble!r}")
