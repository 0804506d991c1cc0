"""Compare with torch-sim: the same structures, weights and steps, in alternation."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from ase.data import chemical_symbols
from pymatgen.core import Structure

from a2c_ray.bench import torch_sim_peer
from a2c_ray.bench.measure import MD_TEMPERATURE, MD_TIMESTEP
from a2c_ray.cells import Cell
from a2c_ray.errors import OperationError

Result = dict[str, Any]


def compare(
    measure: Callable[[], Result],
    what: str,
    structures: list[Structure],
    n_steps: int,
    repeats: int,
    peer_python: Path,
) -> Result:
    """Measure us and the peer in turn, `repeats` times.

    Args:
        measure: our figures, from one repeat.
        what: "relax", "md" or "evaluate".
        structures: worked on by both.
        n_steps: of each structure; evaluations, if that is what is measured.
        repeats: of either.
        peer_python: interpreter that has torch-sim and sevenn.

    Returns:
        Our figures, medians of those that differ between repeats; `peer`, the peer's; and
        `ratio`, of the peer's median time for a step to ours.

    Raises:
        OperationError: the peer failed.
    """
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(measure())
        theirs.append(run_torch_sim(what, structures, n_steps, peer_python))
    figures = {name: _median([result[name] for result in ours]) for name in ours[0]}
    peer_s = statistics.median(result["run_s"] for result in theirs) / n_steps
    figures["run_s"] = [result["run_s"] for result in ours]
    peer = theirs[0] | {"run_s": [result["run_s"] for result in theirs], "s_per_step": peer_s}
    return figures | {"peer": peer, "ratio": peer_s / figures["s_per_step"]}


def run_torch_sim(
    what: str, structures: list[Structure], n_steps: int, peer_python: Path
) -> Result:
    """One run of the peer's program, on the kind of device that we run on."""
    task = {
        "what": what,
        "structures": [_record(Cell.from_structure(structure)) for structure in structures],
        "steps": n_steps,
        "temperature": MD_TEMPERATURE,
        "timestep_fs": MD_TIMESTEP,
    }
    return _run_peer(task, peer_python)


def torch_sim_conformance(cells: Sequence[Cell], n_steps: int, peer_python: Path) -> Result:
    """How many cells end otherwise under the peer than alone, as they are."""
    records = [_record(cell) for cell in cells]
    task = {"what": "conformance", "structures": records, "steps": n_steps}
    return _run_peer(task, peer_python)


def _record(cell: Cell) -> dict[str, Any]:
    return {
        "lattice": cell.lattice.tolist(),
        "species": [chemical_symbols[z] for z in cell.numbers],
        "frac_coords": (cell.positions @ np.linalg.inv(cell.lattice)).tolist(),
    }


def _run_peer(task: dict[str, Any], peer_python: Path) -> Result:
    device = "cuda" if jax.default_backend() == "gpu" else "cpu"
    try:
        done = subprocess.run(
            [str(peer_python), str(torch_sim_peer.__file__)],
            input=json.dumps(task | {"device": device}),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise OperationError(f"torch-sim failed under {peer_python}: {reason}") from error
    except (json.JSONDecodeError, IndexError) as error:
        raise OperationError(f"{peer_python} did not print torch-sim's result") from error


def _median(values: list[Any]) -> Any:
    if all(isinstance(value, float) for value in values):
        return statistics.median(values)
    return values[0]
