"""What the head of a report says: the prediction, and how much of the run is behind it."""

from __future__ import annotations

from a2c_ray.analysis.ranking import DEGENERATE
from a2c_ray.report.text import Fact, count_text, formula_text, number_text, space_group_text
from a2c_ray.results import ProductResult, RunResults
from a2c_ray.results.status import RunStatus

COUNTS = """
SELECT
    (SELECT count(*) FROM amorphous WHERE outcome = 'glass'),
    (SELECT count(*) FROM relaxed),
    (SELECT count(*) FROM relaxed WHERE energy_per_atom IS NOT NULL),
    (SELECT count(*) FROM relaxed WHERE outcome = 'converged'),
    (SELECT count(DISTINCT formula) FROM relaxed)
"""

POOL = """
WITH cells AS (
    SELECT formula, polymorph, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM relaxed
), crystals AS (
    SELECT formula, min(coalesce(enthalpy_per_atom, energy_per_atom)) AS floor FROM products
    WHERE delta_mev >= 0 GROUP BY formula
), floors AS (
    FROM crystals
    UNION ALL
    SELECT formula, min(ranked) AS floor FROM cells ANTI JOIN crystals USING (formula)
    GROUP BY formula
)
SELECT count(*), min(ranked - floor)
FROM cells JOIN floors USING (formula) WHERE polymorph = $polymorph
"""


def verdict(results: RunResults) -> str:
    """The prediction in a sentence or two; of given cells, what there is of them."""
    if not results.has_glasses:
        return _of_given(results)
    formula = results.formula
    products = [p for p in results.products_so_far if p.row.formula == formula]
    if not products:
        return f"No crystal of {formula_text(formula)} has been ranked yet."
    lowest, *others = products
    text = (
        f"{_described(lowest)} is the lowest crystal of {formula_text(formula)} that emerged, at "
        f"{number_text(lowest.row.ranked, 4)} eV/atom. "
        f"{number_text(lowest.row.n_subcells, 0)} of "
        f"{count_text(lowest.row.n_relaxed, 'subcell')} reached it."
    )
    degenerate = [_described(p) for p in others if p.row.degenerate]
    if degenerate:
        text += f" Within {1000 * DEGENERATE:g} meV/atom of it: {', '.join(degenerate)}."
    return text


def expected_products(results: RunResults) -> list[tuple[str, str]]:
    """Each polymorph that the settings expect, and where it stands."""
    products = results.products_so_far
    names = [entry["name"] for entry in results.settings.get("system.products") or []]
    return [(name, _standing(name, products) or _in_pool(results, name)) for name in names]


def run_facts(results: RunResults) -> list[Fact]:
    """Numbers of what was made and relaxed."""
    glasses, relaxed, sound, converged, formulas = results.lake.sql(COUNTS).fetchall()[0]
    made = [Fact("glasses", number_text(glasses, 0))] if results.has_glasses else []
    facts = [
        *made,
        Fact("relaxed subcells" if made else "relaxed cells", number_text(relaxed, 0)),
        Fact("of them sound", number_text(sound, 0)),
        Fact("of them converged", number_text(converged, 0)),
        Fact("compositions", number_text(formulas, 0)),
    ]
    if glasses:
        facts.append(Fact("atoms of a glass", str(len(results.glasses[0].structure))))
    return facts


def unfinished(known: RunStatus) -> str:
    """What to say of a run that is not finished; empty if it is."""
    if known.status == "finished":
        return ""
    status = {"running": "is still running", "failed": "has failures", "interrupted": "stopped"}
    text = f"This run {status.get(known.status, known.status)}"
    if known.driver is not None:
        driver = known.driver
        done = [
            f"{n_done} of {count_text(total, noun)}"
            for n_done, total, noun in (
                (driver.glasses_done, driver.glasses_total, "glass"),
                (driver.subcells_done, driver.subcells_total, "subcell"),
            )
            if total or noun == "subcell"
        ]
        text += f": {' and '.join(done)} are done"
    return f"{text}. The page shows what is in the lake so far."


def _of_given(results: RunResults) -> str:
    _, relaxed, _, converged, formulas = results.lake.sql(COUNTS).fetchall()[0]
    crystals = count_text(len(results.products_so_far), "distinct crystal")
    return (
        f"{number_text(converged, 0)} of {count_text(relaxed, 'given cell')} have converged. "
        f"The lowest of {count_text(formulas, 'composition')} are {crystals}, below."
    )


def _described(product: ProductResult) -> str:
    group = space_group_text(product.row.space_group)
    polymorph = product.row.polymorph
    return f"{group} ({polymorph})" if polymorph else group


def _standing(name: str, products: list[ProductResult]) -> str:
    """Among the products; empty if it is not."""
    found = [p.row for p in products if p.row.polymorph == name]
    if not found:
        return ""
    best = min(found, key=lambda row: row.delta_mev)
    if best.delta_mev == 0.0:
        return "the lowest"
    degenerate = ", degenerate with it" if best.degenerate else ""
    return f"{number_text(best.delta_mev, 1)} meV/atom above the lowest{degenerate}"


def _in_pool(results: RunResults, name: str) -> str:
    """Among all relaxed subcells, of which the products are the lowest."""
    number, delta = results.lake.sql(POOL, {"polymorph": name}).fetchall()[0]
    if not number:
        return "no subcell reached it"
    return (
        f"{count_text(number, 'subcell')} reached it, {number_text(1000 * delta, 1)} meV/atom "
        "above the lowest"
    )
