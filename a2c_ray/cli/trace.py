"""`a2c trace`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from a2c_ray.cli.arguments import Commands, add_lake
from a2c_ray.controls import harmless
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("trace", help="relax one subcell again, recording every step")
    command.add_argument("subcell", metavar="SUBCELL_ID", help="of a relaxed subcell of the lake")
    add_lake(command)
    command.add_argument(
        "--output",
        type=Path,
        default=Path("traces"),
        metavar="FOLDER",
        help="in which a folder of the subcell's name is made; default: traces",
    )
    command.add_argument(
        "--optimizer", choices=("fire", "lbfgs"), help="the run's by default; the paper used fire"
    )
    command.set_defaults(command=trace)


def trace(options: argparse.Namespace) -> int:
    """From the glass to the crystal, step by step."""
    from a2c_ray.recompute.trace import trace_subcell
    from a2c_ray.recompute.trace_files import describe, write_trace

    traced = trace_subcell(options.lake, options.subcell, options.optimizer, _tell)
    folder = options.output / options.subcell
    _tell(f"drawing {traced.recording.n_steps + 1} configurations")
    print(harmless("\n".join(describe(traced, write_trace(traced, folder)))))
    print(harmless(f"files    {folder}"))
    return FINISHED


def _tell(doing: str) -> None:
    print(f"{doing} ...", file=sys.stderr)
