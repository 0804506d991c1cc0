"""`a2c potentials`."""

from __future__ import annotations

import argparse
from pathlib import Path

from a2c_ray.cli.arguments import Commands
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    potentials = commands.add_parser("potentials", help="list, fetch or check potentials")
    actions = potentials.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list").set_defaults(command=list_potentials)
    command = actions.add_parser("fetch", help="put a pretrained potential into the cache")
    command.add_argument("name")
    command.add_argument(
        "--file", "--wheel", type=Path, help="downloaded before, for use without a network"
    )
    command.set_defaults(command=fetch_potential)
    command = actions.add_parser("check", help="errors of a potential on labelled structures")
    command.add_argument("name", metavar="NAME_OR_PATH")
    command.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FILE",
        help=".extxyz, .traj, .db, .json or .parquet with energies and forces",
    )
    command.add_argument("--json", action="store_true", help="one JSON line a row")
    command.set_defaults(command=check_potential)


def list_potentials(options: argparse.Namespace) -> int:
    """Show the potentials there are."""
    from rich.table import Table

    from a2c_ray.potentials.catalogue import BUILT_IN, PRETRAINED, is_cached
    from a2c_ray.terminal.console import open_console

    table = Table(caption="a2c potentials fetch NAME puts one into the cache")
    for heading in (
        "name",
        "trained on",
        "functional",
        "licence",
        "elements",
        "cutoff (Å)",
        "cached",
    ):
        numeric = heading.startswith(("elements", "cutoff"))
        table.add_column(heading, justify="right" if numeric else "left")
    here = {name: "yes" if is_cached(name) else "no" for name in PRETRAINED}
    here |= dict.fromkeys(BUILT_IN, "built in")
    every = {name: entry.description for name, entry in PRETRAINED.items()} | BUILT_IN
    for name, known in every.items():
        table.add_row(
            name,
            known.training_data or "- (classical)",
            known.functional or "-",
            known.licence or "-",
            str(known.n_elements),
            f"{known.cutoff:.3g}",
            here[name],
        )
    table.add_row("ase", "- (any ASE calculator)", "-", "-", "-", "-", "-")
    open_console().print(table)
    return FINISHED


def fetch_potential(options: argparse.Namespace) -> int:
    """Put a pretrained potential into the cache."""
    from a2c_ray.potentials import loading

    print(loading.fetch_potential(options.name, options.file))
    return FINISHED


def check_potential(options: argparse.Namespace) -> int:
    """Errors of a potential on labelled structures, by element."""
    import json

    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.tables import error_table
    from a2c_ray.training.labelled import check_labelled
    from a2c_ray.training.parity import parity_errors
    from a2c_ray.training.readers import read_data_sets

    potential = load_potential(options.name)
    structures = read_data_sets(options.data)
    check_labelled(structures)
    rows = parity_errors(potential, structures)
    if options.json:
        for row in rows:
            print(json.dumps(row._asdict()))
        return FINISHED
    open_console().print(error_table(potential.name, rows))
    return FINISHED
