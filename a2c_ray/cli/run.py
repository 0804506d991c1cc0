"""`a2c run` and `a2c status`."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from a2c_ray.cli.arguments import Commands, add_lake, print_settings, print_sweep
from a2c_ray.errors import FINISHED, INTERRUPTED, OperationError

if TYPE_CHECKING:
    from a2c_ray.campaign.plan import Plan
    from a2c_ray.cluster.resources import Resources
    from a2c_ray.config import Job, Settings
    from a2c_ray.potentials.catalogue import PotentialChoice
    from a2c_ray.potentials.potential import Potential


def add_commands(commands: Commands) -> None:
    """Let the program know them."""
    command = commands.add_parser("run", help="melt, quench, crystallize and rank one system")
    command.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="e.g. system=tio2")
    command.add_argument(
        "-m", "--multirun", action="store_true", help="sweep: all combinations of a=1,2 b=3,4"
    )
    command.add_argument("--config-dir", type=Path, help="folder of your own config files")
    command.add_argument("--show", action="store_true", help="print all settings and stop")
    command.set_defaults(command=run)

    command = commands.add_parser("status", help="where runs stand, from any terminal")
    command.add_argument("run", nargs="?", help="run id; all runs of the lake without one")
    add_lake(command)
    command.set_defaults(command=show_runs)


def run(options: argparse.Namespace) -> int:
    """From a composition to its products."""
    from a2c_ray.config import compose_jobs, launch, names_launcher

    if options.multirun and names_launcher(options.overrides):
        launch(options.overrides, options.config_dir, run_one_job)
        return FINISHED
    jobs = compose_jobs(options.overrides, options.config_dir, options.multirun)
    if options.show:
        _show(jobs)
        return FINISHED
    points = _plan([(job.settings, job.label) for job in jobs])
    for job in jobs:
        job.write_config()
    folder = jobs[0].folder.parent if options.multirun else jobs[0].folder
    return _run(points, folder, _command_line(options))


def _show(jobs: list[Job]) -> None:
    if len(jobs) == 1:
        print_settings(jobs[0].settings)
    else:
        print_sweep({job.label: job.settings for job in jobs})


def run_one_job(settings: Settings, arguments: list[str], folder: Path) -> None:
    """One job of a sweep that one of Hydra's launchers has put here."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    status = _run(_plan([(settings, "")]), folder, shlex.join(["a2c", "run", *arguments]))
    if status == INTERRUPTED:
        raise KeyboardInterrupt  # or else the next job would begin
    if status != FINISHED:
        raise OperationError(f"the job ended with status {status}; see {folder}")


class _Points(NamedTuple):
    """The points of a campaign, the potentials of all, and what they run on."""

    plans: list[Plan]
    potentials: dict[PotentialChoice, Potential]
    resources: Resources


def _plan(jobs: Sequence[tuple[Settings, str]]) -> _Points:
    """Points of one campaign, from the settings and the label of each.

    Raises:
        InputError: one cannot be run, or two are the same.
    """
    from a2c_ray.campaign.planning import plan_campaign, plan_resources, potential_choices
    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.terminal.campaign import check_distinct

    resources = plan_resources(jobs[0][0])
    choices = {choice for settings, _ in jobs for choice in potential_choices(settings)}
    potentials = {choice: load_potential(*choice) for choice in choices}
    complete = [(_with_conditions(settings, potentials), label) for settings, label in jobs]
    plans = [
        plan_campaign(settings, [potentials[c] for c in potential_choices(settings)], label)
        for settings, label in complete
    ]
    check_distinct(plans)
    return _Points(plans, potentials, resources)


def _with_conditions(settings: Settings, potentials: dict[PotentialChoice, Potential]) -> Settings:
    """Settings with a volume and T_high, chosen where they are left open."""
    from a2c_ray.campaign.planning import potential_choice
    from a2c_ray.conditions.choices import complete, lacks_conditions
    from a2c_ray.terminal.console import open_console

    if not lacks_conditions(settings):
        return settings
    console = open_console()

    def say(line: str) -> None:
        console.print(line, soft_wrap=True, highlight=False)

    say(f"{settings['system.formula']}: looking for what is left open of volume and T_high")
    return complete(settings, potentials[potential_choice(settings)], say)


def _run(points: _Points, folder: Path, command: str) -> int:
    """Run a campaign with its log in a folder; returns the exit status."""
    from a2c_ray.terminal.campaign import run_campaign
    from a2c_ray.terminal.console import open_console

    return run_campaign(*points, open_console(), folder, command)


def show_runs(options: argparse.Namespace) -> int:
    """Where runs stand."""
    from a2c_ray.terminal.console import open_console
    from a2c_ray.terminal.run_status import print_status

    print_status(open_console(), options.lake, options.run)
    return FINISHED


def _command_line(options: argparse.Namespace) -> str:
    """The command that resumes this run."""
    folder = ["--config-dir", str(options.config_dir)] if options.config_dir else []
    multirun = ["-m"] if options.multirun else []
    return shlex.join(["a2c", "run", *multirun, *folder, *options.overrides])
