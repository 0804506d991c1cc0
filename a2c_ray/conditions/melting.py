"""T_high: the lowest temperature at which a box forgets where its atoms were."""

from __future__ import annotations

import math

from pymatgen.core import Composition

from a2c_ray.amorphous.glass import MeltQuenchError
from a2c_ray.amorphous.melt_quench import melt_quench_replicas
from a2c_ray.amorphous.memory import FORGOTTEN
from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.conditions.choice import Choice
from a2c_ray.errors import InputError
from a2c_ray.potentials.potential import Potential

LADDER = (300, 400, 500, 650, 850, 1100, 1450, 1900, 2500, 3200, 4100, 5300)
"""Temperatures that are tried, K."""

MARGIN = 0.5
"""Of the overlap at which the start counts as forgotten: another melt must forget, too."""

MOST_STEPS = 500
"""Of the molecular dynamics at one temperature; what is forgotten then stays forgotten."""

SETTLE_STEPS = 50
"""Before that, without the heat of packing."""

MOST_ATOMS = 48


def choose_t_high(
    composition: Composition,
    potential: Potential,
    volume_per_atom: float,
    protocol: Protocol,
    seed: int = 0,
) -> Choice:
    """The lowest temperature of the ladder at which a melt forgets its start, by bisection.

    Args:
        composition: of a box.
        potential: of the molecular dynamics.
        volume_per_atom: Å³.
        protocol: of the melt-quench, whose melt has to be long enough to forget.
        seed: of positions and velocities.

    Raises:
        InputError: not even the highest temperature melts it, or the potential does not hold the
            atoms apart.
    """
    if not protocol.melt:
        raise InputError(
            "no T_high found, as melt_quench.steps has no melt; give system.t_high, or it steps"
        )
    steps = min(protocol.melt, MOST_STEPS)
    trial = Protocol(steps, 0, 0, protocol.timestep_fs, settle_steps=SETTLE_STEPS)
    overlaps: dict[int, float] = {}

    def is_liquid(t_high: int) -> bool:
        overlaps[t_high] = _overlap(composition, potential, volume_per_atom, trial, t_high, seed)
        return overlaps[t_high] < MARGIN * FORGOTTEN

    low, high = 0, len(LADDER) - 1  # the answer is among these
    while low < high:
        middle = (low + high) // 2
        if is_liquid(LADDER[middle]):
            high = middle
        else:
            low = middle + 1
    t_high = LADDER[low]
    if t_high not in overlaps and not is_liquid(t_high):
        raise InputError(
            f"{composition.reduced_formula} does not melt within {steps} steps, not even at "
            f"{t_high} K; give system.t_high, or more steps for the melt"
        )
    return Choice(float(t_high), _reason(overlaps, t_high, steps * protocol.timestep_fs))


def _overlap(
    composition: Composition,
    potential: Potential,
    volume_per_atom: float,
    trial: Protocol,
    t_high: int,
    seed: int,
) -> float:
    condition = Condition(float(t_high), float(t_high), volume_per_atom, seed)
    [melt] = melt_quench_replicas(composition, potential, [condition], trial)
    if isinstance(melt, MeltQuenchError):
        raise InputError(f"no T_high found: {melt}; give system.t_high") from melt
    return math.inf if melt.melt_overlap is None else melt.melt_overlap


def _reason(overlaps: dict[int, float], t_high: int, time_fs: float) -> str:
    def share(t: int) -> str:
        return f"{100 * overlaps[t]:.0f} % of the atoms are where they were after {time_fs:g} fs"

    colder = max((t for t in overlaps if t < t_high), default=None)
    below = "" if colder is None else f"; at {colder} K {100 * overlaps[colder]:.0f} %"
    return f"{share(t_high)}{below}"
