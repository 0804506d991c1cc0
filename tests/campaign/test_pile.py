"""Given cells as a run: planned, handed out, relaxed and resumed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE
from campaigns import run_plans
from glasses import SHARED, destination
from piles import pile_of, pile_plan, shaken

from a2c_ray.campaign.pile_unit import PileUnit
from a2c_ray.campaign.pile_work import PileWork, pile_shapes, unrelaxed
from a2c_ray.campaign.rows import cell_id
from a2c_ray.cluster.resources import Resources
from a2c_ray.lake import (
    Lake,
    Store,
    begin_attempt,
    mark_version,
    structure_columns,
    write_part,
)
from a2c_ray.potentials.calculator import ASECalculator
from a2c_ray.reading.files import find_files
from a2c_ray.units import GPA_PER_EV_A3

CUTOFF = 3.77


@pytest.fixture
def pile():
    return pile_of(shaken(9))


def unit_of(plan, pile, n_shapes: int = 2) -> PileUnit:
    shapes = pile_shapes(pile, CUTOFF, n_shapes)
    token = begin_attempt(Store.at(plan.lake), plan.run_id)
    return PileUnit(plan, pile, shapes, SHARED, destination(plan, token))


def rows_of(plan) -> list[dict]:
    query = "SELECT * FROM relaxed ORDER BY subcell_id"
    return Lake(plan.lake, plan.run_id).sql(query).to_arrow_table().to_pylist()


def test_the_run_is_named_after_cells_and_what_is_computed(tmp_path, pile):
    def name(*overrides: str, of=pile) -> str:
        return pile_plan(tmp_path, of, *overrides).run_id

    assert name().startswith("relax-")
    assert name("rank.window=0.1", "cluster.actors=3") == name()
    assert name(of=pile_of(shaken(9), "elsewhere.xyz")) == name()
    others = [
        name(*overrides)
        for overrides in (
            ["relax.cell=shape"],
            ["relax.cell=false"],
            ["relax.pressure=1"],
            ["crystallize.max_steps=7"],
            ["potential.dtype=float64"],
        )
    ]
    assert len({name(), name(of=pile[1:]), *others}) == 7
    assert name("name=my cells").startswith("my-cells-")


def test_cells_are_handed_out_largest_first_and_once(tmp_path, pile):
    plan = pile_plan(tmp_path, pile)
    done = {cell_id(plan.run_id, k) for k in (1, 2)}
    left = pile[unrelaxed(pile, done, plan.run_id)]
    assert left.order.tolist() == [3, 5, 7, 0, 4, 6, 8]
    shapes = pile_shapes(pile, CUTOFF, 2)
    assert [shape.n_atoms for shape in shapes] == [2, 8]
    work = PileWork(plan, left, shapes, SHARED, destination(plan))
    first = work.next_unit(100, most_atoms=17)
    rest = work.next_unit(4, most_atoms=None)
    assert (first.pile.order.tolist(), first.n_atoms) == ([3, 5], 16)
    assert rest.pile.order.tolist() == [7, 0, 4, 6]
    assert work.n_left == 1
    assert str(work.next_unit(9, None)) == "pile.extxyz, structure 8 (cell 8)"
    halves = rest.halves()
    assert [half.pile.order.tolist() for half in halves] == [[7, 0], [4, 6]]
    assert str(halves[0]) == "2 cells, the first pile.extxyz, structure 7 (cell 7)"


@pytest.fixture(scope="module")
def one_by_one(silicon_f64):
    """Cells, and their energies after ASE's FIRE has relaxed each alone, eV/atom."""
    cells = shaken(5, seed=5)[::2]
    energies = []
    for atoms in cells:
        alone = atoms.copy()
        alone.calc = ASECalculator(silicon_f64)
        assert FIRE(FrechetCellFilter(alone), logfile=None).run(fmax=0.01, steps=500)
        energies.append(alone.get_potential_energy() / len(alone))
    return cells, energies


@pytest.mark.parametrize("optimizer", [pytest.param("lbfgs", marks=pytest.mark.slow), "fire"])
def test_every_cell_ends_as_under_ases_fire(tmp_path, silicon_f64, optimizer, one_by_one):
    cells, energies = one_by_one
    pile = pile_of(cells)
    overrides = "potential.dtype=float64", f"crystallize.optimizer={optimizer}"
    plan = pile_plan(tmp_path, pile, *overrides)
    report = unit_of(plan, pile).run(silicon_f64, lambda *_: None)
    assert report.outcomes == {"converged": 3}
    found = [row["energy_per_atom"] for row in rows_of(plan)]
    assert found == pytest.approx(energies, abs=1e-3)


