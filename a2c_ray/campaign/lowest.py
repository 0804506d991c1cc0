"""Relaxed subcells near the lowest energy of their composition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from a2c_ray.analysis.floors import floors_of
from a2c_ray.analysis.grouping import Candidate, group_alike
from a2c_ray.analysis.holes import MOST_HOLES
from a2c_ray.lake import Lake, structure_from_row
from a2c_ray.lake.energies import FLOORS, IS_HOLE
from a2c_ray.lake.export import rows_of

QUERY = """
WITH cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM {table}
), floors AS (
    {floors}
)
SELECT formula, {is_hole} AS is_hole, {columns}, ranked, lattice, species, frac_coords
FROM cells JOIN floors USING (formula)
WHERE ranked <= crowd + $window
ORDER BY formula, is_hole, ranked, subcell_id
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

    The column `ranked` is the enthalpy of those relaxed under pressure, the energy of others. Holes
    of the potential have `is_hole`, and come after the others of their formula.

    Args:
        lake: of one run.
        table: "relaxed" or "screened".
        columns: besides that, the formula and the structure.
        window: above the lowest of a composition that is no outlier, eV/atom.
    """
    query = QUERY.format(table=table, columns=", ".join(columns), floors=FLOORS, is_hole=IS_HOLE)
    return rows_of(lake.sql(query, floors_of(lake, table).parameters | {"window": window}))


def grouped(
    rows: Iterable[dict[str, Any]], to_candidate: Callable[[dict[str, Any]], Candidate], most: int
) -> Iterator[tuple[str, list[list[Candidate]]]]:
    """Distinct crystals of each formula, lowest first, and after them some holes.

    Args:
        rows: from `near_lowest`.
        to_candidate: what a row stands for.
        most: crystals of a formula.
    """
    for formula, of_formula in groupby(rows, itemgetter("formula")):
        groups: list[list[Candidate]] = []
        for is_hole, of_kind in groupby(of_formula, itemgetter("is_hole")):
            most_here = MOST_HOLES if is_hole else most
            groups += group_alike(map(to_candidate, of_kind), most_here)
        yield formula, groups


def candidates(rows: Iterable[dict[str, Any]]) -> Iterator[Candidate]:
    """Rows with structures and what they are ranked by, whose keys are their subcells."""
    return map(candidate, rows)


def candidate(row: dict[str, Any]) -> Candidate:
    """One of them."""
    return Candidate(structure_from_row(row), row["ranked"], row["subcell_id"])
