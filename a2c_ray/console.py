"""What a campaign shows on the terminal: live progress, then its products."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from a2c_ray.analysis.ranking import Product
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.results.comparison import Comparison
from a2c_ray.results.rescoring import Agreement, Score
from a2c_ray.training.parity import ErrorRow
from a2c_ray.units import GPA_PER_EV_A3

SHOWN_PRODUCTS = 8
"""Of each formula."""

SHOWN_POINTS = 12
"""Of a sweep, on the live display."""

PREPARING = "(loading and compiling)"

FIRST_LINE_S, PLAIN_LINE_S = 15.0, 60.0
"""Seconds to the first line, and then between two, where the output is no terminal."""

SHOWN_UNITS = {
    "energy": (1000.0, "meV/atom"),
    "forces": (1000.0, "meV/Å"),
    "stress": (GPA_PER_EV_A3, "GPa"),
}
"""Of errors: what eV, eV/Å or eV/Å³ are multiplied with."""

PAGE_WIDTH = 110
"""Columns where the output is no terminal."""


def open_console() -> Console:
    """Standard output; brackets in names and paths are no markup."""
    return Console(width=None if sys.stdout.isatty() else PAGE_WIDTH, markup=False)


class Display:
    """Live progress on a terminal, a line a minute elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._next_line = self._started + FIRST_LINE_S
        self._live = Live(console=console, refresh_per_second=4, transient=True)
        self._bars = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(40),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
        )
        self._melt = self._bars.add_task("melt-quench", note="", total=None)
        self._crystallize = self._bars.add_task("crystallize", note="", total=None)

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, status: Status) -> None:
        """Bring the display up to date."""
        now = time.monotonic()
        if self._console.is_terminal:
            points = [point_table(_unfinished(status))] if len(status.points) > 1 else []
            self._live.update(Group(self._progress(status), *points, Text(summary(status))))
        elif now >= self._next_line:
            self._next_line = now + PLAIN_LINE_S
            self._console.print(self._line(status), highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line above the display."""
        self._console.print(text, highlight=False)

    @property
    def elapsed(self) -> float:
        """Seconds since the display was made."""
        return time.monotonic() - self._started

    def _progress(self, status: Status) -> Progress:
        self._bars.update(
            self._melt,
            completed=status.total("glasses_done"),
            total=status.total("glasses_total"),
            note=melt_note(status),
        )
        self._bars.update(
            self._crystallize,
            completed=status.total("subcells_done") + status.subcells_under_way,
            total=status.total("subcells_total") or None,
            note=rate_note(status),
        )
        return self._bars

    def _line(self, status: Status) -> str:
        glasses = f"{status.total('glasses_done')}/{status.total('glasses_total')}"
        relaxed = status.total("subcells_done") + status.subcells_under_way
        parts = [
            duration(self.elapsed).rjust(7),
            f"glasses {glasses} {melt_note(status)}".strip(),
            f"subcells {relaxed}/{status.total('subcells_total')}",
            rate_note(status),
            summary(status),
        ]
        return " | ".join(part for part in parts if part)


def rate_note(status: Status) -> str:
    """Subcells a minute, when those that are known will be done, and how busy the actors are."""
    if not status.relaxing_s:
        return ""
    if status.seconds_left is None:
        return PREPARING
    rate, left = 60 * status.subcells_per_s, duration(status.seconds_left)
    busy = f"{status.n_actors} actors {100 * status.occupancy:.0f} % busy"
    return f"{rate:.0f}/min, {left} left, {busy}"


def melt_note(status: Status) -> str:
    """How far the melt-quenches in flight are."""
    steps = [f for f in status.melt_quenches if f.total]
    if not steps:
        return PREPARING if status.total("glasses_done") < status.total("glasses_total") else ""
    return f"(step {sum(f.done for f in steps)}/{sum(f.total for f in steps)})"


def summary(status: Status) -> str:
    """Lowest energy so far, outcomes, failures."""
    parts = []
    lowest = [pair for point in status.points.values() for pair in point.lowest.items()]
    if lowest and len(status.points) == 1:
        formula, energy = min(lowest, key=lambda item: item[1])
        parts.append(f"lowest {energy:.4f} eV/atom ({formula})")
    if status.total("refined_total"):
        parts.append(f"refined {status.total('refined_done')}/{status.total('refined_total')}")
    if status.outcomes:
        parts.append(", ".join(f"{n} {name}" for name, n in status.outcomes.most_common()))
    if status.failures:
        parts.append(f"{len(status.failures)} failed: {status.failures[-1]}")
    return "  ".join(parts)


def point_table(points: Sequence[PointStatus]) -> Table:
    """Where the points of a sweep stand, and the lowest product of each."""
    table = Table()
    for heading in ("point", "run", "glasses", "subcells", "lowest product", "polymorph", "failed"):
        table.add_column(heading)
    for point in points:
        lowest = min(point.products or [], key=lambda p: p.energy_per_atom, default=None)
        match = lowest.match if lowest else None
        table.add_row(
            point.label,
            point.run_id,
            f"{point.glasses_done}/{point.glasses_total}",
            f"{point.subcells_done}/{point.subcells_total}",
            f"{lowest.formula} {lowest.space_group} {lowest.energy_per_atom:.4f}" if lowest else "",
            match.polymorph.name if match else "",
            str(len(point.failures) or ""),
        )
    return table


def _unfinished(status: Status) -> list[PointStatus]:
    return [p for p in status.points.values() if p.products is None][:SHOWN_POINTS]


def product_table(products: Sequence[Product]) -> Table:
    """The lowest products of each formula."""
    table = Table(title="Products, lowest energy first")
    for heading in ("formula", "E (eV/atom)", "ΔE (meV/atom)", "space group", "polymorph"):
        numeric = heading.startswith(("E", "Δ"))
        table.add_column(heading, justify="right" if numeric else "left")
    table.add_column("subcells", justify="right")
    for formula in dict.fromkeys(product.formula for product in products):
        for product in [p for p in products if p.formula == formula][:SHOWN_PRODUCTS]:
            table.add_row(*_cells(product), style="bold" if product.is_degenerate else None)
    return table


def error_table(name: str, rows: Sequence[ErrorRow]) -> Table:
    """Errors of a potential on a data set, energies an atom."""
    table = Table(title=f"{name}: predicted minus label")
    for heading in ("quantity", "element", "n", "MAE", "RMSE", "unit"):
        table.add_column(heading, justify="right" if heading in ("n", "MAE", "RMSE") else "left")
    for row in rows:
        factor, unit = SHOWN_UNITS[row.quantity]
        errors = (f"{factor * value:.4g}" for value in (row.mae, row.rmse))
        table.add_row(row.quantity, row.element, str(row.n), *errors, unit)
    return table


def score_table(run_id: str, first: str, second: str, scores: Sequence[Score]) -> Table:
    """Products under two potentials, in the order of the second."""
    table = Table(title=f"{run_id}: products under {first} and {second}")
    table.add_column("formula")
    table.add_column("space group")
    table.add_column("polymorph")
    for heading in (f"# {first}", "ΔE", f"# {second}", "ΔE"):
        table.add_column(heading, justify="right")
    table.add_column("relaxed into")
    for score in scores:
        columns = score.product.columns
        table.add_row(
            score.formula,
            columns["space_group"],
            columns["polymorph"] or "-",
            str(score.rank),
            f"{1000 * score.delta:.1f}",
            str(score.new_rank or "-"),
            f"{1000 * score.new_delta:.1f}",
            {True: "itself", False: "another crystal", None: "-"}[score.is_same]
            if score.new_rank
            else score.outcome,
        )
    table.caption = "ΔE above the lowest of the formula, meV/atom"
    return table


def score_row(score: Score) -> dict[str, object]:
    """A score as one flat record; energies in eV/atom, null where there is none."""
    columns = score.product.columns
    return {
        "product_id": columns["product_id"],
        "formula": score.formula,
        "space_group": columns["space_group"],
        "polymorph": columns["polymorph"],
        "energy_per_atom": columns["energy_per_atom"],
        "delta": score.delta,
        "rank": score.rank,
        "new_energy_per_atom": score.energy if score.new_rank else None,
        "new_delta": score.new_delta if score.new_rank else None,
        "new_rank": score.new_rank or None,
        "is_same": score.is_same,
        "outcome": score.outcome,
    }


def agreement_line(agreed: Agreement) -> str:
    """Whether the order of the products of a formula survives."""
    lowest = "the lowest stays" if agreed.same_lowest else "ANOTHER PRODUCT IS THE LOWEST"
    if agreed.n < 2:
        return f"{agreed.formula}: {lowest}; {agreed.n} product"
    return (
        f"{agreed.formula}: {lowest}; {agreed.n_swapped} of {agreed.n_pairs} pairs change their "
        f"order by more than 2 meV/atom, Kendall's tau {agreed.tau:.2f}"
    )


def comparison_table(reference: str, other: str, comparison: Comparison) -> Table:
    """Products of one run, and where they stand in another."""
    table = Table(title=f"Products of {reference}, and of {other}")
    for heading in ("formula", "space group", "polymorph"):
        table.add_column(heading)
    for run_id in (reference, other):
        table.add_column(f"ΔE in {run_id}", justify="right")
    for found in comparison.found:
        columns = found.product.columns
        there = f"{found.other.columns['delta_mev']:.1f}" if found.other else "not found"
        table.add_row(
            columns["formula"],
            columns["space_group"],
            columns["polymorph"] or "-",
            f"{columns['delta_mev']:.1f}",
            there,
        )
    table.caption = "ΔE above the lowest of the formula in the same run, meV/atom"
    return table


def comparison_lines(reference: str, other: str, comparison: Comparison) -> list[str]:
    """What was lost, what is new, and what each run cost."""
    lost = comparison.lost_predictions
    lowest = f"LOST: the lowest of {', '.join(lost)}" if lost else "the lowest are found"
    lines = [
        f"{lowest}; {comparison.n_lost} of {len(comparison.found)} products are not in {other}, "
        f"which has {len(comparison.new)} others"
    ]
    for run_id, cost in ((reference, comparison.cost), (other, comparison.other_cost)):
        screened = (
            f"{cost.screened} subcells screened ({cost.screening_work} steps times atoms), "
            if cost.screened
            else ""
        )
        lines.append(f"{run_id}: {screened}{cost.relaxed} relaxed ({cost.work} steps times atoms)")
    return lines


def verdict(expected: str, products: Sequence[Product]) -> str:
    """Where an expected polymorph stands among the products."""
    found = [p for p in products if p.match and p.match.polymorph.name == expected]
    if not found:
        return f"{expected}: not among the products"
    product = min(found, key=lambda p: p.delta)
    if product.delta == 0.0:
        return f"{expected}: the lowest of {product.formula}"
    degenerate = ", degenerate" if product.is_degenerate else ""
    return f"{expected}: {1000 * product.delta:.1f} meV/atom above the lowest{degenerate}"


def duration(seconds: float) -> str:
    """For people: "48 s", "3 min 20 s", "2 h 05 min"."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def _cells(product: Product) -> list[str]:
    return [
        product.formula,
        f"{product.energy_per_atom:.4f}",
        f"{1000 * product.delta:.1f}",
        product.space_group,
        _polymorph(product),
        str(product.n_subcells),
    ]


def _polymorph(product: Product) -> str:
    if product.match:
        return product.match.polymorph.name
    return f"stacking variant of {product.variant_of.name}" if product.variant_of else "-"
