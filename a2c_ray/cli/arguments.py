"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where commands are added to."""


def add_lake(command: argparse.ArgumentParser) -> None:
    """Let a command take the address of a lake."""
    command.add_argument("--lake", default="lake", help="folder or s3://bucket/lake; default: lake")


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
