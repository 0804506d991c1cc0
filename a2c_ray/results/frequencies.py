"""How often each product emerged from each glass of a run."""

from __future__ import annotations

from typing import NamedTuple

from a2c_ray.results.run import RunResults

POOL = """
WITH pool AS (
    FROM screened SELECT subcell_id, glass_id, formula, energy_per_atom
    UNION ALL
    FROM relaxed ANTI JOIN screened USING (subcell_id)
    SELECT subcell_id, glass_id, formula, energy_per_atom
)
"""

COUNTS = f"""{POOL}, members AS (
    SELECT product_id, formula, unnest(subcell_ids) AS subcell_id FROM products
), reached AS (
    SELECT product_id, members.formula, glass_id, count(*) AS n_subcells
    FROM members JOIN pool USING (subcell_id) GROUP BY ALL
), sound AS (
    SELECT formula, glass_id, count(*) AS n_relaxed
    FROM pool WHERE energy_per_atom IS NOT NULL GROUP BY ALL
)
SELECT product_id, glass_id, n_subcells, n_relaxed
FROM reached JOIN sound USING (formula, glass_id)
ORDER BY product_id, glass_id
"""

OF_PRODUCT = f"""{POOL}, members AS (
    SELECT unnest(subcell_ids) AS subcell_id FROM products WHERE product_id = $product_id
)
SELECT glass_id, count(*) FILTER (pool.subcell_id IN (FROM members)), count(*)
FROM pool JOIN products USING (formula)
WHERE product_id = $product_id AND pool.energy_per_atom IS NOT NULL
GROUP BY glass_id ORDER BY glass_id
"""


class Frequency(NamedTuple):
    """How many subcells of a glass reached a product.

    product_id, glass_id: which.
    n_subcells: that reached it.
    n_relaxed: soundly relaxed subcells of the glass with the product's formula.
    """

    product_id: str
    glass_id: str
    n_subcells: int
    n_relaxed: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.n_subcells / self.n_relaxed


def product_frequencies(results: RunResults) -> list[Frequency]:
    """Of each product in each glass that reached it."""
    return [Frequency(*row) for row in results.lake.sql(COUNTS).fetchall()]


def frequencies_of(results: RunResults, product_id: str) -> list[Frequency]:
    """Of one product in each glass, those among them that never reached it."""
    rows = results.lake.sql(OF_PRODUCT, {"product_id": product_id}).fetchall()
    return [Frequency(product_id, *row) for row in rows]
