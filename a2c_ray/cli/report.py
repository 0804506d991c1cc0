"""`a2c report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from a2c_ray.cli.arguments import Commands, add_lake
from a2c_ray.controls import harmless
from a2c_ray.errors import FINISHED, InputError


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("report", help="one self-contained HTML page of a run")
    command.add_argument("run", nargs="?", help="run id; the latest run without one")
    add_lake(command)
    command.add_argument("--output", type=Path, help="file to write; default: RUN.html")
    command.set_defaults(command=report)


def report(options: argparse.Namespace) -> int:
    """Write the page of a run."""
    output = options.output
    if output and (output.is_dir() or output.suffix not in (".html", ".htm")):
        raise InputError(f"--output {output}: give a file .html")

    from a2c_ray.report.page import render
    from a2c_ray.results import RunResults
    from a2c_ray.results.status import known_status

    results = RunResults.open(options.lake, options.run)
    known = known_status(results.lake, results.attempt)
    path = output or Path(f"{results.run_id}.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(results, known), encoding="utf-8")
    print(harmless(str(path)))
    return FINISHED
