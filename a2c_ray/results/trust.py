"""How far a run strayed from what its potential knows.

Learned potentials know the distances, forces and energies of their training data. Where atoms came
closer, forces spiked, or an energy lies far below all others, the potential may have had a hole,
and what comes out of it is not to be believed before it has been looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from a2c_ray.analysis.floors import floors_of
from a2c_ray.lake import Lake
from a2c_ray.lake.energies import FLOORS, IS_HOLE
from a2c_ray.results.melts import Melts, melts_of, shortcomings
from a2c_ray.units import counted

CLOSE_CONTACT = 0.55
"""Of the sum of covalent radii; atoms that were closer have strayed. Relaxations begin at 0.61 and
more, where overlaps are removed, and multiple bonds of metals are longer; fused is below 0.5."""

FORCE_SPIKE = 100.0
"""eV/Å; sound relaxations of oxides, fluorides and nitrides begin with up to 40, and melts at
several thousand K stay below that. Data for training hold hardly anything above."""

ALWAYS_COUNTED = ("n_relaxed", "n_glasses", "n_exploded", "n_fused")
"""Columns of the macro `trust` that are never null."""

COUNTS = "SELECT * FROM trust($contact, $force)"

LOW_ROWS = f"""
    SELECT subcell_id, formula, energy_per_atom AS energy, {IS_HOLE} AS is_hole
    FROM (SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM relaxed)
    JOIN ({FLOORS}) USING (formula)
    WHERE ranked < crowd AND polymorph IS NULL
