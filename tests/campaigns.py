"""A small silicon campaign that tests run, as a command or in their own process."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from a2c_ray.campaign.driver import Campaign
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.planning import plan_campaign, potential_choices
from a2c_ray.campaign.status import Status
from a2c_ray.cluster.nodes import start_ray
from a2c_ray.cluster.resources import Resources
from a2c_ray.config import compose_config
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.lake import Lake, Store
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile

SMALL = (
    "system=custom",
    "system.name=Si",
    "system.formula=Si",
    "system.t_high=3000",
    "system.volume_per_atom=20",
    "potential=stillinger-weber",
    "melt_quench.n_atoms=16",
    "melt_quench.steps=[40,40,40]",
    "crystallize.max_subcells=100",
    "crystallize.max_atoms=4",
    "crystallize.max_steps=120",
    "crystallize.max_shapes=1",
)
"""Two glasses of 16 atoms, 100 subcells of each."""

COURSE = SelfTaught(
    least_pool=1,
    least_work=0.0,
    control=16,
    training=16,
    rounds=2,
    steps=300,
    confidence=0.95,
    max_products=20,
)
"""Of a student that learns in seconds."""

ROWS = """
SELECT subcell_id, outcome, steps, energy_per_atom, lattice, species, frac_coords
FROM relaxed ORDER BY subcell_id
"""


def a2c(folder: Path, *arguments: str) -> subprocess.Popen:
    """The program, started in a folder."""
    command = [sys.executable, "-m", "a2c_ray.cli", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def on(cluster: Cluster) -> tuple[str, ...]:
    """Settings with which a command joins a cluster instead of starting one."""
    return (f"cluster.address={cluster.address}", "cluster.actors=2")


def relaxed(folder: Path) -> list[tuple]:
    """All rows of relaxed subcells of the lake in a folder."""
    return Lake(folder / "lake").sql(ROWS).fetchall()


def with_glasses_of(lake: Path, folder: Path, *unmade: str) -> Path:
    """A folder with a copy of a lake, but for some tables; returns the folder."""
    shutil.copytree(lake, folder / "lake", ignore=shutil.ignore_patterns("cif", *unmade))
    return folder


def small_plan(folder: Path, *overrides: str) -> Plan:
    """The plan of the small campaign, with its lake in a folder."""
    settings = compose_config([*SMALL, *overrides, f"lake.path={folder / 'lake'}"])
    silicon = load_potential("stillinger-weber")
    return plan_campaign(settings, [silicon for _ in potential_choices(settings)])


def taught_plan(folder: Path, *overrides: str, **changes: int) -> Plan:
    """The small campaign with a student of its own."""
    plan = small_plan(folder, *overrides)
    cascade = dataclasses.replace(COURSE, **changes)
    crystallization = dataclasses.replace(plan.crystallization, cascade=cascade)
    return dataclasses.replace(plan, crystallization=crystallization)


def silicon_for_all(choice: PotentialChoice) -> Potential:
    """Stillinger and Weber's, whatever is asked for."""
    return load_potential("stillinger-weber")


def run_plans(
    plans: list[Plan],
    resources: Resources,
    on_status: Callable[[Status], None] = lambda status: None,
    potential_of: Callable[[PotentialChoice], Potential] = silicon_for_all,
    piles: Mapping[str, Pile] | None = None,
) -> Campaign:
    """Run a campaign in this process, as `a2c run` does."""
    start_ray(resources.address)
    try:
        choices = {c for p in plans for c in (p.potential, p.screening, p.refinement)}
        stores = {plan.run_id: Store.at(plan.lake) for plan in plans}
        potentials = {choice: potential_of(choice) for choice in choices}
        campaign = Campaign(plans, stores, potentials, resources, piles)
        for status in campaign.run():
            on_status(status)
    finally:
        ray.shutdown()
    return campaign
