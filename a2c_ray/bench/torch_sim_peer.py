"""The same work by torch-sim, with SevenNet-0 in PyTorch.

A program of its own: it is run by an interpreter that has torch-sim and sevenn, and imports
nothing of this package. Reads {"what": "relax", "md", "evaluate" or "conformance", "structures":
[...], "steps": n, "device": "cpu" or "cuda", ...} as JSON from standard input and prints
{"run_s": seconds, ...} as one JSON line.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

warnings.filterwarnings("ignore")


Steps = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""Functions of a state of torch-sim that begin a task and do one of its steps."""


End = tuple[bool, float]
"""Whether a cell has converged, and its energy in eV/atom."""


def load_model(device: str) -> Any:
    """SevenNet-0 as torch-sim's model, float32."""
    import sevenn.calculator
    import sevenn.util
    import torch

    if not hasattr(sevenn.calculator, "torch_script_type"):
        # torch-sim 0.3 imports this name, which sevenn 0.13 no longer has.
        sevenn.calculator.torch_script_type = torch.jit.ScriptModule
    from torch_sim.models.sevennet import SevenNetModel

    network = sevenn.util.load_checkpoint("7net-0").build_model()
    return SevenNetModel(model=network.to(device), device=device, dtype=torch.float32)


def fire(model: Any) -> Steps:
    """Functions that initialize and advance FIRE on torch-sim's Fréchet cell filter."""
    import torch_sim

    if hasattr(torch_sim.optimizers, "frechet_cell_fire"):  # up to 0.3
        return torch_sim.optimizers.frechet_cell_fire(model=model)
    return (
        lambda state: torch_sim.fire_init(state, model, cell_filter=torch_sim.CellFilter.frechet),
        lambda state: torch_sim.fire_step(state, model),
    )


def nose_hoover(model: Any, task: dict[str, Any]) -> Steps:
    """Functions that initialize and advance torch-sim's NVT dynamics."""
    import torch
    import torch_sim
    from torch_sim.units import MetalUnits

    tensor = partial(torch.tensor, device=task["device"])
    kt = tensor(task["temperature"] * float(MetalUnits.temperature))
    dt = tensor(task["timestep_fs"] / 1000.0 * float(MetalUnits.time))
    if hasattr(torch_sim.optimizers, "frechet_cell_fire"):  # up to 0.3
        from torch_sim.integrators.nvt import nvt_nose_hoover

        initialize, advance = nvt_nose_hoover(model=model, dt=dt, kT=kt)
        return lambda state: initialize(state, seed=0), lambda state: advance(state, kT=kt)
    from torch_sim.integrators import nvt_nose_hoover_init, nvt_nose_hoover_step

    def initialize_at_seed(state: Any) -> Any:
        state.rng = 0
        return nvt_nose_hoover_init(state, model, kT=kt, dt=dt)

    return initialize_at_seed, lambda state: nvt_nose_hoover_step(state, model, dt=dt, kT=kt)


def prepare(task: dict[str, Any], model: Any) -> Steps:
    """Functions that begin the task on a batch, and do one of its steps."""
    if task["what"] == "relax":
        return fire(model)
    if task["what"] == "md":
        return nose_hoover(model, task)

    def evaluate(state: Any) -> Any:
        model(state)
        return state

    return lambda state: state, evaluate


FORCE_TOL = 0.02
"""eV/Å."""

SAME_ENERGY = 1e-5
"""eV/atom."""

LOWEST_BOUND = -20.0
"""eV/atom; no solid has less."""

BATCH_ATOMS = 64
"""Atoms that advance together in a queue."""


def conformance(task: dict[str, Any], model: Any, atoms: list[Any]) -> dict[str, Any]:
    """Cells relaxed in a queue that is refilled, in one batch, and alone; what ends otherwise."""
    tried = [relaxed([cell], model, task["steps"], 0) for cell in atoms]
    some = [cell for cell, end in zip(atoms, tried, strict=True) if end]
    alone = [end[0] for end in tried if end]
    result: dict[str, Any] = {"cells": len(atoms), "that fail alone": len(atoms) - len(some)}
    for name, batch_atoms in (("in a refilled queue", BATCH_ATOMS), ("in one batch", 0)):
        started = time.perf_counter()
        ends = relaxed(some, model, task["steps"], batch_atoms)
        if len(ends) != len(some):
            result[name] = f"{len(ends)} ends"
            continue
        seconds = time.perf_counter() - started
        result[name] = {"run_s": seconds} | differences(alone, ends)
    result["bound alone"] = sum(map(is_bound, alone))
    result["converged alone"] = sum(end[0] for end in alone)
    return result


