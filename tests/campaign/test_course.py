"""Cascades that teach themselves: a student learns, screens, and is checked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from campaigns import run_plans, small_plan, with_glasses_of

from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.status import Status
from a2c_ray.cluster.resources import Resources
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.lake import Lake, Store
from a2c_ray.potentials.loading import load_potential

COURSE = SelfTaught(
    least_pool=1, control=16, training=16, rounds=2, steps=300, confidence=0.95, max_products=20
)

PRODUCTS = "SELECT formula, energy_per_atom, space_group FROM products ORDER BY ALL"


def taught_plan(folder: Path, **changes: int) -> Plan:
    """The small campaign with a student of its own."""
    plan = small_plan(folder)
    cascade = dataclasses.replace(COURSE, **changes)
    crystallization = dataclasses.replace(plan.crystallization, cascade=cascade)
    return dataclasses.replace(plan, crystallization=crystallization)


@pytest.fixture(scope="module")
def two(cluster) -> Resources:
    """Two actors."""
    return Resources(address=cluster.address, actors=2)


@pytest.fixture(scope="module")
def taught(small_run, two, tmp_path_factory) -> Path:
    """The folder of a campaign that has taught itself."""
    folder = with_glasses_of(
        small_run.folder / "lake", tmp_path_factory.mktemp("taught"), "relaxed", "products"
    )
    campaign = run_plans([taught_plan(folder)], two)
    assert campaign.status.failures == []
    return folder


def test_it_finds_what_the_teacher_finds(taught, small_run):
    lake = Lake(taught / "lake")
    print(lake.sql("SELECT * FROM students"))
    print(lake.sql("SELECT * FROM proof"))
    print(lake.sql("SELECT outcome, count(*) FROM screened GROUP BY ALL"))
    print(lake.sql(PRODUCTS), Lake(small_run.folder / "lake").sql(PRODUCTS))
    [(n_screened,)] = lake.sql("SELECT count(DISTINCT subcell_id) FROM screened").fetchall()
    assert n_screened == 200
