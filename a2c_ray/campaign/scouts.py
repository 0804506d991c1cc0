"""What the subcells that are relaxed first tell of which others are worth their end."""

from __future__ import annotations

from collections.abc import Sequence

from pymatgen.core import Composition, Element

from a2c_ray.lake import Lake
from a2c_ray.relaxation.ceilings import Ceilings, kind_of

LOWEST = """
SELECT formula, min(coalesce(enthalpy_per_atom, energy_per_atom)) AS lowest
FROM {table} WHERE subcell_id IN (SELECT unnest($ids::VARCHAR[])) AND energy_per_atom IS NOT NULL
GROUP BY formula
"""


def ceilings_by(lake: Lake, table: str, ids: Sequence[str], distance: float) -> Ceilings:
    """So much above the lowest of each composition among some relaxed subcells.

    Args:
        lake: of the run alone.
        table: that holds them.
        ids: theirs.
        distance: eV/atom.
    """
    rows = lake.sql(LOWEST.format(table=table), {"ids": list(ids)}).fetchall()
    return Ceilings({kind_of(_numbers(formula)): lowest + distance for formula, lowest in rows})


def _numbers(formula: str) -> list[int]:
    """Atomic numbers of the atoms of a formula."""
    amounts = Composition(formula).items()
    return [z for element, n in amounts for z in [Element(element.symbol).Z] * round(n)]
