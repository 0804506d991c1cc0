"""Whether the glasses of a run were melted and quenched as their thermostats say."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from a2c_ray.amorphous.memory import FORGOTTEN
from a2c_ray.lake import Lake
from a2c_ray.units import counted

OFF_TARGET = 0.1
"""Relative difference between a mean temperature and the thermostat's that counts as missed. The
mean over hundreds of steps of a hundred atoms is within a few percent."""

SIGMAS = 3.0
"""A mean that is off by less than so many of its standard errors is not missed, and a temperature
that has changed by less is not drifting."""

LAST_STEPS = 200
"""Steps at T_low that count, at most."""

FEWEST = 3
"""Logged temperatures through which a line tells of a drift."""

STAGES = """
WITH logged AS (
    SELECT glass_id, t_high, t_low, len(species) AS n_atoms, step, thermostat, md_trace.temperature
    FROM md_trace JOIN amorphous USING (glass_id) WHERE outcome = 'glass'
), stages AS (
    SELECT *, 'T_high' AS stage, max(step) OVER glass / 2 AS since
    FROM logged WHERE thermostat = t_high WINDOW glass AS (PARTITION BY glass_id)
    UNION ALL
    SELECT *, 'T_low' AS stage,
        greatest(max(step) OVER glass - $last, (min(step) OVER glass + max(step) OVER glass) / 2)
    FROM logged WHERE thermostat = t_low WINDOW glass AS (PARTITION BY glass_id)
)
SELECT stage, glass_id, thermostat AS target, avg(temperature) AS mean,
    if(count(*) < $few, 0.0, regr_slope(temperature, step) * (max(step) - min(step))) AS drift,
    any_value(n_atoms) AS n_atoms, count(*) AS n_logged
FROM stages WHERE step > since GROUP BY stage, glass_id, thermostat ORDER BY stage, glass_id
"""
"""T_high over the second half of the steps at it, T_low over the last 200, or half of fewer."""

OVERLAPS = """
SELECT glass_id, melt_overlap FROM amorphous WHERE melt_overlap IS NOT NULL ORDER BY glass_id
"""

TAKEN = """
SELECT taken_from, count(*) FROM amorphous WHERE taken_from IS NOT NULL GROUP BY 1 ORDER BY 1
"""


class Held(NamedTuple):
    """How well a glass held the temperature at the end of a stage.

    stage: "T_high" or "T_low".
    glass_id: of the glass.
    target: of the thermostat, K.
    mean: K.
    drift: change along the line that fits best, K; 0 of fewer than `FEWEST` temperatures.
    n_atoms: of the glass.
    n_logged: temperatures that these are of.
    """

    stage: str
    glass_id: str
    target: float
    mean: float
    drift: float
    n_atoms: int
    n_logged: int

    @property
    def noise(self) -> float:
        """Standard deviation of the temperature in the canonical ensemble, K."""
        return self.target * math.sqrt(2 / (3 * max(2, self.n_atoms) - 3))

    @property
    def is_reached(self) -> bool:
        """Whether the mean is the thermostat's."""
        error = self.noise / math.sqrt(self.n_logged)
        return abs(self.mean - self.target) <= max(OFF_TARGET * self.target, SIGMAS * error)

    @property
    def is_steady(self) -> bool:
        """Whether it no longer drifts: within the error of the slope of a line through noise."""
        error = self.noise * math.sqrt(12 / self.n_logged)
        return abs(self.drift) <= max(OFF_TARGET * self.target, SIGMAS * error)


@dataclass(frozen=True)
class Melts:
    """How the melt-quenches of a run went.

    held: temperatures at the ends of the stages.
    overlaps: of each glass's melt with its start, by glass; runs of earlier versions have none.
    taken: number of glasses that other runs have made, by run.
    """

    held: tuple[Held, ...]
    overlaps: dict[str, float]
    taken: dict[str, int] = field(default_factory=dict)


def melts_of(lake: Lake) -> Melts:
    """Look at the glasses of one run.

    Args:
        lake: that shows this run only.
    """
    held = lake.sql(STAGES, {"last": LAST_STEPS, "few": FEWEST}).fetchall()
    overlaps = lake.sql(OVERLAPS).fetchall()
    taken = lake.sql(TAKEN).fetchall()
    return Melts(tuple(Held(*row) for row in held), dict(overlaps), dict(taken))


def shortcomings(melts: Melts) -> list[str]:
    """What melts and quenches lack, a line each."""
    lines = []
    for stage, held in _by_stage(melts):
        missed = [h for h in held if not h.is_reached]
        drifting = [h for h in held if h.is_reached and not h.is_steady]
        if missed:
            worst = max(missed, key=_distance)
            lines.append(
                f"{stage} NOT reached by {len(missed)} of {len(held)} glasses: the mean of "
                f"{worst.glass_id} is {worst.mean:.0f} K, not {worst.target:.0f} K"
            )
        if drifting:
            worst = max(drifting, key=lambda h: abs(h.drift))
            lines.append(
                f"{stage} still drifting in {len(drifting)} of {len(held)} glasses: "
                f"{worst.glass_id} by {worst.drift:+.0f} K"
            )
    remember = {k: overlap for k, overlap in melts.overlaps.items() if overlap >= FORGOTTEN}
    if remember:
        worst_id = max(remember, key=remember.__getitem__)
        lines.append(
            f"{len(remember)} of {counted(len(melts.overlaps), 'melt')} did not forget the start: "
            f"{100 * remember[worst_id]:.0f} % of the atoms of {worst_id} ended where they began"
        )
    return lines


def successes(melts: Melts) -> list[str]:
    """What melts and quenches have reached, a line each."""
    lines = []
    for stage, held in _by_stage(melts):
        if all(h.is_reached for h in held):
            off = max(map(_distance, held))
            glasses = counted(len(held), "glass", "glasses")
            unsure = ", as near as so few steps can tell" if off > OFF_TARGET else ""
            lines.append(f"{stage} reached by {glasses}: means within {100 * off:.0f} %{unsure}")
    if melts.overlaps and max(melts.overlaps.values()) < FORGOTTEN:
        most = 100 * max(melts.overlaps.values())
        melted = counted(len(melts.overlaps), "melt")
        lines.append(f"{melted} forgot the start: at most {most:.0f} % of atoms ended there")
    for run_id, n in melts.taken.items():
        lines.append(f"{counted(n, 'glass', 'glasses')} made by {run_id} with the same settings")
    return lines


def _by_stage(melts: Melts) -> list[tuple[str, list[Held]]]:
    stages = dict.fromkeys(h.stage for h in melts.held)
    return [(stage, [h for h in melts.held if h.stage == stage]) for stage in stages]


def _distance(held: Held) -> float:
    return abs(held.mean / held.target - 1)
