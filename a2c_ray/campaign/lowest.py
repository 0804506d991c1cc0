"""Relaxed subcells near the lowest energy of their composition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from a2c_ray.lake import Lake

QUERY = """
WITH cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM {table}
), floors AS (
    SELECT formula, min(ranked) AS floor FROM cells GROUP BY formula
)
SELECT {columns}, ranked, lattice, species, frac_coords
FROM cells JOIN floors USING (formula)
WHERE ranked <= floor + $window
ORDER BY ranked, subcell_id
"""


def near_lowest(
    lake: Lake, table: str, columns: Sequence[str], window: float
) -> list[dict[str, Any]]:
    """Rows of relaxed subcells with their structures, lowest first.

    The column `ranked` is the enthalpy of those relaxed under pressure, the energy of others.

    Args:
        lake: of one run.
        table: "relaxed" or "screened".
        columns: besides that and the structure.
        window: above the lowest of a composition, eV/atom.
    """
    query = QUERY.format(table=table, columns=", ".join(columns))
    found = lake.sql(query, {"window": window})
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
