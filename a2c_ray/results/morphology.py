"""Glasses of one or more runs with what their subcells relaxed to, for the map of morphologies.

DuckDB counts, so that a million subcells are a few rows for each glass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.analysis.coordination import brunner_coordination
from a2c_ray.analysis.crystallinity import REPEATED, crystallinity
from a2c_ray.analysis.matching import SITE_TOL
from a2c_ray.analysis.morphology import Emergence, GlassMorphology
from a2c_ray.lake.energies import FLOORS, IS_HOLE
from a2c_ray.results.run import GlassResult, NothingThereError, RunResults

EMERGED = f"""
WITH cells AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM relaxed
), judged AS (
    SELECT glass_id, formula, polymorph, polymorph_rms, ranked, {IS_HOLE} AS is_hole
    FROM cells JOIN ({FLOORS}) USING (formula) WHERE ranked IS NOT NULL
)
SELECT
    glass_id,
    CASE WHEN polymorph_rms <= $max_rms THEN polymorph END AS matched,
    count(*),
    min(ranked) FILTER (NOT is_hole)
FROM judged JOIN amorphous USING (glass_id, formula)
GROUP BY ALL
"""

NOT_IDENTIFIED = """
SELECT count(*) FROM products JOIN relaxed USING (subcell_id)
WHERE products.polymorph IS NOT NULL AND relaxed.polymorph IS NULL
"""


class _Subcells(NamedTuple):
    """Soundly relaxed subcells of a glass, of its composition.

    number: of all.
    lowest: energy, or enthalpy under pressure, of those that are no hole of the potential, eV/atom.
    emerged: polymorphs among them.
    """

    number: int
    lowest: float | None
    emerged: dict[str, Emergence]


class _Order(NamedTuple):
    """Structure of a glass, see `GlassMorphology`."""

    coordination: float | None
    crystallinity: float | None
    phase_share: float | None


def glass_morphologies(
    runs: Sequence[RunResults],
    bond: tuple[str, str] | None = None,
    crystal_coordination: int | None = None,
    n_snapshots: int = 1,
    max_rms: float = SITE_TOL,
) -> list[GlassMorphology]:
    """All glasses of some runs of one composition, crystallized or not.

    Args:
        runs: a sweep is many, a grid in one run is one.
        bond: elements whose coordination, of the first by the second, is counted; by default the
            least and the most electronegative.
        crystal_coordination: `phase_share` is that of the atoms of the first element which are
            crystalline and have so many neighbours, such as 4 for c-BN.
        n_snapshots: of the last 200 steps that the coordination is averaged over, ending with the
            last; each takes about 0.1 s for a glass of 100 atoms. 0 leaves the structure of the
            glasses out: coordination and crystallinity.
        max_rms: displacement from a polymorph, over (V/n)^(1/3), up to which subcells count.

    Raises:
        NothingThereError: there is no glass, or a run was made before relaxed subcells were
            matched with the polymorphs.
    """
    found = []
    for results in runs:
        subcells = _count(results, max_rms)
        for glass in _glasses(results):
            number, lowest, emerged = subcells.get(glass.glass_id, _Subcells(0, None, {}))
            order = _Order(None, None, None)
            if n_snapshots > 0:
                elements = bond or outer_elements(glass.structure.composition)
                frames = results.frames(glass)
                order = _measure(frames, *elements, crystal_coordination, n_snapshots)
            found.append(
                GlassMorphology(
                    glass_id=glass.glass_id,
                    t_high=glass.t_high,
                    density=glass.density,
                    pressure=glass.pressure,
                    **order._asdict(),
                    n_relaxed=number,
                    lowest=lowest,
                    emerged=emerged,
                )
            )
    if not found:
        names = ", ".join(results.run_id for results in runs)
        raise NothingThereError(f"no glass yet in {names or 'no run'}")
    return found


def outer_elements(composition: Composition) -> tuple[str, str]:
    """The least and the most electronegative element."""
    elements = sorted(composition.elements, key=lambda element: element.X)
    return elements[0].symbol, elements[-1].symbol


def _count(results: RunResults, max_rms: float) -> dict[str, _Subcells]:
    """By glass.

    Raises:
        NothingThereError: subcells were not matched with the polymorphs when they were relaxed.
    """
    if results.lake.sql(NOT_IDENTIFIED).fetchall()[0][0]:
        raise NothingThereError(
            f"run {results.run_id} does not say which polymorphs its subcells are: it was made by "
            "an earlier version; repeat it in another lake"
        )
    counted = results.lake.sql(EMERGED, {"max_rms": max_rms} | results.floors.parameters)
    found: dict[str, _Subcells] = {}
    for glass_id, polymorph, number, lowest in counted.fetchall():
        before = found.get(glass_id, _Subcells(0, None, {}))
        known = [energy for energy in (before.lowest, lowest) if energy is not None]
        own = {polymorph: Emergence(number, lowest)} if polymorph else {}
        found[glass_id] = _Subcells(
            before.number + number, min(known, default=None), before.emerged | own
        )
    return found


def _glasses(results: RunResults) -> list[GlassResult]:
    try:
        return results.glasses
    except NothingThereError:  # others of a sweep may be further
        return []


def _measure(
    frames: Sequence[Structure],
    center: str,
    neighbor: str,
    crystal_coordination: int | None,
    n_snapshots: int,
) -> _Order:
    coordination = brunner_coordination(frames[-n_snapshots:], center, neighbor)
    found = crystallinity(frames)
    share = None
    if crystal_coordination is not None:
        is_crystalline = found.similarity[list(frames[0].indices_from_symbol(center))] > REPEATED
        share = float(np.mean(is_crystalline & (coordination.numbers[-1] == crystal_coordination)))
    return _Order(coordination.mean, found.share, share)
