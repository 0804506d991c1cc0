"""The `a2c` program: parse, call, print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from a2c_ray.errors import FAILED, FINISHED, INTERRUPTED, UNUSABLE, InputError, OperationError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0 for success, 1 for work that failed, 2 for input that cannot be used, 130 for Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    if options.command is run:
        # Only actors use accelerators; the driver would take memory from them.
        os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        return options.command(options)
    except InputError as error:
        return _fail(error, UNUSABLE)
    except BrokenPipeError:  # the reader of our output has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OperationError, OSError) as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def run(options: argparse.Namespace) -> int:
    """From a composition to its products."""
    from a2c_ray.config import compose_jobs, launch, names_launcher

    if options.multirun and names_launcher(options.overrides):
        launch(options.overrides, options.config_dir, run_one_job)
        return FINISHED
    jobs = compose_jobs(options.overrides, options.config_dir, options.multirun)
    if options.show:
        for name, value in jobs[0].settings.items():
            print(f"{name}={'null' if value is None else value}")
        return FINISHED
    return run_campaign(
        [job.settings for job in jobs],
        jobs[0].folder.parent if options.multirun else jobs[0].folder,
        _command_line(options),
        before=lambda: [job.write_config() for job in jobs],
    )


def run_campaign(
    jobs: Sequence[dict], folder: Path, command: str, before: Callable[[], object] = list
) -> int:
    """Run jobs, given by their settings, as the points of one campaign; returns the exit status.

    Args:
        jobs: settings of each.
        folder: for the log.
        command: that repeats them.
        before: called once all jobs are known to be sound.
    """
    from rich.console import Console

    from a2c_ray.config import plan_campaign, plan_resources, potential_choice
    from a2c_ray.potentials.loading import load_potential
    from a2c_ray.screening import screen

    choices = {potential_choice(settings) for settings in jobs}
    potentials = {choice: load_potential(*choice) for choice in choices}
    plans = [plan_campaign(settings, potentials[potential_choice(settings)]) for settings in jobs]
    before()
    console = Console(width=None if sys.stdout.isatty() else 110)
    return screen(plans, potentials, plan_resources(jobs[0]), console, folder, command)


def run_one_job(settings: dict, overrides: list[str], folder: Path) -> None:
    """One job of a sweep that one of Hydra's launchers has put here."""
    import shlex

    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    status = run_campaign([settings], folder, shlex.join(["a2c", "run", *overrides]))
    if status != FINISHED:
        raise OperationError(f"the job ended with status {status}; see {folder}")


def show_runs(options: argparse.Namespace) -> int:
    """Where runs stand."""
    from rich.console import Console

    from a2c_ray.run_status import print_status

    print_status(Console(width=None if sys.stdout.isatty() else 110), options.lake, options.run)
    return FINISHED


def sql(options: argparse.Namespace) -> int:
    """Query the lake."""
    from a2c_ray.lake import Lake, write_result

    write_result(Lake(options.lake).sql(options.query), options.format, options.output)
    return 0


def check_lake(options: argparse.Namespace) -> int:
    """Look for damaged parts."""
    from a2c_ray.lake import damaged_parts, existing_lake, set_aside

    found = 0
    for path, reason in damaged_parts(existing_lake(options.lake)):
        found += 1
        print(f"damaged: {set_aside(path) if options.set_aside else path} ({reason})")
    if found and options.set_aside:
        print("set aside; repeat the runs they belong to")
        return 0
    print(f"{found or 'no'} damaged part{'s' if found != 1 else ''}")
    return 1 if found else 0


def bench(options: argparse.Namespace) -> int:
    """Measure one kind of work on the user's structures."""
    import json

    from a2c_ray.bench.structures import n_edges, read_structures

    structures = read_structures(options.structures)
    structures = [s for s in structures if not n_edges(s, options.min_distance)]
    if not structures:
        raise InputError(f"--min-distance {options.min_distance}: no structure is left")
    result = _measure(options, structures)
    if options.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(f"{name:<22} {value:.4g}" if isinstance(value, float) else f"{name:<22} {value}")
    return 0


