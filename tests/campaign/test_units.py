"""What units write."""

from __future__ import annotations

import pytest
from glasses import destination, make_plan
from pymatgen.core import Structure
from runs import relax_unit

from a2c_ray.analysis import polymorphs
from a2c_ray.analysis.polymorphs import Polymorph
from a2c_ray.lake import Lake, Store, begin_attempt

FREQUENCY = """
SELECT count(*) FILTER (polymorph = 'diamond'), count(*) FILTER (polymorph IS NULL),
    max(polymorph_rms)
FROM relaxed WHERE formula = 'Si' AND energy_per_atom IS NOT NULL
"""


@pytest.fixture
def diamond_is_known(diamond, monkeypatch):
    entry = Polymorph("Si", "diamond", "Si", "product", "Fd-3m", 227, diamond)
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
    crystal.perturb(0.05)
    unit = relax_unit(plan, plan.glasses[0], crystal, to)
    assert len(unit.subcells) == 8  # conventional cells
    unit.run(silicon, lambda *_: None)
    found, others, worst_rms = Lake(plan.lake).sql(FREQUENCY).fetchall()[0]
    assert (found, others) == (8, 0)
    assert worst_rms < 0.01
