"""Subcells that are relaxed first, and those that are given up then."""

from __future__ import annotations

import dataclasses

import pytest
from campaigns import relaxed, run_plans, small_plan, with_glasses_of

from a2c_ray.campaign.scouts import ceilings_by
from a2c_ray.cluster.resources import Resources
from a2c_ray.lake import Lake, Store, write_part

DISTANCE = 0.2

COUNTS = """
SELECT count(*), count(DISTINCT subcell_id), count(*) FILTER (outcome = 'hopeless'),
    count(energy_per_atom) FILTER (outcome = 'hopeless'), sum(steps)
FROM relaxed
"""

LOWEST = "SELECT min(energy_per_atom) FROM products"


@pytest.fixture
def melted(small_run, tmp_path):
    """A folder whose run has its glasses, and nothing else yet."""
    return with_glasses_of(small_run.folder / "lake", tmp_path, "relaxed", "products")


def test_ceilings_lie_above_the_lowest_of_each_composition(small_run):
    lake = Lake(small_run.folder / "lake")
    rows = lake.sql("SELECT subcell_id, energy_per_atom FROM relaxed ORDER BY ALL LIMIT 9")
    energies = dict(rows.fetchall())
    ceilings = ceilings_by(lake, ["relaxed"], list(energies), DISTANCE)
    lowest = min(energy for energy in energies.values() if energy is not None)
    assert ceilings.of([14, 14]) == pytest.approx(2 * (lowest + DISTANCE))


def test_a_hole_of_the_potential_is_no_floor(tmp_path):
    energies = [-9.3, *(-4.3 + 0.01 * k for k in range(12))]
    rows = [
        {"subcell_id": f"g-{k}", "formula": "Si", "energy_per_atom": energy, "outcome": "converged"}
        for k, energy in enumerate(energies)
    ]
    write_part(Store.at(tmp_path / "lake"), "relaxed", "Si", "run", "a", rows)
    lake = Lake(tmp_path / "lake", "run")
    ceilings = ceilings_by(lake, ["relaxed"], [row["subcell_id"] for row in rows], DISTANCE)
    assert ceilings.of([14]) == pytest.approx(-4.3 + DISTANCE)


@pytest.mark.slow
def test_a_run_that_gives_up_what_is_hopeless_finds_the_same_lowest(small_run, cluster, melted):
    plan = small_plan(melted)
    crystallization = dataclasses.replace(plan.crystallization, hopeless=DISTANCE)
    plan = dataclasses.replace(plan, crystallization=crystallization)
    campaign = run_plans([plan], Resources(address=cluster.address, actors=2))
    assert campaign.status.failures == []
    lake, there = Lake(melted / "lake"), Lake(small_run.folder / "lake")
    [(n, n_ids, hopeless, told, steps)] = lake.sql(COUNTS).fetchall()
    [(_, _, _, _, steps_of_all)] = there.sql(COUNTS).fetchall()
    assert n == n_ids == 200
    assert hopeless > 20
    assert told == 0
    assert steps < steps_of_all
    assert lake.sql(LOWEST).fetchall() == there.sql(LOWEST).fetchall()
    # What was relaxed to its end is as it was.
    before = {row[0]: row for row in relaxed(small_run.folder)}
    kept = [row for row in relaxed(melted) if row[1] != "hopeless"]
    assert all(row == before[row[0]] for row in kept)
    [point] = campaign.status.points.values()
    assert (point.subcells_done, point.subcells_total) == (200, 200)
    assert point.atoms_done == point.atoms_total