def _measure(options: argparse.Namespace, structures: list) -> dict:
    from functools import partial

    from a2c_ray.bench import measure
    from a2c_ray.bench.compare import compare
    from a2c_ray.crystallize.slots import RelaxSettings
    from a2c_ray.potentials.loading import load_potential

    repeats = options.repeats
    if options.what == "subcells":
        return measure.measure_subcells(structures, options.n_grid, options.max_atoms, repeats)
    potential = load_potential(options.potential, options.dtype, options.kernels)
    potential.check_elements([z for s in structures for z in s.atomic_numbers])
    settings = measure.exactly(options.steps, options.optimizer)
    if options.converge:
        settings = RelaxSettings(options.steps, optimizer=options.optimizer)
    tasks = {
        "evaluate": partial(measure.measure_evaluation, structures, potential),
        "md": partial(measure.measure_molecular_dynamics, structures, potential, options.steps),
        "relax": partial(measure.measure_relaxation, structures, potential, settings),
    }
    task = tasks[options.what]
    if options.compare is None:
        return task(repeats)
    if options.peer_python is None or options.potential != "sevennet-0" or options.converge:
        raise InputError(
            "--compare torch-sim needs --peer-python, --potential sevennet-0 and no --converge"
        )
    return compare(
        partial(task, 1), options.what, structures, options.steps, repeats, options.peer_python
    )


def list_potentials(options: argparse.Namespace) -> int:
    """Show the potentials there are."""
    from a2c_ray.potentials.loading import CLASSICAL
    from a2c_ray.potentials.pretrained import PRETRAINED, is_cached

    for name, entry in PRETRAINED.items():
        state = "in the cache" if is_cached(name) else f"a2c potentials fetch {name}"
        print(f"{name:<18} universal, {entry.training_data}, weights {entry.licence} ({state})")
    for name in CLASSICAL:
        print(f"{name:<18} classical, built in")
    return 0


def fetch_potential(options: argparse.Namespace) -> int:
    """Put a pretrained potential into the cache."""
    from a2c_ray.potentials import loading

    print(loading.fetch_potential(options.name, options.wheel))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="a2c", description="Predict which crystal first emerges from an amorphous solid."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

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
    command.add_argument("--lake", default="lake", help="default: lake")
    command.set_defaults(command=show_runs)

    command = commands.add_parser("sql", help="query the lake")
    command.add_argument("query", help="a SELECT over runs, amorphous, md_trace, relaxed, products")
    command.add_argument("--lake", type=Path, default=Path("lake"), help="default: lake")
    command.add_argument("--format", choices=("table", "csv", "json", "parquet"), default="table")
    command.add_argument("--output", type=Path, help="file to write instead of the terminal")
    command.set_defaults(command=sql)

    lake = commands.add_parser("lake", help="look after the lake")
    actions = lake.add_subparsers(required=True, metavar="ACTION")
    command = actions.add_parser("check", help="read every part, and report damaged ones")
    command.add_argument("--lake", type=Path, default=Path("lake"), help="default: lake")
    command.add_argument(
        "--set-aside", action="store_true", help="rename them, so that a repeated run replaces them"
    )
    command.set_defaults(command=check_lake)

    command = commands.add_parser("bench", help="measure speed on structures of your own")
    command.add_argument("what", choices=("relax", "md", "evaluate", "subcells"))
    command.add_argument(
        "--structures", type=Path, required=True, help="file or folder: CIF, POSCAR, extxyz, JSON"
    )
    command.add_argument("--steps", type=_positive, default=50, help="of each structure")
    command.add_argument("--optimizer", choices=("fire", "lbfgs"), default="fire")
    command.add_argument(
        "--converge", action="store_true", help="relax to 0.02 eV/Å, 0.05 GPa; --steps at most"
    )
    command.add_argument("--repeats", type=_positive, default=3, help="the median is reported")
    command.add_argument("--potential", default="sevennet-0")
    command.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    command.add_argument("--kernels", choices=("xla", "e3j"), default="xla")
    command.add_argument(
        "--min-distance", type=float, default=0.0, help="leave out structures with closer atoms, Å"
    )
    command.add_argument("--compare", choices=("torch-sim",), help="run it too, and give the ratio")
    command.add_argument("--peer-python", type=Path, help="interpreter with torch-sim and sevenn")
    command.add_argument("--n-grid", type=_positive, default=10, help="of subcells")
    command.add_argument("--max-atoms", type=_positive, default=16, help="of subcells")
    command.add_argument("--json", action="store_true", help="one JSON line")
    command.set_defaults(command=bench)

    potentials = commands.add_parser("potentials", help="list or fetch potentials")
    actions = potentials.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list").set_defaults(command=list_potentials)
    command = actions.add_parser("fetch", help="put a pretrained potential into the cache")
    command.add_argument("name")
    command.add_argument("--wheel", type=Path, help="downloaded before, for use without a network")
    command.set_defaults(command=fetch_potential)
    return parser


def _positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _command_line(options: argparse.Namespace) -> str:
    """The command that resumes this run."""
    import shlex

    folder = ["--config-dir", str(options.config_dir)] if options.config_dir else []
    multirun = ["-m"] if options.multirun else []
    return shlex.join(["a2c", "run", *multirun, *folder, *options.overrides])


def _fail(error: Exception, status: int) -> int:
    print(f"a2c: {' '.join(str(error).split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
