"""Which crystals of a screening a cascade refines: the lowest that are distinct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymatgen.core import Structure

from a2c_ray.analysis.ranking import Candidate, lowest_distinct
from a2c_ray.campaign.lowest import near_lowest
from a2c_ray.crystallize.settings import Cascade
from a2c_ray.lake import Lake, structure_from_row

PLACE = ("subcell_id", "glass_id", "n_grid", "lower", "upper")
"""Columns that say where a subcell was cut out."""


@dataclass(frozen=True)
class Selected:
    """A crystal to refine.

    place: columns that say where its subcell was cut out.
    structure: after screening.
    alike: subcells that screening relaxed to it, lowest first.
    """

    place: dict[str, Any]
    structure: Structure
    alike: tuple[str, ...]


def select(lake: Lake, cascade: Cascade) -> list[Selected]:
    """The lowest distinct crystals of each composition that a run has screened.

    Args:
        lake: of the run alone.
        cascade: how far above the lowest, and how many.
    """
    rows = {row["subcell_id"]: row for row in near_lowest(lake, "screened", PLACE, cascade.window)}
    candidates = [
        Candidate(structure_from_row(row), row["ranked"], subcell_id)
        for subcell_id, row in rows.items()
    ]
    return [
        Selected(
            place={name: rows[group[0].key][name] for name in PLACE},
            structure=group[0].structure,
            alike=tuple(member.key for member in group),
        )
        for _, groups in lowest_distinct(candidates, cascade.window, cascade.max_products)
        for group in groups
    ]
