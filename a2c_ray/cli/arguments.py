"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where commands are added to."""


def add_lake(command: argparse.ArgumentParser) -> None:
    """Let a command take the address of a lake."""
    command.add_argument("--lake", default="lake", help="folder or s3://bucket/lake; default: lake")


def add_d3(command: argparse.ArgumentParser) -> None:
    """Let a command add dispersion to its potential."""
    command.add_argument(
        "--d3",
        nargs="?",
        const=True,
        default=False,
        choices=("zero",),
        help="add dispersion, with damping of Becke and Johnson or, if so given, zero damping",
    )


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def print_settings(settings: Mapping[str, Any]) -> None:
    """One `key=value` a line, as on a command line."""
    for name, value in settings.items():
        print(f"{name}={'null' if value is None else value}")


def print_sweep(jobs: Mapping[str, Mapping[str, Any]]) -> None:
    """What all jobs of a sweep have in common, then under each job's name what is its own."""
    first = next(iter(jobs.values()))
    shared = {k for k in first if all(k in job and job[k] == first[k] for job in jobs.values())}
    print_settings({name: value for name, value in first.items() if name in shared})
    for label, settings in jobs.items():
        print(f"# {label}")
        print_settings({name: value for name, value in settings.items() if name not in shared})
