"""What units write."""

from __future__ import annotations

import dataclasses

import pytest
from campaigns import small_plan
from glasses import SHARED, destination, make_plan
from pymatgen.core import Structure
from runs import relax_unit

from a2c_ray.amorphous import melt_quench
from a2c_ray.analysis import polymorphs
from a2c_ray.analysis.polymorphs import Polymorph
from a2c_ray.campaign.melt_unit import MeltQuenchUnit
from a2c_ray.lake import Lake, OutdatedAttemptError, Store, begin_attempt

FREQUENCY = """
SELECT count(*) FILTER (polymorph = 'diamond'), count(*) FILTER (polymorph IS NULL),
    max(polymorph_rms)
FROM relaxed WHERE formula = 'Si' AND energy_per_atom IS NOT NULL
"""


@pytest.fixture
def diamond_is_known(diamond, monkeypatch):
    entry = Polymorph("Si", "diamond", "Si", "product", True, "Fd-3m", 227, diamond)
    of_silicon = {"Si": (entry,)}
    polymorphs._known.cache_clear()
    monkeypatch.setattr(polymorphs, "polymorphs_of", lambda formula: of_silicon.get(formula, ()))
    yield
    polymorphs._known.cache_clear()


def test_every_relaxed_subcell_is_looked_up(tmp_path, silicon, diamond, diamond_is_known):
    plan = make_plan(tmp_path, n_grid=2, max_atoms=8, max_subcells=None)
    to = destination(plan, begin_attempt(Store.at(plan.lake), plan.run_id))
    crystal = diamond * (2, 2, 2)
    crystal = Structure(crystal.lattice, crystal.species, crystal.frac_coords + 0.07)
    crystal.perturb(0.05, seed=0)
    unit = relax_unit(plan, plan.glasses[0], crystal, to)
    assert len(unit.subcells) == 8  # conventional cells
    unit.run(silicon, lambda *_: None)
    found, others, worst_rms = Lake(plan.lake).sql(FREQUENCY).fetchall()[0]
    assert (found, others) == (8, 0)
    assert worst_rms < 0.01


def test_subcells_are_relaxed_under_the_pressure_of_their_plan(tmp_path, silicon, diamond):
    plan = small_plan(tmp_path, "crystallize.pressure=8", "crystallize.n_grid=2")
    plan = dataclasses.replace(
        plan, crystallization=dataclasses.replace(plan.crystallization, max_atoms=8)
    )
    to = destination(plan, begin_attempt(Store.at(plan.lake), plan.run_id))
    crystal = diamond * (2, 2, 2)
    crystal = Structure(crystal.lattice, crystal.species, crystal.frac_coords + 0.07)
    relax_unit(plan, plan.glasses[0], crystal, to).run(silicon, lambda *_: None)
    query = """
        SELECT energy_per_atom, enthalpy_per_atom, volume_per_atom, forces, source_file
        FROM relaxed WHERE outcome = 'converged' AND n_atoms = 8
    """
    rows = Lake(plan.lake).sql(query).fetchall()
    assert rows
    primitive = diamond.get_primitive_structure()
    primitive.scale_lattice(2 * rows[0][2])
    stress = silicon.evaluate([primitive])[0].stress
    assert 160.2176634 * stress.trace() / 3 == pytest.approx(-8, abs=0.1)
    for energy, enthalpy, volume, forces, source in rows:
        assert enthalpy == pytest.approx(energy + 8 / 160.2176634 * volume)
        assert volume == pytest.approx(rows[0][2], abs=0.02)
        assert forces is source is None


GLASSES = """
SELECT COLUMNS(* EXCLUDE wall_s) FROM amorphous JOIN md_trace USING (glass_id, run_id, system)
ORDER BY glass_id, step
"""


class Killed(BaseException):
    """What no unit catches."""


def melt_unit(folder, *overrides) -> MeltQuenchUnit:
    plan = small_plan(folder, *overrides)
    to = destination(plan, begin_attempt(Store.at(plan.lake), plan.run_id))
    return MeltQuenchUnit(plan, plan.glasses, SHARED, to)


def killed_at(last: int):
    def on_progress(done: int, total: int) -> None:
        if done == last:
            raise Killed

    return on_progress


def checkpoints(folder) -> list[str]:
    return [file.path for file in Store.at(folder / "lake").files(".checkpoints")]


def test_a_melt_quench_that_is_killed_goes_on_where_it_was(tmp_path, silicon, monkeypatch):
    undisturbed, killed = melt_unit(tmp_path / "undisturbed"), melt_unit(tmp_path / "killed")
    undisturbed.run(silicon, lambda *_: None)
    monkeypatch.setattr(melt_quench, "CHECKPOINT_S", 0.0)
    with pytest.raises(Killed):
        killed.run(silicon, killed_at(80))
    assert len(checkpoints(tmp_path / "killed")) == 1
    steps: list[int] = []
    melt_unit(tmp_path / "killed").run(silicon, lambda done, _: steps.append(done))
    assert steps[0] == 80  # the checkpoint of step 70, and one look
    lakes = [Lake(tmp_path / name / "lake") for name in ("killed", "undisturbed")]
    rows, expected = (lake.sql(GLASSES).fetchall() for lake in lakes)
    assert rows == expected
    assert len(rows) == 24
    assert checkpoints(tmp_path / "killed") == []


def test_glasses_of_one_melt_are_made_and_resumed_in_one_unit(tmp_path, silicon, monkeypatch):
    settings = ("melt_quench.independent=false", "melt_quench.steps=[20,20,20]")
    undisturbed = melt_unit(tmp_path / "undisturbed", *settings)
    undisturbed.run(silicon, lambda *_: None)
    monkeypatch.setattr(melt_quench, "CHECKPOINT_S", 0.0)
    done: list[int] = []
    for at in (10, 30):  # in the melt, and in the quenches
        with pytest.raises(Killed):
            melt_unit(tmp_path / "killed", *settings).run(silicon, killed_at(at))
    melt_unit(tmp_path / "killed", *settings).run(silicon, lambda now, _: done.append(now))
    assert len(done) < 5
    lakes = [Lake(tmp_path / name / "lake") for name in ("killed", "undisturbed")]
    rows, expected = (lake.sql(GLASSES).fetchall() for lake in lakes)
    assert rows == expected
    query = "SELECT seed, melt_steps, energy_per_atom FROM amorphous ORDER BY glass_id"
    (seed, first, energy), (same, second, other) = lakes[0].sql(query).fetchall()
    assert (seed, first) == (same, 20)
    assert 20 < second <= 40
    assert abs(energy - other) > 1e-4


def test_a_checkpoint_that_cannot_be_used_costs_the_way_so_far(tmp_path, silicon, monkeypatch):
    monkeypatch.setattr(melt_quench, "CHECKPOINT_S", 0.0)
    with pytest.raises(Killed):
        melt_unit(tmp_path).run(silicon, killed_at(80))
    [path] = checkpoints(tmp_path)
    (tmp_path / "lake" / path).write_bytes(b"damaged")
    steps: list[int] = []
    melt_unit(tmp_path).run(silicon, lambda done, _: steps.append(done))
    assert steps[0] == 10


def test_an_outdated_attempt_leaves_no_checkpoint(tmp_path, silicon, monkeypatch):
    unit = melt_unit(tmp_path)
    begin_attempt(unit.destination.store, unit.plan.run_id)
    monkeypatch.setattr(melt_quench, "CHECKPOINT_S", 0.0)
    with pytest.raises(OutdatedAttemptError):
        unit.run(silicon, lambda *_: None)
    assert checkpoints(tmp_path) == []
