"""Energies composition by composition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from a2c_ray.lake.catalog import Lake

RANKED = """
SELECT formula, coalesce(enthalpy_per_atom, energy_per_atom) AS energy FROM {table}
WHERE energy_per_atom IS NOT NULL
"""
"""What sound cells are ranked by: the enthalpy of those relaxed under pressure."""

FLOORS = "SELECT unnest($formulas::VARCHAR[]) AS formula, unnest($floors::DOUBLE[]) AS floor"
"""What is the lowest of each formula, as part of a query; see `floor_parameters`."""


def floor_parameters(floors: Mapping[str, float]) -> dict[str, Any]:
    """Parameters of a query with `FLOORS`.

    Args:
        floors: lowest energy of each formula, eV/atom.
    """
    return {"formulas": list(floors), "floors": list(floors.values())}


def ranked_energies(lake: Lake, table: str) -> dict[str, np.ndarray]:
    """Of all sound cells of a run by formula, eV/atom.

    Args:
        lake: of the run alone.
        table: "relaxed" or "screened".
    """
    return energies_by_formula(lake, RANKED.format(table=table))


def lowest_published(lake: Lake) -> dict[str, float]:
    """Energy or enthalpy of the lowest published polymorph that a run has relaxed, by formula."""
    energies = RANKED.format(table="relaxed") + "AND polymorph IS NOT NULL"
    return dict(lake.sql(f"SELECT formula, min(energy) FROM ({energies}) GROUP BY 1").fetchall())


def energies_by_formula(
    lake: Lake, query: str, parameters: dict[str, Any] | None = None
) -> dict[str, np.ndarray]:
    """Of all rows of a query with the columns `formula` and `energy`, eV/atom."""
    grouped = f"SELECT formula, list(energy) AS energies FROM ({query}) GROUP BY formula"
    found = lake.sql(grouped, parameters).to_arrow_table()
    energies = found["energies"]
    return {
        formula: energies[k].values.to_numpy()
        for k, formula in enumerate(found["formula"].to_pylist())
    }
