"""`a2c bench`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from a2c_ray.cli.arguments import Commands, add_d3, positive
from a2c_ray.errors import FINISHED, InputError
from a2c_ray.potentials.catalogue import KERNELS

if TYPE_CHECKING:
    from a2c_ray.potentials.potential import Potential


def add_commands(commands: Commands) -> None:
    """Let the program know it."""
    command = commands.add_parser("bench", help="measure speed on structures of your own")
    command.add_argument(
        "what",
        choices=(
            "relax",
            "md",
            "evaluate",
            "subcells",
            "lake",
            "campaign",
            "conformance",
            "distinct",
        ),
    )
    command.add_argument(
        "--structures", type=Path, help="file or folder: CIF, POSCAR, extxyz, JSON"
    )
    command.add_argument("--steps", type=positive, default=50, help="of each structure")
    command.add_argument("--optimizer", choices=("fire", "lbfgs"), default="fire")
    command.add_argument(
        "--converge", action="store_true", help="relax to 0.02 eV/Å, 0.05 GPa; --steps at most"
    )
    command.add_argument(
        "--batch-atoms", type=positive, help="of a relaxation, that advance together"
    )
    command.add_argument("--repeats", type=positive, default=3, help="the median is reported")
    command.add_argument("--potential", default="sevennet-0")
    add_d3(command)
    command.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    command.add_argument("--kernels", choices=KERNELS, default="auto")
    command.add_argument(
        "--min-distance", type=float, default=0.0, help="leave out structures with closer atoms, Å"
    )
    command.add_argument("--compare", choices=("torch-sim",), help="run it too, and give the ratio")
    command.add_argument("--peer-python", type=Path, help="interpreter with torch-sim and sevenn")
    command.add_argument("--n-grid", type=positive, default=10, help="of subcells")
    command.add_argument("--max-atoms", type=positive, default=16, help="of subcells")
    command.add_argument("--queue", type=positive, default=10_000_000, help="of a campaign")
    command.add_argument("--seconds", type=positive, default=30, help="of a campaign")
    command.add_argument("--rows", type=positive, default=3_100_000, help="of the lake")
    command.add_argument("--glasses", type=positive, default=150, help="of the lake")
    command.add_argument(
        "--cells", type=positive, default=1000, help="of conformance, or to be told apart"
    )
    command.add_argument("--pairs", type=positive, default=200, help="compared one by one, too")
    command.add_argument("--seed", type=int, default=0, help="of cells that are made up")
    command.add_argument("--json", action="store_true", help="one JSON line")
    command.set_defaults(command=bench)


def bench(options: argparse.Namespace) -> int:
    """Measure one kind of work."""
    import json

    made_up = {
        "lake": _measure_lake,
        "campaign": _measure_campaign,
        "conformance": _measure_conformance,
        "distinct": _measure_distinct,
    }
    result = made_up.get(options.what, _measure_work)(options)
    if options.json:
        print(json.dumps(result))
        return FINISHED
    _show(result)
    return FINISHED


def _show(result: dict, indent: str = "") -> None:
    """Names and values in lines, what belongs together below its name."""
    for name, value in result.items():
        label = f"{indent}{name}".ljust(22)
        if isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()):
            print(label)
            _show(value, indent + "  ")
        else:
            print(f"{label} {value:.4g}" if isinstance(value, float) else f"{label} {value}")


def _measure_lake(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.lake import measure_lake

    return measure_lake(options.rows, options.glasses, options.repeats)


def _measure_campaign(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.campaign import measure_campaign

    return measure_campaign(options.queue, options.seconds)


def _measure_conformance(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.conformance import measure_conformance
    from a2c_ray.cache import use_compilation_cache

    use_compilation_cache()
    if options.compare is not None:
        return _measure_peer(options)
    potential = _load(options)
    return measure_conformance(options.cells, potential, options.steps, options.seed)


def _measure_distinct(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.distinct import measure_distinct

    return measure_distinct(options.cells, options.pairs, options.seed)


def _measure_peer(options: argparse.Namespace) -> dict:
    from a2c_ray.bench.compare import torch_sim_conformance
    from a2c_ray.bench.conformance import cells_for

    if options.peer_python is None or options.potential != "sevennet-0" or options.d3:
        raise InputError(
            "--compare torch-sim needs --peer-python, --potential sevennet-0 and no --d3"
        )
    cells = cells_for(_load(options), options.cells, options.seed)
    return torch_sim_conformance(cells, options.steps, options.peer_python)


def _load(options: argparse.Namespace) -> Potential:
    from a2c_ray.potentials.loading import load_potential

    return load_potential(options.potential, options.dtype, options.kernels, d3=options.d3)


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
    from a2c_ray.relaxation.slots import RelaxSettings

    repeats = options.repeats
    if options.what == "subcells":
        return measure.measure_subcells(structures, options.n_grid, options.max_atoms, repeats)
    potential = _load(options)
    potential.check_elements([z for s in structures for z in s.atomic_numbers])
    settings = measure.exactly(options.steps, options.optimizer)
    if options.converge:
        settings = RelaxSettings(options.steps, optimizer=options.optimizer)
    tasks = {
        "evaluate": partial(measure.measure_evaluation, structures, potential),
        "md": partial(measure.measure_molecular_dynamics, structures, potential, options.steps),
        "relax": partial(
            measure.measure_relaxation,
            structures,
            potential,
            settings,
            batch_atoms=options.batch_atoms or 0,
        ),
    }
    task = tasks[options.what]
    if options.compare is None:
        return task(repeats)
    is_other = options.potential != "sevennet-0" or options.d3 or options.converge
    if options.peer_python is None or is_other:
        raise InputError(
            "--compare torch-sim needs --peer-python, --potential sevennet-0, no --d3 and no "
            "--converge"
        )
    return compare(
        partial(task, 1), options.what, structures, options.steps, repeats, options.peer_python
    )
