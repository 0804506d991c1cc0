"""Which crystals of a screening a cascade refines: the lowest that are distinct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from pymatgen.core import Structure

from a2c_ray.analysis.grouping import Candidate, group_alike
from a2c_ray.analysis.holes import lowest_of_crowd
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.lowest import PLACED, candidate, candidates, grouped, near_lowest
from a2c_ray.crystallize.settings import Cascade, SelfTaught
from a2c_ray.lake import Lake, arrays_by_formula
from a2c_ray.lake.export import rows_of

PLACE = ("subcell_id", "glass_id", "n_grid", "lower", "upper")
"""Columns that say where a subcell was cut out."""

ALWAYS = 3
"""Distinct crystals of a composition that are refined, however few are in the window."""

LOOKED_AT, LOWER_SHARE = 12, 0.25
"""Lowest cells of a composition, and the part of it, that are weighed in any case: where a student
has false minima, no window above its lowest energies holds the true ones."""

TO_WEIGH = f"""
{PLACED}
SELECT subcell_id FROM placed LEFT JOIN (
    SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($ceilings::DOUBLE[]) AS ceiling
) USING (formula)
WHERE (ranked <= ceiling OR place <= $looked_at OR share <= $share)
    AND subcell_id NOT IN (SELECT subcell_id FROM weighed WHERE student = $student)
ORDER BY subcell_id
"""

WEIGHED = """
SELECT formula, energy FROM weighed WHERE student = $student AND energy IS NOT NULL
"""

LOW = """
WITH floors AS (
    SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($floors::DOUBLE[]) AS floor
), low AS (
    SELECT subcell_id, formula, energy, energy - floor AS above
    FROM weighed JOIN floors USING (formula) WHERE student = $student AND energy IS NOT NULL
)
SELECT low.formula, above, low.energy AS ranked, lattice, species, frac_coords, {place}
FROM low JOIN (SELECT * FROM screened WHERE student = $student) USING (subcell_id)
QUALIFY above <= $window
    OR row_number() OVER (PARTITION BY low.formula ORDER BY ranked, subcell_id) <= $looked_at
ORDER BY low.formula, ranked, subcell_id
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
    found = grouped(rows.values(), candidate, cascade.max_products)
    return [_selected(rows[group[0].key], group) for _, groups in found for group in groups]


def to_weigh(lake: Lake, cascade: SelfTaught, student: str) -> list[str]:
    """Screened cells whose energies the teacher is to tell, and has not told yet.

    Args:
        lake: of the run alone.
        cascade: how sure the choice is to be.
        student: hash of the potential that screened.
    """
    ceilings = judge(judged_of(lake, student), cascade.confidence).ceilings
    parameters = {
        "student": student,
        "formulas": list(ceilings),
        "ceilings": list(ceilings.values()),
        "looked_at": LOOKED_AT,
        "share": LOWER_SHARE,
    }
    return [row[0] for row in lake.sql(TO_WEIGH, parameters).fetchall()]


def select_taught(lake: Lake, cascade: SelfTaught, student: str) -> list[Selected]:
    """The same where a student has screened and the teacher has weighed.

    Args:
        lake: of the run alone.
        cascade: how sure the choice is to be, and how many at most.
        student: hash of the potential that screened.
    """
    window = judge(judged_of(lake, student), cascade.confidence).window
    weighed = arrays_by_formula(lake, WEIGHED, ["energy"], {"student": student})
    floors = {
        formula: lowest_of_crowd(energies, formula) for formula, (energies,) in weighed.items()
    }
    parameters = {
        "student": student,
        "window": window,
        "looked_at": LOOKED_AT,
        "formulas": list(floors),
        "floors": list(floors.values()),
    }
    rows = rows_of(lake.sql(LOW.format(place=", ".join(PLACE)), parameters))
    chosen: list[Selected] = []
    for _, of_formula in groupby(rows, itemgetter("formula")):
        known = {row["subcell_id"]: row for row in of_formula}
        groups = group_alike(candidates(known.values()), cascade.max_products)
        chosen += [
            _selected(known[group[0].key], group)
            for k, group in enumerate(groups)
            if k < ALWAYS or known[group[0].key]["above"] <= window
        ]
    return chosen


def _selected(lowest: dict[str, Any], group: Sequence[Candidate]) -> Selected:
    """A crystal that a group of subcells has relaxed to, by the row of the lowest."""
    place = {name: lowest[name] for name in PLACE}
    return Selected(place, group[0].structure, tuple(member.key for member in group))
