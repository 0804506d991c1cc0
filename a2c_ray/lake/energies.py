"""Energies composition by composition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from a2c_ray.lake.catalog import Lake

RANKED = """
SELECT formula, coalesce(enthalpy_per_atom, energy_per_atom) AS energy, min_distance FROM {table}
WHERE energy_per_atom IS NOT NULL
"""
"""What sound cells are ranked by: the enthalpy of those relaxed under pressure."""

FLOORS = """
SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($floors::DOUBLE[]) AS floor,
    unnest($crowds::DOUBLE[]) AS crowd, unnest($distances::DOUBLE[]) AS least_distance
"""
"""Of each formula, as part of a query: the lowest energy that is no hole, and the lowest that is no
outlier, eV/atom; and the distance, Å, below which an outlier's atoms make it a hole. See
`analysis.holes`."""

IS_HOLE = """(ranked < crowd AND coalesce(min_distance < least_distance, false)
    AND polymorph IS NULL)"""
"""Of a cell, joined with `FLOORS`, that is ranked by `ranked`. No published polymorph is a hole."""


def floor_parameters(floors: Mapping[str, tuple[float, float, float]]) -> dict[str, Any]:
    """Parameters of a query with `FLOORS`.

    Args:
        floors: by formula, see there.
    """
    names = ("floors", "crowds", "distances")
    columns = {name: [floor[k] for floor in floors.values()] for k, name in enumerate(names)}
    return {"formulas": list(floors)} | columns


def ranked_cells(lake: Lake, table: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What all sound cells of a run are ranked by, eV/atom, and their shortest distances, Å.

    Args:
        lake: of the run alone.
        table: "relaxed" or "screened".

    Returns:
        Both by formula; distances beyond the cutoff are NaN.
    """
    found = arrays_by_formula(lake, RANKED.format(table=table), ("energy", "min_distance"))
    return {formula: (energies, distances) for formula, (energies, distances) in found.items()}


def lowest_published(lake: Lake) -> dict[str, float]:
    """Energy or enthalpy of the lowest published polymorph that a run has relaxed, by formula."""
    energies = RANKED.format(table="relaxed") + "AND polymorph IS NOT NULL"
    return dict(lake.sql(f"SELECT formula, min(energy) FROM ({energies}) GROUP BY 1").fetchall())


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
