"""The same work by torch-sim, with SevenNet-0 in PyTorch.

A program of its own: it is run by an interpreter that has torch-sim and sevenn, and imports
nothing of this package. Reads {"what": "relax", "md" or "evaluate", "structures": [...],
"steps": n, ...} as JSON from standard input and prints {"run_s": seconds, ...} as one JSON line.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

warnings.filterwarnings("ignore")


Steps = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""Functions of a state of torch-sim that begin a task and do one of its steps."""


def load_model() -> Any:
    """SevenNet-0 as torch-sim's model, float32 on the CPU."""
    import sevenn.calculator
    import sevenn.util
    import torch

    if not hasattr(sevenn.calculator, "torch_script_type"):
        # torch-sim 0.3 imports this name, which sevenn 0.13 no longer has.
        sevenn.calculator.torch_script_type = torch.jit.ScriptModule
    from torch_sim.models.sevennet import SevenNetModel

    network = sevenn.util.load_checkpoint("7net-0").build_model()
    return SevenNetModel(model=network, device="cpu", dtype=torch.float32)


def fire(model: Any) -> Steps:
    """Functions that initialize and advance FIRE on torch-sim's Fréchet cell filter."""
    import torch_sim

    if hasattr(torch_sim.optimizers, "frechet_cell_fire"):  # up to 0.3
        return torch_sim.optimizers.frechet_cell_fire(model=model)
    return (
        lambda state: torch_sim.fire_init(state, model, cell_filter=torch_sim.CellFilter.frechet),
        lambda state: torch_sim.fire_step(state, model),
    )


def nose_hoover(model: Any, temperature: float, timestep_fs: float) -> Steps:
    """Functions that initialize and advance torch-sim's NVT dynamics."""
    import torch
    import torch_sim
    from torch_sim.units import MetalUnits

    kt = torch.tensor(temperature * float(MetalUnits.temperature))
    dt = torch.tensor(timestep_fs / 1000.0 * float(MetalUnits.time))
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
        return nose_hoover(model, task["temperature"], task["timestep_fs"])

    def evaluate(state: Any) -> Any:
        model(state)
        return state

    return lambda state: state, evaluate


def main() -> None:
    """Take three steps to warm up, then as many as asked for."""
    import torch
    import torch_sim
    from ase import Atoms

    task = json.load(sys.stdin)
    atoms = [
        Atoms(s["species"], scaled_positions=s["frac_coords"], cell=s["lattice"], pbc=True)
        for s in task["structures"]
    ]
    batch = torch_sim.io.atoms_to_state(atoms, device=torch.device("cpu"), dtype=torch.float32)
    initialize, advance = prepare(task, load_model())
    state = initialize(batch.clone())
    for _ in range(3):
        state = advance(state)

    started = time.perf_counter()
    state = initialize(batch.clone())
    for _ in range(task["steps"]):
        state = advance(state)
    seconds = time.perf_counter() - started
    result = {
        "run_s": seconds,
        "torch": torch.__version__,
        "torch_sim": version("torch-sim-atomistic"),
        "threads": torch.get_num_threads(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
