"""How far a run strayed from what its potential knows.

Learned potentials know the distances, forces and energies of their training data. Where atoms came
closer, forces spiked, or an energy lies far below all others, the potential may have had a hole,
and what comes out of it is not to be believed before it has been looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from a2c_ray.lake import Lake
from a2c_ray.results.melts import Melts, melts_of, shortcomings
from a2c_ray.units import counted

CLOSE_CONTACT = 0.55
"""Of the sum of covalent radii; atoms that were closer have strayed. Relaxations begin at 0.61 and
more, where overlaps are removed, and multiple bonds of metals are longer; fused is below 0.5."""

FORCE_SPIKE = 100.0
"""eV/Å; sound relaxations of oxides, fluorides and nitrides begin with up to 40, and melts at
several thousand K stay below that. Data for training hold hardly anything above."""

FENCE = 3.0
"""Interquartile ranges below the first quartile of a formula's energies: Tukey's outer fence, of
which quartiles, unlike means, do not follow the outliers."""

LEAST_GAP = 0.3
"""eV/atom. An outlier is as far as this below the first quartile, too, since the quartiles of a
formula that has nearly always reached one crystal are close; and so is a group of energies that
far below the next higher one. Nine of ten metastable crystals lie within 0.07 eV/atom of the
ground state (Sun et al., Sci. Adv. 2, e1600225 (2016)): a gap of several times that is no
polymorph's."""

FEWEST = 8
"""Sound relaxations of a formula below which its energies are not judged."""

ALWAYS_COUNTED = ("n_relaxed", "n_glasses", "n_exploded", "n_fused")
"""Columns of the macro `trust` that are never null."""

COUNTS = "SELECT * FROM trust($contact, $force)"

LOW_ROWS = """
    WITH sound AS (
        SELECT subcell_id, formula, energy_per_atom AS energy, polymorph
        FROM relaxed WHERE energy_per_atom IS NOT NULL
    ), spreads AS (
        SELECT formula, quantile_cont(energy, [0.25, 0.5, 0.75]) AS q
        FROM sound GROUP BY formula HAVING count(*) >= $fewest
    ), lower_half AS (
        SELECT subcell_id, formula, energy, polymorph, q,
            lead(energy) OVER (PARTITION BY formula ORDER BY energy, subcell_id) - energy AS gap
        FROM sound JOIN spreads USING (formula) WHERE energy <= q[2]
    ), thresholds AS (
        SELECT formula, greatest(
            q[1] - greatest($fence * (q[3] - q[1]), $gap),
            coalesce(max(energy) FILTER (gap > $gap AND energy < q[1]), '-infinity'::DOUBLE)
        ) AS threshold
        FROM lower_half GROUP BY formula, q
    )
    SELECT subcell_id, formula, energy
    FROM lower_half JOIN thresholds USING (formula)
    WHERE energy <= threshold AND polymorph IS NULL
"""
"""Energies below the fence, or in the lowest quarter and below a gap: what every fourth relaxation
reaches is no accident. A published polymorph is no hole either."""

LOW = f"""
WITH low AS ({LOW_ROWS})
SELECT subcell_id, formula, energy, count(*) OVER () FROM low
ORDER BY energy, subcell_id LIMIT 1
"""

DOUBTFUL = f"""
WITH low AS ({LOW_ROWS}), members AS (
    SELECT product_id, subcell_id AS lowest, unnest(subcell_ids) AS subcell_id FROM products
), judged AS (
    SELECT product_id, lowest IN (SELECT subcell_id FROM low) AS is_low, count(*) AS n_subcells,
        count(*) FILTER (closest_contact < $contact OR peak_force > $force) AS n_strayed
    FROM members JOIN relaxed USING (subcell_id) GROUP BY product_id, lowest
)
SELECT product_id, is_low, n_strayed, n_subcells FROM judged
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
    is_low: whether its energy is an outlier: the potential may have a hole there.
    n_strayed: of its subcells.
    n_subcells: that reached it.
    """

    product_id: str
    is_low: bool
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
    energies = {"fewest": FEWEST, "fence": FENCE, "gap": LEAST_GAP}
    low = lake.sql(LOW, energies).fetchall()
    doubtful = lake.sql(DOUBTFUL, on_the_way | energies).fetchall()
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
    if product.is_low:
        return "its energy is far below all others of the formula: the potential may have a hole"
    return "only relaxations that strayed have reached it"


def _joined(*counts: tuple[int | None, str]) -> str:
    return ", ".join(f"{n} {what}" for n, what in counts if n)