def differences(alone: list[End], ends: list[End]) -> dict[str, Any]:
    """How many cells end otherwise than alone, and how many of those bound: others explode."""
    pairs = list(zip(alone, ends, strict=True))
    apart = [abs(a[1] - b[1]) for a, b in pairs]
    of_bound = [difference for (a, _), difference in zip(pairs, apart, strict=True) if is_bound(a)]
    return {
        "other outcome": sum(a[0] != b[0] for a, b in pairs),
        "other energy": sum(not difference <= SAME_ENERGY for difference in apart),
        "other energy of the bound": sum(not difference <= SAME_ENERGY for difference in of_bound),
        "largest of the bound (eV/atom)": max((x for x in of_bound if x == x), default=0.0),
    }


def is_bound(end: End) -> bool:
    """Whether an energy is one of a solid; others are of atoms that coincide."""
    return LOWEST_BOUND < end[1] < 0


def relaxed(atoms: list[Any], model: Any, steps: int, batch_atoms: int) -> list[End]:
    """Whether each cell has converged, and its energy in eV/atom; nothing if torch-sim fails.

    Args:
        atoms: cells.
        model: torch-sim's.
        steps: at most.
        batch_atoms: that advance together; 0 for all.
    """
    import torch_sim
    from torch_sim.autobatching import InFlightAutoBatcher
    from torch_sim.runners import generate_force_convergence_fn

    has_converged = generate_force_convergence_fn(FORCE_TOL, include_cell_forces=True)
    batcher: Any = False
    if batch_atoms:
        batcher = InFlightAutoBatcher(
            model=model, memory_scales_with="n_atoms", max_memory_scaler=batch_atoms
        )
    if hasattr(torch_sim.optimizers, "frechet_cell_fire"):  # up to 0.3
        method = {"optimizer": torch_sim.optimizers.frechet_cell_fire}
    else:
        method = {
            "optimizer": torch_sim.Optimizer.fire,
            "init_kwargs": {"cell_filter": torch_sim.CellFilter.frechet},
        }
    try:
        state = torch_sim.optimize(
            atoms,
            model,
            convergence_fn=has_converged,
            autobatcher=batcher,
            max_steps=steps,
            **method,
        )
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:300], file=sys.stderr)
        return []
    energies = [float(e) / len(cell) for e, cell in zip(state.energy, atoms, strict=True)]
    return [(bool(c), e) for c, e in zip(has_converged(state, state.energy), energies, strict=True)]


def main() -> None:
    """Take three steps to warm up, then as many as asked for."""
    import torch
    import torch_sim
    from ase import Atoms

    task = json.load(sys.stdin)
    device = task["device"]
    atoms = [
        Atoms(s["species"], scaled_positions=s["frac_coords"], cell=s["lattice"], pbc=True)
        for s in task["structures"]
    ]
    versions = {
        "torch": torch.__version__,
        "torch_sim": version("torch-sim-atomistic"),
        "threads": torch.get_num_threads(),
    }
    if task["what"] == "conformance":
        print(json.dumps(conformance(task, load_model(device), atoms) | versions))
        return
    batch = torch_sim.io.atoms_to_state(atoms, device=torch.device(device), dtype=torch.float32)
    initialize, advance = prepare(task, load_model(device))
    state = initialize(batch.clone())
    for _ in range(3):
        state = advance(state)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None

    wait()
    started = time.perf_counter()
    state = initialize(batch.clone())
    for _ in range(task["steps"]):
        state = advance(state)
    wait()
    seconds = time.perf_counter() - started
    print(json.dumps({"run_s": seconds} | versions))


if __name__ == "__main__":
    main()
