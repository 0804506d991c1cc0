"""Measure the library's work: relaxation, molecular dynamics, evaluation, subcell search.

Each measurement is done once to compile and then several times; the median is reported, and the
first time less the median is what compilation costs.
"""

from __future__ import annotations

import platform
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from pymatgen.core import Structure

from a2c_ray.amorphous.molecular_dynamics import room_for_run, run, start
from a2c_ray.amorphous.protocol import PAPER_PROTOCOL
from a2c_ray.bench.structures import n_edges
from a2c_ray.cells import Cell, pack
from a2c_ray.crystallize.subcells import find_subcells, n_boxes
from a2c_ray.errors import InputError
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxer, Usage
from a2c_ray.relaxation.slots import RelaxSettings

MD_TEMPERATURE, MD_TIMESTEP = 1000.0, 2.0
"""K, fs."""

Result = dict[str, Any]


def measure_relaxation(
    structures: list[Structure],
    potential: Potential,
    settings: RelaxSettings,
    repeats: int,
    batch_atoms: int = 0,
) -> Result:
    """Relax structures, positions and cells.

    A structure that explodes ends earlier; only steps that were taken are counted.

    Args:
        structures: any.
        potential: to relax under.
        settings: `exactly(n)` steps each, or tolerances.
        repeats: of which the median is reported.
        batch_atoms: that advance together; 0 for the device's default.
    """
    cells = [Cell.from_structure(structure) for structure in structures]
    usage = Usage()
    outcomes: Counter[str] = Counter()
    taken: list[tuple[int, int]] = []
    energies: list[float] = []

    def once() -> None:
        usage.clear()
        relaxer = Relaxer(potential, settings, batch_atoms=batch_atoms, usage=usage)
        relaxed = list(relaxer.relax(cells))
        outcomes.clear()
        outcomes.update(r.outcome.label for r in relaxed)
        taken[:] = [(r.steps, len(r.cell.numbers)) for r in relaxed]
        energies[:] = [r.energy_per_atom for r in relaxed if r.outcome.is_valid]

    seconds, compile_s = timed(once, repeats)
    structure_steps = sum(steps for steps, _ in taken)
    atom_steps = sum(steps * n_atoms for steps, n_atoms in taken)
    # The energy of the last structure takes one evaluation more than there are steps.
    evaluations = structure_steps + len(taken)
    evaluated_atoms = sum((steps + 1) * n_atoms for steps, n_atoms in taken)
    return {
        "what": "relax",
        "structures": len(structures),
        "atoms": sum(map(len, structures)),
        "steps": settings.max_steps,
        "optimizer": settings.optimizer,
        "structure_steps_per_s": structure_steps / seconds,
        "atom_steps_per_s": atom_steps / seconds,
        "us_per_atom_step": 1e6 * seconds / atom_steps,
        "edges_per_atom": edges_per_atom(structures, potential.cutoff),
        "s_per_step": seconds * len(structures) / structure_steps,
        "run_s": seconds,
        "compile_s": compile_s,
        "slots": usage.most_slots,
        "evaluations": evaluations,
        "occupancy": evaluations / usage.slot_steps,
        "padding_waste": 1.0 - evaluated_atoms / usage.atom_steps,
        "host_share": 1.0 - usage.device_s / seconds,
        "programs": len(usage.programs),
        "outcomes": dict(outcomes),
        "lowest_energy_per_atom": min(energies, default=None),
    } | environment(potential)


def exactly(n_steps: int, optimizer: str) -> RelaxSettings:
    """Settings under which no relaxation converges."""
    return RelaxSettings(n_steps, force_tol=0.0, stress_tol=0.0, optimizer=optimizer)


