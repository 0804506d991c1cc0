"""Log records as JSON lines."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.logging import RichHandler

from a2c_ray.controls import harmless

LOG_FILE = "campaign.jsonl"

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonHandler(logging.FileHandler):
    """Appends one JSON object a record: time, level, message, and whatever `extra` holds.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8")

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), "message": record.getMessage()}
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return json.dumps(line | extra, default=str)


class _Harmless(logging.Formatter):
    """Control characters of a message are visible."""

    def format(self, record: logging.LogRecord) -> str:
        return harmless(super().format(record))


@contextmanager
def logging_to(console: Console, path: Path) -> Iterator[None]:
    """Warnings on the terminal, everything in a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = RichHandler(console=console, show_path=False, level=logging.WARNING)
    shown.setFormatter(_Harmless("%(message)s"))
    handlers = (shown, JsonHandler(path))
    package = logging.getLogger("a2c_ray")
    package.setLevel(logging.INFO)
    package.propagate = False  # Hydra's launchers log to the terminal, too
    for handler in handlers:
        package.addHandler(handler)
    try:
        yield
    finally:
        package.propagate = True
        for handler in handlers:
            package.removeHandler(handler)
            handler.close()
