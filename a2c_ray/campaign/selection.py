"""Which crystals of a screening a cascade refines: the lowest that are distinct."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from pymatgen.core import Structure

from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.ranking import Candidate, distinct, lowest_distinct
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.lowest import candidates, near_lowest
from a2c_ray.crystallize.settings import Cascade, SelfTaught
from a2c_ray.lake import Lake
from a2c_ray.lake.export import rows_of

PLACE = ("subcell_id", "glass_id", "n_grid", "lower", "upper")
"""Columns that say where a subcell was cut out."""


ALWAYS = 3
"""Distinct crystals of a composition that are refined, however few are in the window."""

LOOKED_AT = 12
"""Lowest cells of a composition among which these are looked for."""

LOW = """
WITH sound AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM screened
    WHERE student = $student AND energy_per_atom IS NOT NULL
)
SELECT formula, ranked, ceiling, lattice, species, frac_coords, {place}
FROM sound LEFT JOIN (
    SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($ceilings::DOUBLE[]) AS ceiling
) USING (formula)
QUALIFY ranked <= ceiling
    OR row_number() OVER (PARTITION BY formula ORDER BY ranked, subcell_id) <= $looked_at
ORDER BY formula, ranked, subcell_id
"""


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
    found = lowest_distinct(candidates(rows.values()), cascade.window, cascade.max_products)
    return [_selected(rows[group[0].key], group) for _, groups in found for group in groups]


def select_taught(lake: Lake, cascade: SelfTaught, student: str) -> list[Selected]:
    """The same where the student's errors decide what is near.

    Args:
        lake: of the run alone.
        cascade: how sure the choice is to be, and how many at most.
        student: hash of the potential that screened.
    """
    ceilings = judge(judged_of(lake, student), cascade.confidence).ceilings
    parameters = {
        "student": student,
        "formulas": list(ceilings),
        "ceilings": list(ceilings.values()),
        "looked_at": LOOKED_AT,
    }
    rows = rows_of(lake.sql(LOW.format(place=", ".join(PLACE)), parameters))
    chosen: list[Selected] = []
    for formula, of_formula in groupby(rows, itemgetter("formula")):
        known = {row["subcell_id"]: row for row in of_formula}
        ceiling = ceilings.get(formula, -math.inf)
        groups = distinct(candidates(known.values()), matcher(), cascade.max_products)
        chosen += [
            _selected(known[group[0].key], group)
            for k, group in enumerate(groups)
            if k < ALWAYS or group[0].energy_per_atom <= ceiling
        ]
    return chosen


def _selected(lowest: dict[str, Any], group: Sequence[Candidate]) -> Selected:
    """A crystal that a group of subcells has relaxed to, by the row of the lowest."""
    place = {name: lowest[name] for name in PLACE}
    return Selected(place, group[0].structure, tuple(member.key for member in group))
