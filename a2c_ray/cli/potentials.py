"""`a2c potentials`."""

from __future__ import annotations

import argparse
from pathlib import Path

from a2c_ray.cli.arguments import Commands
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    potentials = commands.add_parser("potentials", help="list or fetch potentials")
    actions = potentials.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list").set_defaults(command=list_potentials)
    command = actions.add_parser("fetch", help="put a pretrained potential into the cache")
    command.add_argument("name")
    command.add_argument("--wheel", type=Path, help="downloaded before, for use without a network")
    command.set_defaults(command=fetch_potential)


def list_potentials(options: argparse.Namespace) -> int:
    """Show the potentials there are."""
    from a2c_ray.potentials.loading import CLASSICAL
    from a2c_ray.potentials.pretrained import PRETRAINED, is_cached

    for name, entry in PRETRAINED.items():
        state = "in the cache" if is_cached(name) else f"a2c potentials fetch {name}"
        print(f"{name:<18} universal, {entry.training_data}, weights {entry.licence} ({state})")
    for name in CLASSICAL:
        print(f"{name:<18} classical, built in")
    return FINISHED


def fetch_potential(options: argparse.Namespace) -> int:
    """Put a pretrained potential into the cache."""
    from a2c_ray.potentials import loading

    print(loading.fetch_potential(options.name, options.wheel))
    return FINISHED
