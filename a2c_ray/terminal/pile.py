"""What is shown of given cells: what cannot be used before, how each has ended afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from a2c_ray.analysis.ranking import Product, unlike_twin
from a2c_ray.errors import FAILED, FINISHED
from a2c_ray.lake import Lake
from a2c_ray.reading.gathering import Gathered
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.results.relaxed_files import Written
from a2c_ray.terminal.campaign import Finished, ranked_column, say_report, say_trust, say_where
from a2c_ray.terminal.console import duration
from a2c_ray.terminal.tables import kind_of
from a2c_ray.units import counted

SHOWN = 20
"""Lines of one kind."""

SHOWN_CRYSTALS = 24
"""Rows of the table, but for one of each composition."""

SHOWN_MEMBERS = 3
"""Cells that are the same crystal, a row."""

PROBLEMS_FILE = "unusable.txt"

OUTCOMES = """
SELECT outcome, count(*), median(steps), max(steps) FROM relaxed GROUP BY outcome ORDER BY 2 DESC
"""

NOT_CONVERGED = """
SELECT subcell_id, outcome, steps, max_force, max_stress FROM relaxed
WHERE outcome != 'converged' ORDER BY subcell_id LIMIT $most
"""


def show_gathered(console: Console, gathered: Gathered, folder: Path) -> None:
    """What was found, and what of it cannot be used.

    Args:
        console: to print on.
        gathered: what was found.
        folder: for the list of all that cannot be used, if it is long.
    """
    pile, problems = gathered.pile, gathered.problems
    read = f"{counted(len(pile), 'cell')} in {counted(len(gathered.files), 'file')}"
    console.print(read, highlight=False)
    for problem in problems[:SHOWN]:
        console.print(f"unusable: {problem}", soft_wrap=True, highlight=False)
    if len(problems) > SHOWN:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / PROBLEMS_FILE
        path.write_text("".join(f"{problem}\n" for problem in problems), encoding="utf-8")
        console.print(f"          and {len(problems) - SHOWN} more, all in {path}")
    for remark in gathered.remarks:
        console.print(f"note:     {remark}", soft_wrap=True, highlight=False)


def show_pile(console: Console, finished: Finished, gathered: Gathered) -> int:
    """Show how all cells have ended; returns the exit status.

    It is 1 if any could not be used, or did not end soundly.
    """
    [plan], pile = finished.plans, gathered.pile
    store, point = finished.stores[plan.run_id], finished.points[plan.run_id]
    lake = Lake(store, plan.run_id)
    done = "was done before" if not point.outcomes else "done"
    console.print(f"{plan.run_id} {done} in {duration(finished.elapsed_s)}", highlight=False)
    outcomes = lake.sql(OUTCOMES).fetchall()
    console.print(_outcome_table(outcomes, len(gathered.problems), len(point.failures)))
    _say_not_converged(console, lake, pile)
    for failure in point.failures:
        console.print(f"failed:   {failure}", soft_wrap=True, highlight=False)
    if point.products:
        energy = "H (eV/atom)" if plan.pressure else "E (eV/atom)"
        console.print(crystal_table(point.products, pile, energy))
    say_trust(console, {plan.run_id: store})
    say_where(
        console,
        store,
        f"source_file, source_index, source_name, outcome, steps, {ranked_column(plan)}, formula "
        f"FROM relaxed WHERE run_id = '{plan.run_id}' ORDER BY subcell_id",
    )
    say_report(console, store, plan.run_id)
    unsound = sum(n for outcome, n, *_ in outcomes if not Outcome[outcome.upper()].is_valid)
    return FAILED if gathered.problems or point.failures or unsound else FINISHED


def show_output(console: Console, path: Path, written: Written) -> None:
    """What is in the files that were asked for, and which labels are not."""
    cells = counted(written.n_cells, "cell")
    console.print(f"output:   {path}, {cells}", soft_wrap=True, highlight=False)
    if written.left_out:
        labels = ", ".join(sorted(written.left_out))
        text = f"          without labels of atoms that it cannot hold: {labels}"
        console.print(text, soft_wrap=True, highlight=False, markup=False)


def crystal_table(products: Sequence[Product], pile: Pile, energy: str) -> Table:
    """The lowest crystals of each composition, and which cells are the same.

    Args:
        products: by composition, lowest energy first; members are ids of the pile's cells.
        pile: of all cells.
        energy: heading of what they are ranked by.
    """
    table = Table(title="Distinct crystals, lowest first")
    for heading in ("formula", energy, "Δ (meV/atom)", "space group", "polymorph"):
        numeric = heading.startswith((energy, "Δ"))
        table.add_column(heading, justify="right" if numeric else "left")
    table.add_column("cells", justify="right")
    table.add_column("which", overflow="fold")
    formulas = list(dict.fromkeys(product.formula for product in products))
    most = max(1, SHOWN_CRYSTALS // len(formulas))
    n_hidden = 0
    for formula in formulas:
        of_formula = [p for p in products if p.formula == formula]
        n_hidden += max(0, len(of_formula) - most)
        for k, product in enumerate(of_formula[:most]):
            style = "bold" if product.is_degenerate else None
            table.add_row(*_cells(product, pile, unlike_twin(of_formula, k)), style=style)
    if n_hidden:
        table.caption = f"{counted(n_hidden, 'further crystal')} in the table products of the lake"
    return table


def _cells(product: Product, pile: Pile, unlike: str) -> list[str]:
    places = [place_in_pile(str(member)) for member in product.members]
    which = [pile.where_in_short(k) for k in places[:SHOWN_MEMBERS]]
    more = len(places) - len(which)
    return [
        product.formula,
        f"{product.energy_per_atom:.4f}",
        f"{1000 * product.delta:.1f}",
        product.space_group,
        kind_of(product, unlike) or "-",
        str(len(places)),
        "; ".join([*which, f"{more} more"] if more else which),
    ]


def place_in_pile(cell_id: str) -> int:
    """Of a cell, by its id."""
    return int(cell_id.rpartition("-c")[2])


def _outcome_table(
    outcomes: Sequence[tuple[str, int, float, int]], n_unusable: int, n_failed: int
) -> Table:
    table = Table(title="How the cells ended")
    table.add_column("outcome")
    for heading in ("cells", "median steps", "most steps"):
        table.add_column(heading, justify="right")
    for outcome, n, median, most in outcomes:
        table.add_row(outcome, str(n), f"{median:.0f}", str(most))
    if n_failed:
        table.add_row("failed", str(n_failed), "", "")
    if n_unusable:
        table.add_row("unusable", str(n_unusable), "", "")
    return table


def _say_not_converged(console: Console, lake: Lake, pile: Pile) -> None:
    rows = lake.sql(NOT_CONVERGED, {"most": SHOWN + 1}).fetchall()
    for cell_id, outcome, steps, force, stress in rows[:SHOWN]:
        left = "" if force is None else f", force {force:.3f} eV/Å, stress {stress:.1e} eV/Å³"
        where = pile.where(place_in_pile(cell_id))
        line = f"{outcome + ':':<10} {where} after {counted(steps, 'step')}{left}"
        console.print(line, soft_wrap=True, highlight=False)
    if len(rows) > SHOWN:
        console.print("           and more, see the table relaxed of the lake")