def test_rows_say_where_cells_are_from_and_what_acts_on_them(tmp_path, silicon_f64, pile):
    plan = pile_plan(tmp_path, pile, "potential.dtype=float64", "relax.pressure=5")
    unit_of(plan, pile[::-1], n_shapes=1).run(silicon_f64, lambda *_: None)
    lake = Lake(plan.lake, plan.run_id)
    rows = rows_of(plan)
    assert [row["source_index"] for row in rows] == list(range(9))
    assert {row["source_file"] for row in rows} == {"pile.extxyz"}
    assert [row["source_name"] for row in rows] == [f"cell {k}" for k in range(9)]
    assert {row["glass_id"] for row in rows} == {None}
    structures = lake.structures("SELECT * FROM relaxed ORDER BY subcell_id")
    results = silicon_f64.evaluate(structures)
    pressure = 5 / GPA_PER_EV_A3
    for row, structure, result in zip(rows, structures, results, strict=True):
        np.testing.assert_allclose(np.reshape(row["forces"], (-1, 3)), result.forces, atol=1e-8)
        np.testing.assert_allclose(np.reshape(row["stress"], (3, 3)), result.stress, atol=1e-8)
        n, volume = len(structure), structure.volume
        assert row["energy_per_atom"] == pytest.approx(result.energy / n)
        assert row["enthalpy_per_atom"] == pytest.approx((result.energy + pressure * volume) / n)
        beyond = np.reshape(row["stress"], (3, 3)) + pressure * np.eye(3)
        assert row["max_stress"] == pytest.approx(np.abs(beyond).max(), abs=1e-9)


def test_of_the_lake_that_is_written_to_only_what_was_there_is_read(tmp_path, silicon, pile):
    plan = pile_plan(tmp_path, pile)
    row = structure_columns(pile.cell(0).structure) | {"subcell_id": "s", "outcome": "converged"}
    store = Store.at(plan.lake)
    mark_version(store)
    write_part(store, "relaxed", "Si", "si-1", "", [row])
    before = find_files([plan.lake]).files
    unit_of(plan, pile).run(silicon, lambda *_: None)
    assert len(before) == 1
    assert find_files([plan.lake]).files == before


def test_what_ends_badly_is_kept_as_it_was_given(tmp_path, silicon):
    dense = shaken(1)[0]
    dense.set_cell(dense.cell * 0.15, scale_atoms=True)
    pile = pile_of([dense, *shaken(2)])
    plan = pile_plan(tmp_path, pile)
    report = unit_of(plan, pile).run(silicon, lambda *_: None)
    assert report.outcomes["converged"] == 2
    bad = rows_of(plan)[0]
    assert bad["outcome"] in ("exploded", "fused", "overflow")
    assert bad["energy_per_atom"] is bad["forces"] is bad["stress"] is None
    np.testing.assert_allclose(np.reshape(bad["lattice"], (3, 3)), dense.cell, rtol=1e-6)


def test_a_pile_on_ray_is_resumed_and_ranked_under_pressure(tmp_path, cluster):
    pile = pile_of(shaken(40, seed=1))
    plan = pile_plan(tmp_path, pile, "relax.pressure=3")
    elsewhere = dataclasses.replace(plan, lake=str(tmp_path / "whole"))
    resources = Resources(address=cluster.address, actors=2)

    def run(plan):
        campaign = run_plans([plan], resources, piles={plan.run_id: pile})
        return campaign.status.points[plan.run_id]

    whole = run(elsewhere)
    assert (whole.subcells_done, whole.outcomes) == (40, {"converged": 40})
    assert whole.atoms_done == whole.atoms_total == pile.n_atoms.sum()
    rows = rows_of(elsewhere)
    write_part(Store.at(plan.lake), "relaxed", plan.system, plan.run_id, "given.a", rows[:31])
    rest = run(plan)
    assert (rest.subcells_done, rest.outcomes) == (40, {"converged": 9})
    assert rest.atoms_done == rest.atoms_total
    assert rows_of(plan) == rows
    [product] = rest.products
    assert len(product.members) == 40
    lowest = min(rows, key=lambda row: row["enthalpy_per_atom"])
    assert product.energy_per_atom == lowest["enthalpy_per_atom"]
    query = "SELECT energy_per_atom, enthalpy_per_atom, n_subcells FROM products"
    [(energy, enthalpy, n)] = Lake(plan.lake).sql(query).fetchall()
    assert energy == pytest.approx(lowest["energy_per_atom"])
    assert (enthalpy, n) == (lowest["enthalpy_per_atom"], 40)
    again = run(plan)
    assert (again.subcells_done, again.outcomes.total()) == (40, 0)
