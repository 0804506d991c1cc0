"""A small silicon run in a lake, made in this process without Ray, for tests that read lakes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from campaigns import small_plan
from glasses import SHARED, destination

from a2c_ray.campaign.melt_unit import MeltQuenchUnit
from a2c_ray.campaign.plan import GlassPlan, Plan
from a2c_ray.campaign.rank_unit import RankUnit
from a2c_ray.campaign.relax_unit import RelaxUnit
from a2c_ray.crystallize.cutting import choose_subcells, unit_shapes
from a2c_ray.lake import Store, begin_attempt, mark_version, write_part
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.potential import Potential

FAST = ("crystallize.max_subcells=30", "melt_quench.steps=[40,40,220]")
"""Fewer subcells, and enough steps at T_low for twenty snapshots."""


def make_run(folder: Path, *overrides: str, status: str = "finished") -> Plan:
    """Melt, quench, relax and rank; two glasses unless overrides say otherwise.

    Args:
        folder: the lake will be in its folder `lake`.
        overrides: of the settings.
        status: "running" leaves the second half of the glasses alone and ranks nothing.
    """
    plan = small_plan(folder, *FAST, *overrides)
    potential = load_potential("stillinger-weber")
    store = Store.at(plan.lake)
    mark_version(store)
    to = destination(plan, begin_attempt(store, plan.run_id))
    is_finished = status == "finished"
    record(plan, potential, status)
    glasses = plan.glasses if is_finished else plan.glasses[: len(plan.glasses) // 2]
    reports = MeltQuenchUnit(plan, glasses, SHARED, to).run(potential, lambda *_: None)
    for glass, report in zip(glasses, reports, strict=True):
        if glass.crystallize:
            relax_unit(plan, glass, report.structure, to).run(potential, lambda *_: None)
    if is_finished:
        RankUnit(plan, True, to).run(None, lambda *_: None)
    return plan


def relax_unit(plan: Plan, glass: GlassPlan, structure, to) -> RelaxUnit:
    """All subcells of a glass in one unit."""
    subcells = choose_subcells(structure, plan.crystallization, glass.condition.seed)
    shapes = unit_shapes(
        plan.crystallization, plan.composition, 3.77, structure.volume / len(structure)
    )
    return RelaxUnit(plan, glass.glass_id, subcells, shapes, SHARED, to)


def record(plan: Plan, potential: Potential, status: str) -> None:
    """Write the row of `runs`, but for what only a Ray cluster knows."""
    now = datetime.now(UTC)
    row = {
        "attempt": 1,
        "started_at": now,
        "finished_at": now if status == "finished" else None,
        "status": status,
        "failures": [],
        "config": plan.config,
        "versions": json.dumps({"python": "3"}),
        "hardware": json.dumps({"host": "here", "cluster": {"CPU": 2.0, "memory": 1e9}}),
        "potential": potential.name,
        "potential_fingerprint": potential.fingerprint,
    }
    write_part(Store.at(plan.lake), "runs", plan.system, plan.run_id, "0001", [row])
