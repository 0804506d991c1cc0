"""How sure a run is of its lowest product."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.analysis.discovery import Discovery, discovery
from a2c_ray.results.frequencies import Frequency, frequencies_of
from a2c_ray.results.melts import melts_of, successes
from a2c_ray.results.run import RunResults
from a2c_ray.units import counted

SHOWN_GLASSES = 4
"""That are counted one by one."""


@dataclass(frozen=True)
class Confidence:
    """How sure a run is of its lowest product.

    formula: of the glasses, reduced.
    glasses: with subcells of this formula, and how many of them reached the lowest product.
    discovery: of the low crystals of the formula.
    """

    formula: str
    glasses: tuple[Frequency, ...]
    discovery: Discovery


def confidence_of(results: RunResults) -> Confidence | None:
    """Judge the lowest product of the glasses' own formula; None if there is none.

    Nor is there anything to judge of given cells, which nothing has sampled.
    """
    if not results.has_glasses:
        return None
    crystals = [p.row for p in results.products_so_far if not p.row.is_hole]
    products = [row for row in crystals if row.formula == results.formula]
    if not products:
        return None
    hits = [row.n_subcells for row in products]
    return Confidence(
        formula=results.formula,
        glasses=tuple(frequencies_of(results, products[0].product_id)),
        discovery=discovery(hits, products[0].n_relaxed),
    )


def confidence_lines(results: RunResults) -> list[str]:
    """What can be said for the lowest product of a run, a line each; nothing if there is none."""
    confidence = confidence_of(results)
    if confidence is None:
        return []
    return [*in_words(confidence), *successes(melts_of(results.lake))]


def in_words(confidence: Confidence) -> list[str]:
    """How sure it is, a line each."""
    return [_found(confidence), _chance(confidence.discovery)]


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
