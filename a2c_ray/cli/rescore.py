"""`a2c rescore`."""

from __future__ import annotations

import argparse

from a2c_ray.cli.arguments import Commands, add_lake, positive
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("rescore", help="the products of a run under another potential")
    command.add_argument("run", nargs="?", help="run id; the latest run without one")
    add_lake(command)
    command.add_argument("--potential", required=True, help="name, folder, or ase")
    command.add_argument(
        "--factory", metavar="MODULE:FUNCTION", help="of the calculator, with --potential ase"
    )
    command.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    command.add_argument(
        "--products", type=positive, default=10, metavar="N", help="lowest of each formula"
    )
    command.add_argument(
        "--no-relax", action="store_true", help="evaluate the products as the run has left them"
    )
    command.add_argument("--json", action="store_true", help="one JSON line a product")
    command.set_defaults(command=rescore)


def rescore(options: argparse.Namespace) -> int:
    """Relax the lowest products again, under a second potential."""
    import json

    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.recompute.rescoring import agreement, rescore, score_row
    from a2c_ray.results import RunResults
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.tables import agreement_line, score_table

    results = RunResults.open(options.lake, options.run)
    products = results.lowest_products(options.products)
    potential = load_potential(options.potential, options.dtype, factory=options.factory)
    scores = rescore(products, potential, not options.no_relax, results.pressure)
    if options.json:
        for score in scores:
            print(json.dumps(score_row(score)))
        return FINISHED
    console = open_console()
    first = results.attempt.potential
    console.print(score_table(results.run_id, first, potential.name, scores))
    for agreed in agreement(scores):
        console.print(agreement_line(agreed), highlight=False, soft_wrap=True)
    return FINISHED
