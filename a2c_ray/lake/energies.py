"""Energies composition by composition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from a2c_ray.lake.catalog import Lake
from a2c_ray.lake.export import rows_of
from a2c_ray.lake.structures import structure_from_row

if TYPE_CHECKING:
    from pymatgen.core import Structure

RANKED = """
SELECT subcell_id, formula, coalesce(enthalpy_per_atom, energy_per_atom) AS energy FROM {table}
WHERE energy_per_atom IS NOT NULL
"""
"""What sound cells are ranked by: the enthalpy of those relaxed under pressure."""

FLOORS = """
SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($floors::DOUBLE[]) AS floor,
    unnest($crowds::DOUBLE[]) AS crowd
"""
"""Of each formula, as part of a query: the lowest energy that is no hole, and the lowest that is no
outlier, eV/atom. See `analysis.floors`."""

IS_HOLE = "(subcell_id IN (SELECT unnest($holes::VARCHAR[])))"
"""Of a cell, in a query with such parameters."""

LOW = f"""
WITH crowds AS (
    SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($crowds::DOUBLE[]) AS crowd
), low AS (
    SELECT subcell_id, formula, energy, energy < crowd AS is_outlier
    FROM ({RANKED}) JOIN crowds USING (formula)
    QUALIFY is_outlier OR row_number() OVER (
        PARTITION BY formula, is_outlier ORDER BY energy, subcell_id
    ) <= $most
)
SELECT low.*, polymorph, lattice, species, frac_coords
FROM low JOIN {{table}} USING (subcell_id, formula)
ORDER BY formula, energy, subcell_id
"""
"""Outliers of each formula, and the lowest of the others."""


class LowCell(NamedTuple):
    """A relaxed cell that is low for its formula.

    subcell_id: identifies it.
    energy: by which it is ranked, eV/atom.
    polymorph: published one that it matches, if any.
    structure: after relaxation.
    """

    subcell_id: str
    energy: float
    polymorph: str | None
    structure: Structure


def ranked_energies(lake: Lake, table: str) -> dict[str, np.ndarray]:
    """What all sound cells of a run are ranked by, eV/atom, by formula.

    Args:
        lake: of the run alone.
        table: "relaxed" or "screened".
    """
    found = arrays_by_formula(lake, RANKED.format(table=table), ("energy",))
    return {formula: energies for formula, (energies,) in found.items()}


def low_cells(
    lake: Lake, table: str, crowds: Mapping[str, float], most: int
) -> Iterator[tuple[str, list[LowCell], list[LowCell]]]:
    """Outliers of formulas, and the lowest of the others, lowest energy first.

    Args:
        lake: of the run alone.
        table: "relaxed" or "screened".
        crowds: lowest energy that is no outlier, eV/atom, by formula.
        most: of a formula that are no outliers.
    """
    if not crowds:
        return
    parameters = {"formulas": list(crowds), "crowds": list(crowds.values()), "most": most}
    rows = rows_of(lake.sql(LOW.format(table=table), parameters))
    for formula, of_formula in groupby(rows, itemgetter("formula")):
        cells: tuple[list[LowCell], list[LowCell]] = ([], [])
        for row in of_formula:
            cell = LowCell(
                row["subcell_id"], row["energy"], row["polymorph"], structure_from_row(row)
            )
            cells[not row["is_outlier"]].append(cell)
        yield formula, *cells


def arrays_by_formula(
    lake: Lake, query: str, columns: Sequence[str], parameters: dict[str, Any] | None = None
) -> dict[str, tuple[np.ndarray, ...]]:
    """Columns of real numbers of all rows of a query with a column `formula`; NaN for null."""
    lists = ", ".join(f"list(coalesce({name}, 'NaN'::DOUBLE)) AS {name}" for name in columns)
    grouped = f"SELECT formula, {lists} FROM ({query}) GROUP BY formula"
    found = lake.sql(grouped, parameters).to_arrow_table()
    return {
        formula: tuple(found[name][k].values.to_numpy() for name in columns)
        for k, formula in enumerate(found["formula"].to_pylist())
    }
