"""`a2c train`."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from a2c_ray.cli.arguments import Commands, print_settings
from a2c_ray.errors import FINISHED


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("train", help="fit a potential to labelled structures")
    command.add_argument(
        "overrides", nargs="*", metavar="KEY=VALUE", help="e.g. train=paper data.train=mptrj.json"
    )
    command.add_argument("--config-dir", type=Path, help="folder of your own config files")
    command.add_argument("--show", action="store_true", help="print all settings and stop")
    command.set_defaults(command=train)


def train(options: argparse.Namespace) -> int:
    """From labelled structures to a potential."""
    from a2c_ray.config import compose_training
    from a2c_ray.training.planning import plan_training

    settings = compose_training(options.overrides, options.config_dir)
    if options.show:
        print_settings(settings)
        return FINISHED
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.training import learn

    folder = ["--config-dir", str(options.config_dir)] if options.config_dir else []
    command = shlex.join(["a2c", "train", *folder, *options.overrides])
    return learn(plan_training(settings), open_console(), command)
