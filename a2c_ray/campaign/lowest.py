"""Relaxed subcells near the lowest energy of their composition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from a2c_ray.lake import Lake

QUERY = """
WITH floors AS (
    SELECT formula, min(energy_per_atom) AS floor FROM {table} GROUP BY formula
)
SELECT {columns}, energy_per_atom, lattice, species, frac_coords
FROM {table} JOIN floors USING (formula)
WHERE energy_per_atom <= floor + $window
ORDER BY energy_per_atom, subcell_id
"""


def near_lowest(
    lake: Lake, table: str, columns: Sequence[str], window: float
) -> list[dict[str, Any]]:
    """Rows of relaxed subcells with their structures, lowest first.

    Args:
        lake: of one run.
        table: "relaxed" or "screened".
        columns: besides the energy and the structure.
        window: above the lowest of a composition, eV/atom.
    """
    query = QUERY.format(table=table, columns=", ".join(columns))
    found = lake.sql(query, {"window": window})
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
