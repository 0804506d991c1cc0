"""Relaxed subcells near the lowest energy of their composition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from a2c_ray.analysis.ranking import Candidate
from a2c_ray.lake import Lake, structure_from_row
from a2c_ray.lake.export import rows_of

QUERY = """
WITH cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM {table}
), floors AS (
    SELECT formula, min(ranked) AS floor FROM cells GROUP BY formula
)
SELECT formula, {columns}, ranked, lattice, species, frac_coords
FROM cells JOIN floors USING (formula)
WHERE ranked <= floor + $window
ORDER BY formula, ranked, subcell_id
"""

PLACED = """
WITH cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM screened
    WHERE student = $student
), ordered AS (
    SELECT *, row_number() OVER low AS place, percent_rank() OVER low AS share
    FROM cells WINDOW low AS (PARTITION BY formula ORDER BY ranked NULLS LAST, subcell_id)
), placed AS (
    SELECT * FROM ordered WHERE ranked IS NOT NULL
)
"""
"""Begins queries of what a student has screened: `placed` has the place of each sound cell in its
composition, from 1, and the share of it, hopeless ones included, that is lower."""


def near_lowest(
    lake: Lake, table: str, columns: Sequence[str], window: float
) -> Iterator[dict[str, Any]]:
    """Rows of relaxed subcells with their structures, by formula, lowest first.

    The column `ranked` is the enthalpy of those relaxed under pressure, the energy of others.

    Args:
        lake: of one run.
        table: "relaxed" or "screened".
        columns: besides that, the formula and the structure.
        window: above the lowest of a composition, eV/atom.
    """
    query = QUERY.format(table=table, columns=", ".join(columns))
    return rows_of(lake.sql(query, {"window": window}))


def candidates(rows: Iterable[dict[str, Any]]) -> Iterator[Candidate]:
    """Rows with structures and what they are ranked by, whose keys are their subcells."""
    for row in rows:
        yield Candidate(structure_from_row(row), row["ranked"], row["subcell_id"])
