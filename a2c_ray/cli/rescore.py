"""`a2c rescore`."""

from __future__ import annotations

import argparse
import sys

from a2c_ray.cli.arguments import Commands, add_d3, add_lake, positive
from a2c_ray.controls import harmless
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("rescore", help="the products of a run under other potentials")
    command.add_argument("run", nargs="?", help="run id; the latest run without one")
    add_lake(command)
    command.add_argument(
        "--potential",
        required=True,
        action="append",
        metavar="NAME",
        help="name, folder, or ase; may be given several times",
    )
    command.add_argument(
        "--factory", metavar="MODULE:FUNCTION", help="of the calculator, with --potential ase"
    )
    add_d3(command)
    command.add_argument("--dtype", choices=("float32", "float64"), default="float64")
    command.add_argument(
        "--products", type=positive, default=10, metavar="N", help="lowest of each formula"
    )
    command.add_argument(
        "--no-relax", action="store_true", help="evaluate the products as the run has left them"
    )
    command.add_argument(
        "--json", action="store_true", help="one JSON line for each product and potential"
    )
    command.set_defaults(command=rescore)


def rescore(options: argparse.Namespace) -> int:
    """Relax the lowest products again, under other potentials, and keep what these say."""
    import json

    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.recompute.rescoring import check_products, keep_scores, rescore
    from a2c_ray.results import RunResults
    from a2c_ray.results.agreement import agreement, agreement_text
    from a2c_ray.results.opinions import opinion, opinion_record, own_opinion
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.tables import opinion_table

    results = RunResults.open(options.lake, options.run)
    products = results.lowest_products(options.products)
    potentials = [
        load_potential(name, options.dtype, factory=options.factory, d3=options.d3)
        for name in options.potential
    ]
    for potential in potentials:
        check_products(products, potential)
    asked = [
        rescore(products, potential, not options.no_relax, results.pressure, results.freedom)
        for potential in potentials
    ]
    for scores in asked:
        try:
            keep_scores(results.lake.store, scores)
        except OSError as error:
            reason = error.strerror or error
            print(harmless(f"not kept in {results.lake.store.address}: {reason}"), file=sys.stderr)
    rows = [product.row for product in products]
    own = own_opinion(results.attempt.potential, rows)
    others = [opinion(scores, rows) for scores in asked]
    if options.json:
        for other in others:
            for row in rows:
                print(json.dumps(opinion_record(row, own, other)))
        return FINISHED
    console = open_console()
    console.print(opinion_table(results.run_id, rows, [own, *others]))
    for other in others:
        for agreed in agreement(own, other, rows):
            console.print(agreement_text(agreed), highlight=False, soft_wrap=True)
    return FINISHED
