"""What is shown of a campaign while it runs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from a2c_ray.analysis.ranking import Product
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.terminal.console import duration, time_span
from a2c_ray.terminal.tables import verdict

SHOWN_POINTS = 12
"""Of a sweep, on the live display."""


PREPARING = "(loading and compiling)"


FIRST_LINE_S, PLAIN_LINE_S = 15.0, 60.0
"""Seconds to the first line, and then between two, where the output is no terminal."""


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
        self.close()

    def close(self) -> None:
        """Leave the terminal as it was."""
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
            visible=bool(status.total("glasses_total")),
            completed=status.total("glasses_done"),
            total=status.total("glasses_total"),
            note=melt_note(status),
        )
        self._bars.update(
            self._crystallize,
            description="crystallize" if status.total("glasses_total") else "relax",
            completed=status.total("subcells_done") + status.subcells_under_way,
            total=status.total("subcells_total") or None,
            note=rate_note(status),
        )
        return self._bars

    def _line(self, status: Status) -> str:
        n_glasses = status.total("glasses_total")
        glasses = f"{status.total('glasses_done')}/{n_glasses}"
        relaxed = status.total("subcells_done") + status.subcells_under_way
        parts = [
            duration(self.elapsed).rjust(7),
            f"glasses {glasses} {melt_note(status)}".strip() if n_glasses else "",
            f"{'subcells' if n_glasses else 'cells'} {relaxed}/{status.total('subcells_total')}",
            rate_note(status),
            summary(status),
        ]
        return " | ".join(part for part in parts if part)


def rate_note(status: Status) -> str:
    """Subcells a minute, the time left for all of the campaign, and how busy the actors are."""
    left = status.time_left
    left_note = f"{time_span(*left)} left" if left else ""
    if not status.relaxing_s:
        return left_note
    if not status.subcells_per_s:
        return PREPARING
    busy = f"{status.n_actors} actors {100 * status.occupancy:.0f} % busy"
    return ", ".join(filter(None, [f"{60 * status.subcells_per_s:.0f}/min", left_note, busy]))


def melt_note(status: Status) -> str:
    """How far the melt-quenches in flight are."""
    steps = [f for f in status.melt_quenches if f.total]
    if not steps:
        return PREPARING if status.total("glasses_done") < status.total("glasses_total") else ""
    return f"(step {sum(f.done for f in steps)}/{sum(f.total for f in steps)})"


def summary(status: Status) -> str:
    """Lowest energy so far, outcomes, failures."""
    parts = []
    if len(status.points) == 1:
        [point] = status.points.values()
        lowest = point.lowest.get(point.formula)
        if lowest is not None:
            parts.append(f"lowest {lowest:.4f} eV/atom ({point.formula})")
    for point in status.points.values():
        if point.lessons_done < point.lessons_total:
            parts.append(f"{point.lesson} {point.lessons_done}/{point.lessons_total}")
    for training in status.trainings:
        parts.append(f"training (step {training.done}/{training.total})")
    if status.total("refined_total"):
        parts.append(f"refined {status.total('refined_done')}/{status.total('refined_total')}")
    if status.outcomes:
        parts.append(", ".join(f"{n} {name}" for name, n in status.outcomes.most_common()))
    if status.failures:
        parts.append(f"{len(status.failures)} failed: {status.failures[-1]}")
    return "  ".join(parts)


def point_table(points: Sequence[PointStatus]) -> Table:
    """Where the points of a sweep stand, with the lowest product of the glasses' own composition.

    Energies of other compositions say nothing beside it: they have other elements.
    """
    table = Table()
    for heading in ("point", "run", "glasses", "subcells", "lowest product", "expected", "failed"):
        table.add_column(heading, overflow="fold")
    for point in points:
        products = point.of_target
        lowest = min(products, key=lambda p: p.energy_per_atom, default=None)
        is_ranked = point.products is not None
        table.add_row(
            point.label,
            point.run_id,
            f"{point.glasses_done}/{point.glasses_total}",
            f"{point.subcells_done}/{point.subcells_total}",
            _described(lowest) if lowest else ("none" if is_ranked else ""),
            "; ".join(verdict(name, products) for name in point.expected if is_ranked),
            str(len(point.failures) or ""),
        )
    return table


def _described(product: Product) -> str:
    name = f" {product.match.polymorph.name}" if product.match else ""
    return f"{product.formula} {product.space_group}{name} {product.energy_per_atom:.4f}"


def _unfinished(status: Status) -> list[PointStatus]:
    return [p for p in status.points.values() if p.products is None][:SHOWN_POINTS]
