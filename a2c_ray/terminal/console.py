"""The terminal itself: its width, signals to stop, and quantities in words."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from a2c_ray.controls import harmless

PAGE_WIDTH = 110
"""Columns where the output is no terminal."""


class PlainConsole(Console):
    """Shows strings as they are: brackets are no markup, escapes move nothing."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Of a line, or of a cell of a table."""
        return super().render_str(harmless(text), **options)


def open_console() -> Console:
    """Standard output."""
    return PlainConsole(width=None if sys.stdout.isatty() else PAGE_WIDTH, markup=False)


@contextmanager
def stop_signals_call(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM call a function that lets the work end; a second one ends it at once.

    A batch system, `kill` and a container that is stopped send SIGTERM. Ray's own handler of it,
    which is in force once a driver is connected, would abort the process.
    """

    def handle(*_: object) -> None:
        for number in before:
            signal.signal(number, signal.default_int_handler)
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def duration(seconds: float) -> str:
    """For people: "48 s", "3 min 20 s", "2 h 05 min"."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


CLOSE = 1.25
"""Bounds whose ratio is smaller are shown as one time."""


def time_span(least: float, most: float | None) -> str:
    """For people: "about 3 min 20 s", "30 s to 2 min 10 s", "over 5 min 00 s"."""
    if most is None:
        return f"over {duration(least)}"
    if most <= CLOSE * least:
        return f"about {duration((least + most) / 2)}"
    return f"{duration(least)} to {duration(most)}"


def size_text(n_bytes: int) -> str:
    """For people: "640 B", "12.5 MB"."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    size = float(n_bytes)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.3g} {unit}"
    return f"{size / 1000:.3g} TB"
