"""What a campaign shows on the terminal: live progress, then its products."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from a2c_ray.analysis.ranking import Product
from a2c_ray.cluster.campaign import Status
from a2c_ray.cluster.units import MeltQuenchUnit

SHOWN_PRODUCTS = 8
"""Of each formula."""

PREPARING = "(loading and compiling)"

PLAIN_LINE_S = 15.0
"""Seconds between two lines where the output is no terminal."""


class Display:
    """Live progress on a terminal, a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = self._last_line = time.monotonic()
        self._crystallizing_since: float | None = None
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
        if self._crystallizing_since is None and status.subcells_total:
            self._crystallizing_since = now
        if self._console.is_terminal:
            self._live.update(Group(self._progress(status, now), Text(summary(status))))
        elif now - self._last_line >= PLAIN_LINE_S:
            self._last_line = now
            self._console.print(self._line(status, now), highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print a line above the display."""
        self._console.print(text, highlight=False)

    @property
    def elapsed(self) -> float:
        """Seconds since the display was made."""
        return time.monotonic() - self._started

    def _progress(self, status: Status, now: float) -> Progress:
        self._bars.update(
            self._melt,
            completed=status.glasses_done,
            total=status.glasses_total,
            note=melt_note(status),
        )
        self._bars.update(
            self._crystallize,
            completed=status.subcells_done + status.subcells_under_way,
            total=status.subcells_total or None,
            note=self._rate(status, now),
        )
        return self._bars

    def _rate(self, status: Status, now: float) -> str:
        """Subcells a minute, and when the ones that are known will be done."""
        now_relaxed = status.subcells_now + status.subcells_under_way
        if self._crystallizing_since is None:
            return ""
        if not now_relaxed:
            return PREPARING
        rate = now_relaxed / max(1.0, now - self._crystallizing_since)
        left = status.subcells_total - status.subcells_done - status.subcells_under_way
        return f"{60 * rate:.0f}/min, {duration(left / rate)} left"

    def _line(self, status: Status, now: float) -> str:
        parts = [
            duration(self.elapsed).rjust(7),
            f"glasses {status.glasses_done}/{status.glasses_total} {melt_note(status)}".strip(),
            f"subcells {status.subcells_done + status.subcells_under_way}/{status.subcells_total}",
            self._rate(status, now),
            summary(status),
        ]
        return " | ".join(part for part in parts if part)


def melt_note(status: Status) -> str:
    """How far the melt-quenches in flight are."""
    steps = [p for unit, p in status.in_flight if isinstance(unit, MeltQuenchUnit) and p.total]
    if not steps:
        return PREPARING if status.glasses_done < status.glasses_total else ""
    return f"(step {sum(p.done for p in steps)}/{sum(p.total for p in steps)})"


def summary(status: Status) -> str:
    """Lowest energy so far, outcomes, failures."""
    parts = []
    if status.lowest:
        formula, energy = min(status.lowest.items(), key=lambda item: item[1])
        parts.append(f"lowest {energy:.4f} eV/atom ({formula})")
    if status.outcomes:
        parts.append(", ".join(f"{n} {name}" for name, n in status.outcomes.most_common()))
    if status.failures:
        parts.append(f"{len(status.failures)} failed: {status.failures[-1]}")
    return "  ".join(parts)


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
        product.match.polymorph.name if product.match else "-",
        str(product.n_subcells),
    ]
