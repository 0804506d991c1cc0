"""Cascades: a cheap potential screens, an accurate one refines what is lowest."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from campaigns import run_plans, silicon_for_all, small_plan, with_glasses_of
from runs import record

from a2c_ray.campaign import refine_unit
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.status import Status
from a2c_ray.cluster.resources import Resources
from a2c_ray.crystallize.settings import Cascade
from a2c_ray.lake import Lake
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.potential import Potential
from a2c_ray.results import RunResults
from a2c_ray.results.frequencies import product_frequencies

CHEAP = PotentialChoice("cheap", "float32", "xla")
ACCURATE = PotentialChoice("stillinger-weber", "float32", "xla")

PRODUCTS = """
SELECT formula, energy_per_atom, n_subcells, n_relaxed, space_group FROM products ORDER BY ALL
"""


def cascade_plan(folder: Path, screening: PotentialChoice = CHEAP, **changes: float) -> Plan:
    """The small campaign with a cascade."""
    plan = small_plan(folder)
    cascade = Cascade(screening, ACCURATE, **({"window": 0.3, "max_products": 30} | changes))
    crystallization = dataclasses.replace(plan.crystallization, cascade=cascade)
    return dataclasses.replace(plan, crystallization=crystallization)


def cheap_or_accurate(choice: PotentialChoice) -> Potential:
    """The cheap one is softer by a twentieth, and its energies begin elsewhere."""
    silicon = silicon_for_all(choice)
    if choice != CHEAP:
        return silicon

    def atomic_energies(parameters, numbers, edges):
        energies = silicon.model.atomic_energies(parameters, numbers, edges)
        return jnp.where(numbers > 0, 0.95 * energies - 1.0, 0.0)

    model = EnergyModel(atomic_energies, silicon.model.cutoff)
    return dataclasses.replace(silicon, name="cheap", fingerprint="cheap", model=model)


@pytest.fixture(scope="module")
def one(cluster) -> Resources:
    """One actor."""
    return Resources(address=cluster.address, actors=1)


@pytest.fixture
def whole(small_run) -> Lake:
    """The lake of the campaign without a cascade."""
    return Lake(small_run.folder / "lake")


@pytest.fixture(scope="module")
def cascade(one, tmp_path_factory) -> Path:
    """The folder of a campaign with one."""
    folder = tmp_path_factory.mktemp("cascade")
    plan = cascade_plan(folder)
    campaign = run_plans([plan], one, potential_of=cheap_or_accurate)
    record(plan, cheap_or_accurate(ACCURATE), "finished")
    assert campaign.status.failures == []
    return folder


@pytest.fixture
def screened(cascade, tmp_path) -> Path:
    """The folder of the same campaign, before it refines."""
    return with_glasses_of(cascade / "lake", tmp_path, "relaxed", "products")


def test_with_the_same_potential_twice_nothing_is_lost(whole, one, tmp_path):
    """Screening gives what the run without a cascade does, row by row, and so do the products."""
    plan = cascade_plan(tmp_path, screening=ACCURATE, window=0.06)
    run_plans([plan], one)
    lake = Lake(tmp_path / "lake")
    columns = "outcome, steps, energy_per_atom, lattice, frac_coords, n_grid, lower, upper"
    query = "SELECT right(subcell_id, -length(run_id)) AS place, {} FROM {} ORDER BY place"
    screened = lake.sql(query.format(columns, "screened")).fetchall()
    assert screened == whole.sql(query.format(columns, "relaxed")).fetchall()
    found, expected = (x.sql(PRODUCTS).fetchall() for x in (lake, whole))
    assert len(found) == len(expected)
    for product, other in zip(found, expected, strict=True):
        assert product[1] == pytest.approx(other[1], abs=2e-3)
        assert product[3] == other[3]
    assert sum(p[2] for p in found) == pytest.approx(sum(p[2] for p in expected), abs=3)


@pytest.mark.slow
def test_only_the_lowest_that_are_distinct_are_refined(cascade):
    lake = Lake(cascade / "lake")
    assert lake.sql("SELECT count(*) FROM screened").fetchall() == [(200,)]
    rows = lake.sql(
        "SELECT r.subcell_id, r.energy_per_atom, s.energy_per_atom, r.alike, r.outcome "
        "FROM relaxed r JOIN screened s USING (subcell_id)"
    ).fetchall()
    assert 1 < len(rows) < 31
    near = lake.sql(
        "SELECT count(*) FROM screened "
        "WHERE energy_per_atom <= 0.3 + (SELECT min(energy_per_atom) FROM screened)"
    ).fetchall()[0][0]
    alike = [subcell_id for row in rows for subcell_id in row[3]]
    assert len(alike) == len(set(alike)) <= near
    assert all(row[0] == row[3][0] for row in rows)
    lowest = min(rows, key=lambda row: row[1])
    assert lowest[2] == pytest.approx(0.95 * lowest[1] - 1.0, abs=1e-3)
    assert lowest[4] == "converged"


@pytest.mark.slow
def test_energies_are_those_of_the_accurate_potential(cascade, whole):
    lake = Lake(cascade / "lake")
    floor = "SELECT min(energy_per_atom) FROM products"
    [(found,)], [(expected,)] = lake.sql(floor).fetchall(), whole.sql(floor).fetchall()
    assert found == pytest.approx(expected, abs=1e-3)
    [(n_subcells, n_relaxed)] = lake.sql(
        "SELECT n_subcells, n_relaxed FROM products ORDER BY energy_per_atom LIMIT 1"
    ).fetchall()
    assert n_relaxed > n_subcells >= 1
    frequencies = product_frequencies(RunResults.open(cascade / "lake"))
    of_lowest = [f for f in frequencies if f.product_id.endswith("Si-00")]
    assert sum(f.n_subcells for f in of_lowest) == n_subcells
    assert 0 < sum(f.n_relaxed for f in of_lowest) <= n_relaxed


@pytest.mark.slow
def test_a_cascade_that_was_stopped_goes_on(cascade, one, screened, monkeypatch):
    """After some crystals have been refined: none is refined twice."""
    monkeypatch.setattr(refine_unit, "REFINED_PER_UNIT", 2)
    plan = cascade_plan(screened)
    stopped = []

    def stop(status: Status) -> None:
        (point,) = status.points.values()
        if point.refined_done and not stopped:
            stopped.append(point.refined_done)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plans([plan], one, stop, cheap_or_accurate)
    campaign = run_plans([plan], one, potential_of=cheap_or_accurate)
    (point,) = campaign.status.points.values()
    query = "SELECT subcell_id, energy_per_atom, lattice, alike FROM relaxed ORDER BY ALL"
    rows = Lake(screened / "lake").sql(query).fetchall()
    assert rows == Lake(cascade / "lake").sql(query).fetchall()
    assert stopped[0] <= len(rows) - point.refined_total < len(rows)


@pytest.mark.slow
def test_a_crystal_that_cannot_be_refined_is_named(cascade, one, screened):
    """The others are, and ranked."""
    sizes = "SELECT n_atoms, count(*) FROM relaxed GROUP BY n_atoms ORDER BY 2"
    [(unlucky, n_unlucky), *_, (_, n_most)] = Lake(cascade / "lake").sql(sizes).fetchall()

    def check(numbers):
        if np.any(np.sum(numbers > 0, axis=-1) == unlucky):
            raise RuntimeError("none of these")
        return np.float32(0.0)

    def potential_of(choice: PotentialChoice) -> Potential:
        if choice == CHEAP:
            return cheap_or_accurate(choice)
        silicon = silicon_for_all(choice)

        def atomic_energies(parameters, numbers, edges):
            energies = silicon.model.atomic_energies(parameters, numbers, edges)
            zero = jax.ShapeDtypeStruct((), jnp.float32)
            return energies + jax.pure_callback(check, zero, numbers)

        model = EnergyModel(atomic_energies, silicon.model.cutoff)
        return dataclasses.replace(silicon, model=model)

    plan = cascade_plan(screened)
    campaign = run_plans([plan], one, potential_of=potential_of)
    failures = campaign.status.failures
    assert len(failures) == n_unlucky
    assert all("refinement of 1 crystals" in f and "none of these" in f for f in failures)
    there = Lake(screened / "lake").sql(sizes).fetchall()
    assert there[-1][1] == n_most
    assert unlucky not in dict(there)
    assert campaign.status.points[plan.run_id].products
