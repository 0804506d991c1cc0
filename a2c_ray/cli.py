"""The `a2c` program: parse, call, print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from a2c_ray.errors import FAILED, FINISHED, INTERRUPTED, UNUSABLE, InputError, OperationError

if TYPE_CHECKING:
    from a2c_ray.lake import Store


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

    resources = plan_resources(jobs[0])
    if resources.address is None:
        # Before Ray is imported: it then listens on this machine's own interface only.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    from a2c_ray.screening import screen

    choices = {potential_choice(settings) for settings in jobs}
    potentials = {choice: load_potential(*choice) for choice in choices}
    plans = [plan_campaign(settings, potentials[potential_choice(settings)]) for settings in jobs]
    before()
    console = Console(width=None if sys.stdout.isatty() else 110)
    return screen(plans, potentials, resources, console, folder, command)


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
    from a2c_ray.cache import cache_folder
    from a2c_ray.lake import Lake, interact, run_statements, write_result

    lake = Lake(options.lake)
    if options.query is not None:
        write_result(lake.sql(options.query), options.format, options.output)
        return FINISHED
    if options.output is not None or options.format == "parquet":
        raise InputError("--output and --format parquet need a query on the command line")
    if sys.stdin.isatty():
        interact(lake, options.format, cache_folder() / "sql_history")
        return FINISHED
    return FINISHED if run_statements(lake, sys.stdin, options.format) else UNUSABLE


def check_lake(options: argparse.Namespace) -> int:
    """Look for parts that cannot be read, and for rows counted twice."""
    from a2c_ray.lake import Lake, existing_lake, repeated_ids

    n_faults = _report_faults(existing_lake(options.lake), options.set_aside)
    if n_faults:
        print(f"{_parts(n_faults)} cannot be read; rows were not counted")
        return FAILED
    repeated = repeated_ids(Lake(options.lake))
    for run_id, table, n_ids in repeated:
        print(f"counted twice: {n_ids} id{'s' if n_ids > 1 else ''} of {run_id} in {table}")
    if not repeated:
        print("all parts can be read, and no row is counted twice")
    return FAILED if repeated else FINISHED


def _report_faults(store: Store, aside: bool) -> int:
    """Print what cannot be read; returns how many parts stay as they are."""
    from a2c_ray.lake import faulty_parts, set_aside

    kept = 0
    for fault in faulty_parts(store):
        if fault.is_damaged and aside:
            moved = set_aside(store, fault.path)
            print(f"set aside: {moved} ({fault.reason}); repeat its run")
        else:
            kept += 1
            kind = "damaged" if fault.is_damaged else "unreadable"
            print(f"{kind}: {fault.path} ({fault.reason})")
    return kept


def _parts(number: int) -> str:
    return f"{number} part{'s' if number != 1 else ''}"


def compact_lake(options: argparse.Namespace) -> int:
    """Merge the parts of finished runs."""
    from a2c_ray.lake import Lake, merge_finished_runs, remove_superseded

    lake = Lake(options.lake)
    n_failed = 0
    for merged in merge_finished_runs(lake):
        n_failed += merged.is_failure
        print(f"{merged.run_id}: {merged.problem or f'merged {_parts(merged.n_parts)}'}")
    print(f"deleted {_parts(remove_superseded(lake.store))} merged more than 10 minutes ago")
    return FAILED if n_failed else FINISHED


def list_lake(options: argparse.Namespace) -> int:
    """Show what the lake holds."""
    from a2c_ray.lake_listing import listing

    print(listing(options.lake))
    return FINISHED


def export_lake(options: argparse.Namespace) -> int:
    """Write structures for other programs."""
    from a2c_ray.lake import Lake
    from a2c_ray.lake.structure_files import export_structures

    lake = Lake(options.lake)
    n_written = export_structures(lake, options.query, options.format, options.output)
    print(f"{n_written} structure{'s' if n_written > 1 else ''} in {options.output}")
    return FINISHED


def show_columns(options: argparse.Namespace) -> int:
    """Tell what the columns mean."""
    from a2c_ray.lake import describe_columns

    print(describe_columns(), end="")
    return FINISHED


def bench(options: argparse.Namespace) -> int:
    """Measure one kind of work."""
    import json

    made_up = {"lake": _measure_lake, "campaign": _measure_campaign}
    result = made_up.get(options.what, _measure_work)(options)
    if options.json:
        print(json.dumps(result))
        return 0
    for name, value in result.items():
        print(f"{name:<22} {value:.4g}" if isinstance(value, float) else f"{name:<22} {value}")
    return 0


def _measure_lake(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.lake import measure_lake

    return measure_lake(options.rows, options.glasses, options.repeats)


def _measure_campaign(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.campaign import measure_campaign

    return measure_campaign(options.queue, options.seconds)


def _measure_work(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.structures import n_edges, read_structures

    if options.structures is None:
        raise InputError(f"a2c bench {options.what} needs --structures FILE_OR_FOLDER")
    structures = read_structures(options.structures)
    structures = [s for s in structures if not n_edges(s, options.min_distance)]
    if not structures:
        raise InputError(f"--min-distance {options.min_distance}: no structure is left")
    return _measure(options, structures)


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
    command.add_argument(
        "query",
        nargs="?",
        help="a SELECT over runs, amorphous, md_trace, relaxed, products; asked for without one",
    )
    _add_lake(command)
    command.add_argument("--format", choices=("table", "csv", "json", "parquet"), default="table")
    command.add_argument("--output", type=Path, help="file to write instead of the terminal")
    command.set_defaults(command=sql)

    lake = commands.add_parser("lake", help="look after the lake")
    actions = lake.add_subparsers(required=True, metavar="ACTION")
    command = actions.add_parser("check", help="read every part, and look for rows counted twice")
    _add_lake(command)
    command.add_argument(
        "--set-aside", action="store_true", help="rename them, so that a repeated run replaces them"
    )
    command.set_defaults(command=check_lake)
    command = actions.add_parser("compact", help="merge the many parts of finished runs into few")
    _add_lake(command)
    command.set_defaults(command=compact_lake)
    command = actions.add_parser("ls", help="list runs: rows, files, size")
    _add_lake(command)
    command.set_defaults(command=list_lake)
    command = actions.add_parser("export", help="write structures for other programs")
    command.add_argument("query", help="a SELECT with lattice, species and frac_coords")
    command.add_argument("--format", choices=("cif", "extxyz", "ase-db"), required=True)
    command.add_argument(
        "--output", type=Path, required=True, help="new file; for cif a new folder"
    )
    _add_lake(command)
    command.set_defaults(command=export_lake)
    command = actions.add_parser("columns", help="unit and meaning of every column")
    command.set_defaults(command=show_columns)

    command = commands.add_parser("bench", help="measure speed on structures of your own")
    command.add_argument(
        "what", choices=("relax", "md", "evaluate", "subcells", "lake", "campaign")
    )
    command.add_argument(
        "--structures", type=Path, help="file or folder: CIF, POSCAR, extxyz, JSON"
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
    command.add_argument("--queue", type=_positive, default=10_000_000, help="of a campaign")
    command.add_argument("--seconds", type=_positive, default=30, help="of a campaign")
    command.add_argument("--rows", type=_positive, default=3_100_000, help="of the lake")
    command.add_argument("--glasses", type=_positive, default=150, help="of the lake")
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


def _add_lake(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lake", default="lake", help="folder or s3://bucket/lake; default: lake")


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
