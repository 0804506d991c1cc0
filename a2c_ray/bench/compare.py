"""Compare with torch-sim: the same structures, weights and steps, in alternation."""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path
from typing import Any

from pymatgen.core import Structure

from a2c_ray.bench import torch_sim_peer
from a2c_ray.bench.measure import exactly, measure_relaxation
from a2c_ray.errors import OperationError
from a2c_ray.potentials.potential import Potential


def compare_relaxation(
    structures: list[Structure],
    potential: Potential,
    n_steps: int,
    repeats: int,
    peer_python: Path,
) -> dict[str, Any]:
    """Relax with both in turn, `repeats` times, and add the peer's figures to ours.

    Args:
        structures: to relax for `n_steps` steps each.
        potential: SevenNet-0, which the peer uses too.
        n_steps, repeats: as for `measure_relaxation`.
        peer_python: interpreter that has torch-sim and sevenn.

    Returns:
        Our figures; `peer`, the peer's; and `ratio`, of the medians of structure-steps/s.

    Raises:
        OperationError: the peer failed.
    """
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(measure_relaxation(structures, potential, exactly(n_steps, "fire"), repeats=1))
        theirs.append(run_torch_sim(structures, n_steps, peer_python))
    work = len(structures) * n_steps
    own_rate = statistics.median(result["structure_steps_per_s"] for result in ours)
    peer_rate = statistics.median(work / result["run_s"] for result in theirs)
    peer = {
        "structure_steps_per_s": peer_rate,
        "run_s": [result["run_s"] for result in theirs],
        "torch_sim": theirs[0]["torch_sim"],
        "torch": theirs[0]["torch"],
        "threads": theirs[0]["threads"],
    }
    figures = ours[0] | {
        "structure_steps_per_s": own_rate,
        "atom_steps_per_s": statistics.median(result["atom_steps_per_s"] for result in ours),
        "run_s": [result["run_s"] for result in ours],
    }
    return figures | {"peer": peer, "ratio": own_rate / peer_rate}


def run_torch_sim(structures: list[Structure], n_steps: int, peer_python: Path) -> dict[str, Any]:
    """One run of the peer's program."""
    records = [
        {
            "lattice": structure.lattice.matrix.tolist(),
            "species": [site.specie.symbol for site in structure],
            "frac_coords": structure.frac_coords.tolist(),
        }
        for structure in structures
    ]
    task = json.dumps({"structures": records, "steps": n_steps})
    try:
        done = subprocess.run(
            [str(peer_python), str(torch_sim_peer.__file__)],
            input=task,
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
