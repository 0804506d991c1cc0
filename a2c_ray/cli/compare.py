"""`a2c compare`."""

from __future__ import annotations

import argparse

from a2c_ray.cli.arguments import Commands, add_lake
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser(
        "compare", help="which products of a run another run found, and what each cost"
    )
    command.add_argument("reference", help="run id, such as that of a run without a cascade")
    command.add_argument("other", help="run id, such as that of the same run with one")
    add_lake(command)
    command.set_defaults(command=compare)


def compare(options: argparse.Namespace) -> int:
    """Look for the products of one run among those of another."""
    from a2c_ray.results import RunResults
    from a2c_ray.results.comparison import compare_runs
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.tables import comparison_lines, comparison_table

    runs = [RunResults.open(options.lake, run_id) for run_id in (options.reference, options.other)]
    comparison = compare_runs(*runs)
    console = open_console()
    console.print(comparison_table(options.reference, options.other, comparison))
    for line in comparison_lines(options.reference, options.other, comparison):
        console.print(line, highlight=False, soft_wrap=True)
    return FINISHED