def measure_molecular_dynamics(
    structures: list[Structure], potential: Potential, n_steps: int, repeats: int
) -> Result:
    """NVT molecular dynamics of structures of one size, as replicas in one batch.

    Raises:
        InputError: the structures differ in their numbers of atoms.
    """
    sizes = {len(structure) for structure in structures}
    if len(sizes) > 1:
        raise InputError(f"replicas must have one number of atoms, not {sorted(sizes)}")
    cells = pack([Cell.from_structure(s) for s in structures], sizes.pop(), dtype=potential.dtype)
    capacity = room_for_run(cells, potential.cutoff)
    temperatures = np.full((n_steps, len(structures)), MD_TEMPERATURE)
    seeds = np.arange(len(structures), dtype=np.uint32)
    period = PAPER_PROTOCOL.thermostat_steps
    first = start(cells, temperatures[0], seeds, MD_TIMESTEP, period)

    def once() -> None:
        model, parameters = potential.model, potential.parameters
        state, _ = run(model, parameters, first, temperatures, capacity, MD_TIMESTEP, period)
        jax.block_until_ready(state)

    seconds, compile_s = timed(once, repeats)
    return {
        "what": "md",
        "replicas": len(structures),
        "atoms": sum(map(len, structures)),
        "steps": n_steps,
        "steps_per_s": n_steps / seconds,
        "atom_steps_per_s": n_steps * sum(map(len, structures)) / seconds,
        "us_per_atom_step": 1e6 * seconds / (n_steps * sum(map(len, structures))),
        "edges_per_atom": edges_per_atom(structures, potential.cutoff),
        "s_per_step": seconds / n_steps,
        "run_s": seconds,
        "compile_s": compile_s,
    } | environment(potential)


def measure_evaluation(structures: list[Structure], potential: Potential, repeats: int) -> Result:
    """Energies, forces and stresses of structures."""
    seconds, compile_s = timed(lambda: potential.evaluate(structures), repeats)
    n_atoms = sum(map(len, structures))
    per_atom = edges_per_atom(structures, potential.cutoff)
    return {
        "what": "evaluate",
        "structures": len(structures),
        "atoms": n_atoms,
        "structures_per_s": len(structures) / seconds,
        "us_per_edge": 1e6 * seconds / (per_atom * n_atoms) if per_atom else None,
        "edges_per_atom": per_atom,
        "s_per_step": seconds,
        "run_s": seconds,
        "compile_s": compile_s,
    } | environment(potential)


def measure_subcells(
    structures: list[Structure], n_grid: int, max_atoms: int, repeats: int
) -> Result:
    """Search of all subcells of each structure."""
    found: list[int] = []

    def once() -> None:
        found[:] = [len(find_subcells(s, n_grid, max_atoms)) for s in structures]

    seconds, _ = timed(once, repeats)
    return {
        "what": "subcells",
        "structures": len(structures),
        "n_grid": n_grid,
        "max_atoms": max_atoms,
        "boxes": n_boxes(n_grid) * len(structures),
        "subcells": sum(found),
        "run_s": seconds,
        "peak_memory_mb": peak_memory_mb(),
        "machine": platform.machine(),
    }


def timed(once: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median time of a task once it is compiled, and what the first time took beyond it, s."""
    times = []
    for _ in range(1 + repeats):
        started = time.perf_counter()
        once()
        times.append(time.perf_counter() - started)
    median = statistics.median(times[1:])
    return median, max(0.0, times[0] - median)


def edges_per_atom(structures: list[Structure], cutoff: float) -> float:
    """Directed edges an atom, on average."""
    total = sum(n_edges(structure, cutoff) for structure in structures)
    return total / sum(map(len, structures))


def environment(potential: Potential) -> Result:
    """What ran it."""
    device = jax.devices()[0]
    return {
        "potential": potential.name,
        "dtype": potential.dtype,
        "device": device.device_kind,
        "peak_memory_mb": peak_memory_mb(),
        "jax": jax.__version__,
    }


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far; of the GPU, where there is one."""
    statistics_of = getattr(jax.devices()[0], "memory_stats", lambda: None)()
    if statistics_of and "peak_bytes_in_use" in statistics_of:
        return statistics_of["peak_bytes_in_use"] / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
