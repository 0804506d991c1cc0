"""Energies and volumes of all relaxed subcells of a run, counted in bins.

DuckDB counts, so that a run of 10⁶ subcells is a few hundred bins to whoever draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from a2c_ray.results.run import NothingThereError, RelaxedResult, RunResults

BINS = 60
"""Along each axis."""

SPAN = 0.6
"""eV/atom above the lowest; subcells that are higher, or holes, are counted, not shown."""

FEW = 1000
"""Subcells of a formula that are all shown; of more, those of extreme volumes are only counted."""

FORMULAS = """
SELECT formula, count(*) AS n FROM relaxed WHERE energy_per_atom IS NOT NULL
GROUP BY formula ORDER BY n DESC, formula
"""

RANGE = """
WITH sound AS (
    SELECT energy_per_atom, volume_per_atom,
        min(energy_per_atom) FILTER (coalesce(enthalpy_per_atom, energy_per_atom) >= $floor)
            OVER () AS lowest
    FROM relaxed WHERE formula = $formula AND energy_per_atom IS NOT NULL
), shown AS (
    SELECT * FROM sound WHERE energy_per_atom BETWEEN lowest AND lowest + $span
)
SELECT
    min(energy_per_atom), max(energy_per_atom),
    if(count(*) < $few, min(volume_per_atom), least(
        quantile_cont(volume_per_atom, 0.002), min_by(volume_per_atom, energy_per_atom))),
    if(count(*) < $few, max(volume_per_atom), greatest(
        quantile_cont(volume_per_atom, 0.998), min_by(volume_per_atom, energy_per_atom))),
    (SELECT count(*) FROM sound)
FROM shown
"""

COUNTS = """
SELECT
    min_by(subcell_id, energy_per_atom) AS subcell_id,
    min(energy_per_atom) AS energy,
    min_by(volume_per_atom, energy_per_atom) AS volume,
    count(*) AS number
FROM relaxed
WHERE formula = $formula AND energy_per_atom BETWEEN $e_min AND $e_max
    AND volume_per_atom BETWEEN $v_min AND $v_max
GROUP BY floor((energy_per_atom - $e_min) / $e_step), floor((volume_per_atom - $v_min) / $v_step)
ORDER BY energy, subcell_id
"""

LOWEST_OF_BINS = "SELECT * FROM relaxed WHERE subcell_id IN (SELECT unnest($ids))"


@dataclass(frozen=True)
class EnergyVolumeMap:
    """Occupied bins, each by its lowest subcell; lowest energy first.

    formula: reduced, of all the subcells.
    subcell_ids: of the lowest subcell of each bin, `[n]`.
    volume: of it, Å³/atom, `[n]`.
    energy: of it, eV/atom, `[n]`.
    number: of subcells in the bin, `[n]`.
    n_sound: soundly relaxed subcells of the formula, shown or not.
    """

    formula: str
    subcell_ids: list[str]
    volume: np.ndarray
    energy: np.ndarray
    number: np.ndarray
    n_sound: int

    @property
    def n_hidden(self) -> int:
        """Subcells that are beyond the axes."""
        return self.n_sound - int(np.sum(self.number))


def formulas(results: RunResults) -> list[str]:
    """Reduced formulas of the relaxed subcells, the most frequent first."""
    return [formula for formula, _ in results.lake.sql(FORMULAS).fetchall()]


def energy_volume_map(
    results: RunResults, formula: str | None = None, bins: int = BINS, span: float = SPAN
) -> EnergyVolumeMap:
    """Count the relaxed subcells of one formula.

    Args:
        results: of the run.
        formula: reduced; None for the most frequent.
        bins: along each axis.
        span: of energies above the lowest, eV/atom.

    Raises:
        NothingThereError: no subcell of the formula has relaxed soundly.
    """
    there = formulas(results)
    chosen = formula or next(iter(there), None)
    if chosen not in there:
        what = f"no relaxed subcell of {chosen}" if chosen else "no relaxed subcell yet"
        known = f"; there are: {', '.join(there[:10])}" if there else ""
        raise NothingThereError(f"run {results.run_id} has {what}{known}")
    of_formula = {"formula": chosen}
    shown = {"span": span, "few": FEW, "floor": results.floors.lowest[chosen]}
    ranges = results.lake.sql(RANGE, of_formula | shown).fetchall()
    e_min, e_max, v_min, v_max, n_sound = ranges[0]
    steps = {"e_step": (e_max - e_min) / bins or 1.0, "v_step": (v_max - v_min) / bins or 1.0}
    limits = {"e_min": e_min, "e_max": e_max, "v_min": v_min, "v_max": v_max}
    counts = results.lake.sql(COUNTS, of_formula | limits | steps).fetchnumpy()
    return EnergyVolumeMap(
        formula=chosen,
        subcell_ids=counts["subcell_id"].tolist(),
        volume=np.asarray(counts["volume"]),
        energy=np.asarray(counts["energy"]),
        number=np.asarray(counts["number"]),
        n_sound=n_sound,
    )


def lowest_of_bins(results: RunResults, mapped: EnergyVolumeMap) -> list[RelaxedResult]:
    """The lowest subcell of each bin, in their order."""
    found = results.relaxed_rows(LOWEST_OF_BINS, {"ids": mapped.subcell_ids})
    by_id = {relaxed.row.subcell_id: relaxed for relaxed in found}
    return [by_id[subcell_id] for subcell_id in mapped.subcell_ids]
