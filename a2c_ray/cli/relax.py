"""`a2c relax`."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from a2c_ray.cli.arguments import Commands, print_settings
from a2c_ray.errors import FINISHED, INTERRUPTED, InputError


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser(
        "relax", help="relax given cells, each until it has converged by itself"
    )
    command.add_argument(
        "arguments",
        nargs="*",
        metavar="FILE|KEY=VALUE",
        help="files and folders of structures, - for extended XYZ from a pipe; and settings, "
        "e.g. potential=sevennet-0 relax.pressure=10",
    )
    command.add_argument(
        "--output", type=Path, help="relaxed cells as one .extxyz file, or a folder of CIF files"
    )
    command.add_argument("--config-dir", type=Path, help="folder of your own config files")
    command.add_argument("--show", action="store_true", help="print all settings and stop")
    command.set_defaults(command=relax)


def relax(options: argparse.Namespace) -> int:
    """From files of structures to relaxed ones."""
    from a2c_ray.config import compose_relaxation

    inputs, overrides = sorted_out(options.arguments)
    job = compose_relaxation(overrides, options.config_dir)
    if options.show:
        print_settings(job.settings)
        return FINISHED
    if not inputs:
        raise InputError("no file or folder of structures: give some, or - for a pipe")
    from a2c_ray.campaign.pile_planning import plan_pile
    from a2c_ray.campaign.planning import plan_resources, potential_choice
    from a2c_ray.lake import Lake
    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.reading.files import find_files
    from a2c_ray.reading.gathering import frames_of, gather
    from a2c_ray.results.relaxed_files import check_output, write_relaxed
    from a2c_ray.terminal.campaign import run_campaign
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.pile import show_gathered, show_output, show_pile

    console = open_console()
    with piped(inputs) as pipe:
        found = find_files(inputs, pipe)
        if options.output:
            folders = [Path(given) for given in inputs if Path(given).is_dir()]
            check_output(options.output, [file.path for file in found.files], folders)
        choice = potential_choice(job.settings)
        potential = load_potential(*choice)
        with console.status("reading") as progress:
            gathered = gather(found, potential, lambda n: progress.update(f"read {n} structures"))
        show_gathered(console, gathered, job.folder)
        if not len(gathered.pile):
            raise InputError("nothing to relax: no cell that can be used in what was given")
        plan = plan_pile(job.settings, potential, gathered.pile)
        job.write_config()
        status = run_campaign(
            [plan],
            {choice: potential},
            plan_resources(job.settings),
            console,
            job.folder,
            command_line(options),
            {plan.run_id: gathered.pile},
            lambda console, finished: show_pile(console, finished, gathered),
        )
        if options.output and status != INTERRUPTED:
            frames = frames_of(gathered, potential)
            lake = Lake(plan.lake, plan.run_id)
            show_output(console, options.output, write_relaxed(lake, frames, options.output))
    return status


def sorted_out(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Files and folders; and settings, which are what has a = and is not there."""
    files = [text for text in arguments if "=" not in text or Path(text).exists()]
    return files, [text for text in arguments if text not in files]


@contextmanager
def piped(inputs: Sequence[str]) -> Iterator[Path | None]:
    """What comes from a pipe as a file, which can be read twice; None if nothing does."""
    from a2c_ray.reading.files import PIPE

    if PIPE not in inputs:
        yield None
        return
    with tempfile.NamedTemporaryFile(prefix="a2c-", suffix=".extxyz") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        yield Path(file.name)


def command_line(options: argparse.Namespace) -> str:
    """The command that resumes this run."""
    output = ["--output", str(options.output)] if options.output else []
    folder = ["--config-dir", str(options.config_dir)] if options.config_dir else []
    return shlex.join(["a2c", "relax", *output, *folder, *options.arguments])