"""
"""Of outliers (`analysis.holes`), which published polymorphs never are."""

LOW = f"""
WITH low AS ({LOW_ROWS})
SELECT subcell_id, formula, energy, count(*) OVER () FROM low
ORDER BY energy, subcell_id LIMIT 1
"""

DOUBTFUL = f"""
WITH low AS ({LOW_ROWS}), members AS (
    SELECT product_id, subcell_id AS lowest, unnest(subcell_ids) AS subcell_id FROM products
), judged AS (
    SELECT product_id, lowest IN (SELECT subcell_id FROM low) AS is_low,
        lowest IN (SELECT subcell_id FROM low WHERE is_hole) AS is_hole, count(*) AS n_subcells,
        count(*) FILTER (closest_contact < $contact OR peak_force > $force) AS n_strayed
    FROM members JOIN relaxed USING (subcell_id) GROUP BY product_id, lowest
)
SELECT product_id, is_low, is_hole, n_strayed, n_subcells FROM judged
WHERE is_low OR n_strayed = n_subcells ORDER BY is_low DESC, product_id
"""


@dataclass(frozen=True)
class LowEnergy:
    """A relaxed subcell whose energy is far below all others of its formula.

    subcell_id: of it.
    formula: reduced.
    energy_per_atom: eV.
    """

    subcell_id: str
    formula: str
    energy_per_atom: float


@dataclass(frozen=True)
class DoubtfulProduct:
    """A product that is not to be believed before it has been looked at.

    product_id: of it.
    is_low: whether its energy is an outlier.
    is_hole: whether its atoms are also closer than in crystals.
    n_strayed: of its subcells.
    n_subcells: that reached it.
    """

    product_id: str
    is_low: bool
    is_hole: bool
    n_strayed: int
    n_subcells: int


@dataclass(frozen=True)
class Trust:
    """What is unusual about a run; numbers that its version did not record are None.

    n_relaxed, n_glasses: that there are.
    n_exploded, n_fused: relaxations that ended so.
    n_close: soundly ended relaxations with contacts below `CLOSE_CONTACT` on the way.
    n_spikes: soundly ended relaxations with forces above `FORCE_SPIKE` on the way.
    n_close_glasses, n_spiked_glasses: the same of the molecular dynamics of glasses.
    closest_contact: of all sound relaxations.
    peak_force: of all sound relaxations, eV/Å.
    n_low: energy outliers.
    lowest: of them, if there are any.
    doubtful: products that are outliers, or that only relaxations which strayed have reached.
    melts: whether its glasses were melted and quenched.
    """

    n_relaxed: int
    n_glasses: int
    n_exploded: int
    n_fused: int
    n_close: int | None
    n_spikes: int | None
    n_close_glasses: int | None
    n_spiked_glasses: int | None
    closest_contact: float | None
    peak_force: float | None
    n_low: int
    lowest: LowEnergy | None
    doubtful: tuple[DoubtfulProduct, ...]
    melts: Melts


def judge_run(lake: Lake) -> Trust:
    """Judge one run.

    Args:
        lake: that shows this run only.
    """
    on_the_way = {"contact": CLOSE_CONTACT, "force": FORCE_SPIKE}
    floor = floors_of(lake, "relaxed").parameters
    low = lake.sql(LOW, floor).fetchall()
    doubtful = lake.sql(DOUBTFUL, on_the_way | floor).fetchall()
    return Trust(
        **_counts(lake, on_the_way),
        n_low=low[0][3] if low else 0,
        lowest=LowEnergy(*low[0][:3]) if low else None,
        doubtful=tuple(DoubtfulProduct(*row) for row in doubtful),
        melts=melts_of(lake),
    )


def remarks(trust: Trust) -> list[str]:
    """What is unusual, a line each; the gravest first, nothing if nothing is."""
    lines = []
    for product in trust.doubtful:
        lines.append(f"{product.product_id}: {_doubt(product)}")
    if trust.lowest and not any(product.is_low for product in trust.doubtful):
        lines.append(
            f"{counted(trust.n_low, 'energy', 'energies')} far below all others of the formula, "
            f"the lowest {trust.lowest.energy_per_atom:.4f} eV/atom ({trust.lowest.subcell_id})"
        )
    strayed = _joined(
        (trust.n_close, f"had contacts below {CLOSE_CONTACT:g} of the covalent radii"),
        (trust.n_spikes, f"had forces above {FORCE_SPIKE:g} eV/Å"),
        (trust.n_exploded, "exploded"),
        (trust.n_fused, "fused"),
    )
    if strayed:
        lines.append(f"of {counted(trust.n_relaxed, 'relaxation')}, {strayed}")
    strayed = _joined(
        (trust.n_close_glasses, f"had contacts below {CLOSE_CONTACT:g} of the covalent radii"),
        (trust.n_spiked_glasses, f"had forces above {FORCE_SPIKE:g} eV/Å"),
    )
    if strayed:
        lines.append(f"of {counted(trust.n_glasses, 'glass', 'glasses')}, {strayed}")
    return lines + shortcomings(trust.melts)


def verdicts(trust: Trust) -> list[str]:
    """The remarks, or a line that there are none; nothing while there is nothing to judge."""
    if not trust.n_relaxed:
        return []
    return remarks(trust) or [_nothing_unusual(trust)]


def _nothing_unusual(trust: Trust) -> str:
    if trust.n_close is None:
        return "no energy outliers; contacts and forces on the way are not recorded"
    return (
        f"nothing unusual: contacts above {CLOSE_CONTACT:g} of the covalent radii, forces below "
        f"{FORCE_SPIKE:g} eV/Å, no energy outliers"
    )


def _counts(lake: Lake, limits: dict[str, float]) -> dict[str, Any]:
    """The run's row of the macro `trust`; without one, as of a run without relaxations."""
    found = lake.sql(COUNTS, limits)
    names, rows = found.columns[2:], found.fetchall()
    if not rows:
        return {name: 0 if name in ALWAYS_COUNTED else None for name in names}
    return dict(zip(names, rows[0][2:], strict=True))


def _doubt(product: DoubtfulProduct) -> str:
    if product.is_hole:
        return (
            "its energy is far below all others of the formula, its atoms are closer: a hole of "
            "the potential"
        )
    if product.is_low:
        return (
            "its energy is far below all others of the formula: hardly anything has reached it, or "
            "the potential has a hole"
        )
    return "only relaxations that strayed have reached it"


def _joined(*counts: tuple[int | None, str]) -> str:
    return ", ".join(f"{n} {what}" for n, what in counts if n)
