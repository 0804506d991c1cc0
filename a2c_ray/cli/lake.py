"""`a2c sql` and `a2c lake`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from a2c_ray.cli.arguments import Commands, add_lake
from a2c_ray.controls import harmless
from a2c_ray.errors import FAILED, FINISHED, UNUSABLE, InputError
from a2c_ray.units import counted

if TYPE_CHECKING:
    from a2c_ray.lake import Store


def add_commands(commands: Commands) -> None:
    """Let the program know them."""
    command = commands.add_parser("sql", help="query the lake")
    command.add_argument(
        "query",
        nargs="?",
        help="a SELECT over runs, amorphous, relaxed, products and the other tables that "
        "`a2c lake columns` lists; without one, a prompt",
    )
    add_lake(command)
    command.add_argument("--format", choices=("table", "csv", "json", "parquet"), default="table")
    command.add_argument("--output", type=Path, help="file to write instead of the terminal")
    command.set_defaults(command=sql)

    lake = commands.add_parser("lake", help="look after the lake")
    actions = lake.add_subparsers(required=True, metavar="ACTION")
    command = actions.add_parser("check", help="read every part, and look for rows counted twice")
    add_lake(command)
    command.add_argument(
        "--set-aside", action="store_true", help="rename them, so that a repeated run replaces them"
    )
    command.set_defaults(command=check_lake)
    command = actions.add_parser("compact", help="merge the many parts of finished runs into few")
    add_lake(command)
    command.set_defaults(command=compact_lake)
    command = actions.add_parser("ls", help="list runs: rows, files, size")
    add_lake(command)
    command.set_defaults(command=list_lake)
    command = actions.add_parser("export", help="write structures for other programs")
    command.add_argument("query", help="a SELECT with lattice, species and frac_coords")
    command.add_argument("--format", choices=("cif", "extxyz", "ase-db"), required=True)
    command.add_argument(
        "--output", type=Path, required=True, help="new file; for cif a new folder"
    )
    add_lake(command)
    command.set_defaults(command=export_lake)
    command = actions.add_parser("columns", help="unit and meaning of every column")
    command.set_defaults(command=show_columns)


def sql(options: argparse.Namespace) -> int:
    """Query the lake."""
    from a2c_ray.cache import cache_folder
    from a2c_ray.lake import Lake, write_result
    from a2c_ray.terminal.sql_prompt import interact, run_statements

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
        print(f"{counted(n_faults, 'part')} cannot be read; rows were not counted")
        return FAILED
    repeated = repeated_ids(Lake(options.lake))
    for run_id, table, n_ids in repeated:
        print(harmless(f"counted twice: {counted(n_ids, 'id')} of {run_id} in {table}"))
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
            print(harmless(f"set aside: {moved} ({fault.reason}); repeat its run"))
        else:
            kept += 1
            kind = "damaged" if fault.is_damaged else "unreadable"
            print(harmless(f"{kind}: {fault.path} ({fault.reason})"))
    return kept


def compact_lake(options: argparse.Namespace) -> int:
    """Merge the parts of finished runs."""
    from a2c_ray.lake import Lake, merge_finished_runs, remove_superseded

    lake = Lake(options.lake)
    n_failed = 0
    for merged in merge_finished_runs(lake):
        n_failed += merged.is_failure
        done = merged.problem or f"merged {counted(merged.n_parts, 'part')}"
        print(harmless(f"{merged.run_id}: {done}"))
    print(
        f"deleted {counted(remove_superseded(lake.store), 'part')} merged more than 10 minutes ago"
    )
    return FAILED if n_failed else FINISHED


def list_lake(options: argparse.Namespace) -> int:
    """Show what the lake holds."""
    from a2c_ray.terminal.lake_listing import listing

    print(listing(options.lake))
    return FINISHED


def export_lake(options: argparse.Namespace) -> int:
    """Write structures for other programs."""
    from a2c_ray.lake import Lake
    from a2c_ray.lake.structure_files import export_structures

    lake = Lake(options.lake)
    n_written = export_structures(lake, options.query, options.format, options.output)
    print(f"{counted(n_written, 'structure')} in {options.output}")
    return FINISHED


def show_columns(options: argparse.Namespace) -> int:
    """Tell what the columns mean."""
    from a2c_ray.lake import describe_columns

    print(describe_columns(), end="")
    return FINISHED
