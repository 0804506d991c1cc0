"""Glasses to crystallize that tests of the queue share; nothing of them is relaxed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from campaigns import silicon_for_all, small_plan
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.glass_work import GlassWork, without
from a2c_ray.campaign.melt_unit import MeltQuenchUnit
from a2c_ray.campaign.plan import GlassPlan, Plan
from a2c_ray.campaign.point import Point, Shared
from a2c_ray.campaign.relax_unit import RelaxUnit
from a2c_ray.campaign.rows import subcell_id as box_id
from a2c_ray.campaign.status import PointStatus
from a2c_ray.cluster.unit import SharedPotential
from a2c_ray.crystallize.cutting import choose_subcells
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.lake import Store, mark_version

SHARED = SharedPotential("stillinger-weber", [])


def make_plan(folder: Path, run_id: str = "si", **crystallization: Any) -> Plan:
    """A plan for silicon with other settings of its crystallization."""
    plan = small_plan(folder)
    changed = dataclasses.replace(plan.crystallization, **crystallization)
    return dataclasses.replace(plan, run_id=run_id, crystallization=changed)


def destination(plan: Plan, token: str = "token") -> Destination:
    return Destination(Store.at(plan.lake), plan.system, plan.run_id, token)


def point_of(plan: Plan) -> Point:
    """What a driver knows of a run of silicon that has just begun."""
    silicon = silicon_for_all(plan.potential)
    shared = {plan.potential: Shared(SHARED, silicon.fingerprint, silicon.cutoff)}
    status = PointStatus(plan.run_id, plan.composition, len(plan.glasses))
    store = Store.at(plan.lake)
    mark_version(store)
    to = Destination.begin(store, plan.system, plan.run_id, write_s=1)
    return Point(plan, status, shared, to, to.open_lake(), melts_left=len(plan.glasses))


def silicon_glass(seed: int = 0) -> Structure:
    """16 atoms without order."""
    positions = np.random.default_rng(seed).random((16, 3))
    return Structure(Lattice.cubic(6.8), ["Si"] * 16, positions)


def glass_work(plan: Plan, k: int = 0, relaxed: set[str] | None = None) -> GlassWork:
    """All subcells of a glass but those relaxed already, to be handed out."""
    glass = plan.glasses[k]
    subcells = choose_subcells(silicon_glass(k), plan.crystallization, glass.condition.seed)
    todo = without(subcells, glass.glass_id, relaxed or set())
    return GlassWork(plan, glass.glass_id, todo, SHARED, destination(plan), cutoff=3.77)


def melt(plan: Plan, name: str, crystallize: bool = True) -> MeltQuenchUnit:
    """A unit of one melt-quench."""
    glass = GlassPlan(name, plan.glasses[0].condition, crystallize)
    return MeltQuenchUnit(plan, (glass,), SHARED, destination(plan))


def subcell_ids(glass_id: str, subcells: Subcells) -> list[str]:
    """Ids as they are in the lake."""
    corners = zip(subcells.lower, subcells.upper, strict=True)
    return [box_id(glass_id, lower, upper) for lower, upper in corners]


def ids(unit: RelaxUnit) -> list[str]:
    """Of the subcells of a unit."""
    return subcell_ids(unit.glass_id, unit.subcells)
