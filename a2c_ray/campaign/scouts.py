"""What the subcells that are relaxed first tell of which others are worth their end."""

from __future__ import annotations

from collections.abc import Sequence

from pymatgen.core import Composition, Element

from a2c_ray.analysis.holes import lowest_of_crowd
from a2c_ray.lake import Lake, arrays_by_formula
from a2c_ray.relaxation.ceilings import Ceilings, Kind, kind_of

ENERGIES = """
SELECT formula, coalesce(enthalpy_per_atom, energy_per_atom) AS energy
FROM {table} WHERE subcell_id IN (SELECT unnest($ids::VARCHAR[])) AND energy_per_atom IS NOT NULL
"""


def ceilings_by(lake: Lake, tables: Sequence[str], ids: Sequence[str], distance: float) -> Ceilings:
    """So much above the lowest of each composition among some relaxed subcells.

    Outliers are left out: below a hole of the potential all else would be hopeless.

    Args:
        lake: of the run alone.
        tables: that hold them; where several do, the highest ceiling counts.
        ids: theirs.
        distance: eV/atom.
    """
    highest: dict[Kind, float] = {}
    for table in tables:
        query = ENERGIES.format(table=table)
        for formula, (energies,) in arrays_by_formula(
            lake, query, ["energy"], {"ids": list(ids)}
        ).items():
            kind = kind_of(_numbers(formula))
            ceiling = lowest_of_crowd(energies, formula) + distance
            highest[kind] = max(ceiling, highest.get(kind, ceiling))
    return Ceilings(highest)


def _numbers(formula: str) -> list[int]:
    """Atomic numbers of the atoms of a formula."""
    amounts = Composition(formula).items()
    return [z for element, n in amounts for z in [Element(element.symbol).Z] * round(n)]
