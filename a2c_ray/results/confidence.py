"""How sure a run is of its lowest product, and whether its glasses were melted and quenched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from a2c_ray.analysis.discovery import Discovery, discovery
from a2c_ray.results.frequencies import Frequency, frequencies_of
from a2c_ray.results.run import RunResults
from a2c_ray.units import counted

SHOWN_GLASSES = 4
"""That are counted one by one."""

OFF_TARGET = 0.1
"""Relative difference between a mean temperature and the thermostat's that counts as missed. The
mean over hundreds of steps of a hundred atoms is within a few percent."""

LAST_STEPS = 200
"""Steps at T_low whose mean temperature counts."""

TEMPERATURES = """
WITH logged AS (
    SELECT glass_id, t_high, t_low, step, thermostat, md_trace.temperature
    FROM md_trace JOIN amorphous USING (glass_id) WHERE outcome = 'glass'
), stages AS (
    SELECT *, 'T_high' AS stage, max(step) OVER (PARTITION BY glass_id) / 2 AS since
    FROM logged WHERE thermostat = t_high
    UNION ALL
    SELECT *, 'T_low' AS stage, max(step) OVER (PARTITION BY glass_id) - $last AS since
    FROM logged WHERE thermostat = t_low
)
SELECT stage, glass_id, thermostat, avg(temperature)
FROM stages WHERE step > since GROUP BY stage, glass_id, thermostat ORDER BY stage, glass_id
"""
"""T_high over the second half of the steps at it, T_low over the last."""


class Held(NamedTuple):
    """Mean temperature of a glass at the end of a stage.

    stage: "T_high" or "T_low".
    glass_id: of the glass.
    target, mean: K.
    """

    stage: str
    glass_id: str
    target: float
    mean: float

    @property
    def is_reached(self) -> bool:
        """Whether the mean is the thermostat's."""
        return abs(self.mean - self.target) <= OFF_TARGET * self.target


@dataclass(frozen=True)
class Confidence:
    """How sure a run is of its lowest product.

    formula: of the glasses, reduced.
    glasses: with subcells of this formula, and how many of them reached the lowest product.
    discovery: of the low crystals of the formula.
    held: temperatures at the ends of the stages.
    """

    formula: str
    glasses: tuple[Frequency, ...]
    discovery: Discovery
    held: tuple[Held, ...]


def confidence_of(results: RunResults) -> Confidence | None:
    """Judge the lowest product of the glasses' own formula; None if there is none.

    Nor is there anything to judge of given cells, which nothing has sampled.
    """
    if not results.has_glasses:
        return None
    products = [p.row for p in results.products_so_far if p.row.formula == results.formula]
    if not products:
        return None
    hits = [row.n_subcells for row in products]
    return Confidence(
        formula=results.formula,
        glasses=tuple(frequencies_of(results, products[0].product_id)),
        discovery=discovery(hits, products[0].n_relaxed),
        held=temperatures_held(results),
    )


def temperatures_held(results: RunResults) -> tuple[Held, ...]:
    """Mean temperatures of all glasses at the ends of the stages."""
    rows = results.lake.sql(TEMPERATURES, {"last": LAST_STEPS}).fetchall()
    return tuple(Held(*row) for row in rows)


def confidence_lines(confidence: Confidence) -> list[str]:
    """The same in words, a line each."""
    lines = [_found(confidence), _chance(confidence.discovery)]
    return [*lines, *_temperatures(confidence.held)]


def _found(confidence: Confidence) -> str:
    glasses = confidence.glasses
    reached = sum(f.n_subcells > 0 for f in glasses)
    each = ", ".join(f"{f.n_subcells}/{f.n_relaxed}" for f in glasses[:SHOWN_GLASSES])
    more = ", ..." if len(glasses) > SHOWN_GLASSES else ""
    return (
        f"the lowest {confidence.formula} emerged from {reached} of "
        f"{counted(len(glasses), 'glass', 'glasses')} (subcells {each}{more})"
    )


def _chance(judged: Discovery) -> str:
    crystals = counted(judged.n_crystals, "low crystal")
    return (
        f"as many subcells again would find a lower one with a chance of about "
        f"{100 * judged.chance_of_lower:.0f} % ({judged.n_once} of {crystals} met only once)"
    )


def _temperatures(held: tuple[Held, ...]) -> list[str]:
    lines = []
    for stage in dict.fromkeys(h.stage for h in held):
        of_stage = [h for h in held if h.stage == stage]
        missed = [h for h in of_stage if not h.is_reached]
        if not missed:
            worst = max(of_stage, key=lambda h: abs(h.mean / h.target - 1))
            glasses = counted(len(of_stage), "glass", "glasses")
            off = 100 * abs(worst.mean / worst.target - 1)
            lines.append(f"{stage} reached by {glasses}: means within {off:.0f} %")
            continue
        worst = max(missed, key=lambda h: abs(h.mean / h.target - 1))
        lines.append(
            f"{stage} NOT reached by {len(missed)} of {len(of_stage)} glasses: the mean of "
            f"{worst.glass_id} is {worst.mean:.0f} K, not {worst.target:.0f} K"
        )
    return lines
