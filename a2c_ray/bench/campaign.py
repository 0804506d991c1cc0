"""Measure the campaign's own costs: a potential that takes no time, and queues of any length.

Everything but the potential is real: glasses in a lake, their subcells, Ray actors, relaxations
that converge at once, parts that are written and merged. Each queue has a driver of its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from typing import Any

import jax.numpy as jnp
import numpy as np
import ray
from pymatgen.core import Lattice, Structure

from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.cache import use_compilation_cache
from a2c_ray.campaign.driver import Campaign
from a2c_ray.campaign.plan import GlassPlan, Plan, Ranking
from a2c_ray.cluster.nodes import start_ray
from a2c_ray.cluster.resources import Resources
from a2c_ray.crystallize.settings import Crystallization
from a2c_ray.crystallize.subcells import find_subcells
from a2c_ray.errors import OperationError
from a2c_ray.lake import Store, structure_columns, write_part
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.slots import RelaxSettings

RUN_ID, SYSTEM = "bench-campaign", "BN"

N_ATOMS, SPACING = 100, 2.0
"""Atoms of a glass, and Å between them."""

UNIT_S = 5.0
"""Time that a unit should take, s; short, so that there are many."""

CRYSTALLIZATION = Crystallization(
    n_grid=10,
    max_atoms=8,
    composition="BN",
    min_distance=0.0,
    max_subcells=None,
    relaxation=RelaxSettings(),
    max_shapes=4,
)


def measure_campaign(n_subcells: int, seconds: float) -> dict[str, Any]:
    """Run a campaign with so many subcells waiting, for a while, in a fresh process.

    Args:
        n_subcells: that wait at the start, about.
        seconds: to run for after the first subcells are relaxed.

    Raises:
        OperationError: the process failed.
    """
    command = [sys.executable, "-m", "a2c_ray.bench.campaign", str(n_subcells), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise OperationError(f"the campaign failed: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def run_stub_campaign(n_subcells: int, seconds: float) -> dict[str, Any]:
    """The same in this process."""
    use_compilation_cache()
    glass = even_glass()
    each = len(find_subcells(glass, CRYSTALLIZATION.n_grid, CRYSTALLIZATION.max_atoms, "BN"))
    with tempfile.TemporaryDirectory(prefix="a2c-campaign-") as folder:
        plan = _plan(folder, n_glasses=max(1, round(n_subcells / each)))
        _write_glasses(plan, glass)
        start_ray(None)
        try:
            before = _memory_mb()
            campaign = Campaign(
                [plan],
                {plan.run_id: Store.at(folder)},
                {plan.potential: _free_potential()},
                Resources(unit_s=UNIT_S),
            )
            return {"what": "campaign", "rss_before_mb": before} | _drain(campaign, seconds)
        finally:
            ray.shutdown()


def even_glass() -> Structure:
    """Atoms near the points of a lattice, without overlaps, in random order."""
    rng = np.random.default_rng(0)
    points = np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    chosen = rng.permutation(points)[:N_ATOMS] + rng.uniform(-0.1, 0.1, (N_ATOMS, 3))
    species = ["B", "N"] * (N_ATOMS // 2)
    return Structure(Lattice.cubic(5 * SPACING), species, chosen / 5)


def _drain(campaign: Campaign, seconds: float) -> dict[str, Any]:
    """Run a campaign for some seconds from its first results on, and until there are more."""
    status = campaign.status
    first: tuple[float, float, int, int] | None = None
    started = time.perf_counter()
    for _ in campaign.run():
        relaxed = status.outcomes.total()
        now = time.perf_counter()
        if first is None and relaxed:
            first = (now, time.process_time(), relaxed, status.n_units_done)
            queued_s = now - started
        if first is not None and relaxed > first[2] and now - first[0] > seconds:
            campaign.stop()
            break
    if first is None:
        raise OperationError("no subcell was relaxed")
    wall_s, cpu_s = time.perf_counter() - first[0], time.process_time() - first[1]
    relaxed, n_units = status.outcomes.total() - first[2], status.n_units_done - first[3]
    return {
        "queue": status.total("subcells_total"),
        "actors": status.n_actors,
        "first_s": queued_s,
        "run_s": wall_s,
        "subcells": relaxed,
        "units_per_s": n_units / wall_s,
        "subcells_per_s": relaxed / wall_s,
        "actor_us_per_subcell": 1e6 * wall_s * status.n_actors / max(1, relaxed),
        "driver_us_per_subcell": 1e6 * cpu_s / max(1, relaxed),
        "occupancy": status.occupancy,
        "driver_rss_mb": _memory_mb(),
        "processors": os.cpu_count(),
    }


def _plan(folder: str, n_glasses: int) -> Plan:
    condition = Condition(t_high=1000.0, t_low=300.0, volume_per_atom=SPACING**3, seed=0)
    return Plan(
        run_id=RUN_ID,
        system=SYSTEM,
        composition=f"B{N_ATOMS // 2}N{N_ATOMS // 2}",
        expected=(),
        potential=PotentialChoice("free", "float32", "xla"),
        protocol=Protocol(),
        glasses=tuple(
            GlassPlan(f"{RUN_ID}-g{k:04d}", condition, crystallize=True) for k in range(n_glasses)
        ),
        crystallization=CRYSTALLIZATION,
        ranking=Ranking(window=0.05, max_products=20),
        lake=folder,
        config="{}",
    )


def _write_glasses(plan: Plan, glass: Structure) -> None:
    columns = structure_columns(glass) | {"outcome": "glass"}
    rows = [columns | {"glass_id": planned.glass_id} for planned in plan.glasses]
    write_part(Store.at(plan.lake), "amorphous", plan.system, plan.run_id, "all", rows)


def _free_potential() -> Potential:
    """No energy, no forces."""

    def atomic_energies(parameters: Any, numbers: Any, edges: Any) -> Any:
        return 0.0 * jnp.sum(edges.vectors, axis=(-2, -1))

    return Potential(
        name="free",
        model=EnergyModel(atomic_energies, 3.0),
        elements=(5, 7),
        parameters={},
        dtype="float32",
        fingerprint="free",
    )


def _memory_mb() -> float:
    """Most memory that this process has had, MB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    print(json.dumps(run_stub_campaign(int(sys.argv[1]), float(sys.argv[2]))))
