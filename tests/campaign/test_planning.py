"""From settings to glasses and run ids."""

from __future__ import annotations

import dataclasses

import pytest

from a2c_ray.campaign.melt_unit import batches
from a2c_ray.campaign.planning import (
    evenly_spread,
    plan_campaign,
    potential_choices,
    ranking_choice,
)
from a2c_ray.config import ConfigError, compose_config
from a2c_ray.errors import InputError
from a2c_ray.potentials.potential import UnknownElementError


def plan(sevennet, *overrides):
    return plan_campaign(compose_config(list(overrides)), [sevennet])


def test_boron_nitride_is_750_melts_and_150_crystallizations(sevennet):
    glasses = plan(sevennet, "system=bn", "preset=paper").glasses
    assert len(glasses) == 750
    assert sum(glass.crystallize for glass in glasses) == 150
    assert len({glass.glass_id for glass in glasses}) == 750
    assert len({glass.condition.seed for glass in glasses}) == 750
    densest = min(glass.condition.volume_per_atom for glass in glasses)
    assert densest == pytest.approx(24.82 / 2 * 1.66054 / 4.35, rel=1e-3)


def test_calcium_carbonate_is_three_by_three(sevennet):
    glasses = plan(sevennet, "system=caco3", "preset=paper").glasses
    assert len({(g.condition.t_high, g.condition.volume_per_atom) for g in glasses}) == 9


def test_a_volume_given_replaces_the_systems_density(sevennet):
    glasses = plan(sevennet, "system=caco3", "melt_quench.volume_per_atom=13.0").glasses
    assert {glass.condition.volume_per_atom for glass in glasses} == {13.0}


def test_what_is_computed_decides_the_run_id(sevennet):
    base = plan(sevennet).run_id
    same = ["lake.path=elsewhere", "cluster.cpus=4", "rank.window=0.1"]
    assert all(plan(sevennet, override).run_id == base for override in same)
    other = [
        "seed=1",
        "melt_quench.t_high=1000",
        "crystallize.force_tol=0.01",
        "melt_quench.volume_per_atom=12.6",
        "system.volume_per_atom=12.6",
    ]
    assert len({plan(sevennet, override).run_id for override in other} | {base}) == 6
    assert base.startswith("mgf2-")


def test_elements_that_the_potential_does_not_know(silicon):
    with pytest.raises(UnknownElementError, match="F, Mg"):
        plan(silicon)


def test_subcells_too_small_for_the_composition(sevennet):
    with pytest.raises(ConfigError, match="a formula unit of MgF2 has 3 atoms"):
        plan(sevennet, "crystallize.max_atoms=2")


def test_some_of_a_grid_are_spread_over_it():
    assert evenly_spread(list(range(9)), 1) == [4]
    assert evenly_spread(list(range(9)), 3) == [1, 4, 7]
    assert evenly_spread([1, 2], None) == [1, 2]
    assert evenly_spread([1, 2], 5) == [1, 2]


def test_a_cascade_names_its_potentials(sevennet, silicon):
    settings = compose_config(["crystallize.cascade=[student,sevennet-0]"])
    own, screening, refinement = potential_choices(settings)
    assert (own.name, screening.name, refinement) == ("sevennet-0", "student", own)
    assert ranking_choice(settings) == own
    base = plan(sevennet)
    cascade = plan_campaign(settings, [sevennet, sevennet, sevennet])
    assert (cascade.screening.name, cascade.screening_table) == ("student", "screened")
    assert (base.screening, base.screening_table) == (base.potential, "relaxed")
    student = dataclasses.replace(sevennet, fingerprint="student")
    other = plan_campaign(settings, [sevennet, student, sevennet])
    assert len({base.run_id, cascade.run_id, other.run_id}) == 3
    with pytest.raises(UnknownElementError, match="stillinger-weber"):
        plan_campaign(settings, [sevennet, silicon, sevennet])


def test_a_cascade_that_teaches_itself_needs_one_potential(sevennet):
    settings = compose_config(["preset=thorough", "system=tio2"])
    assert potential_choices(settings) == [ranking_choice(settings)]
    taught = plan_campaign(settings, [sevennet])
    assert taught.self_taught.control == settings["crystallize.cascade_control"]
    assert (taught.screening, taught.screening_table) == (taught.potential, "relaxed")
    paper = plan(sevennet, "preset=paper", "system=tio2")
    assert paper.self_taught is None
    settings["crystallize.cascade_control"] = 49
    other = plan_campaign(settings, [sevennet])
    assert len({paper.run_id, taught.run_id, other.run_id}) == 3


def test_a_student_learns_from_glasses_of_all_kinds(sevennet):
    bn = plan(sevennet, "preset=thorough", "system=bn")
    conditions = {g.glass_id: g.condition for g in bn.glasses if g.crystallize}
    assert (len(conditions), len(bn.first_glasses)) == (150, 16)
    first = [conditions[glass_id] for glass_id in bn.first_glasses]
    assert len({condition.t_high for condition in first}) > 7
    assert len({condition.volume_per_atom for condition in first}) > 7
    few = plan(sevennet, "preset=thorough", "system=tio2", "melt_quench.replicas=2")
    assert few.first_glasses == few.crystallized_glasses
    taught = plan(sevennet, "preset=thorough", "system=tio2", "melt_quench.replicas=3")
    assert len(taught.first_glasses) == 1
    alone = plan(sevennet, "preset=paper", "system=tio2", "melt_quench.replicas=9")
    assert alone.first_glasses == alone.crystallized_glasses


def test_settings_added_later_leave_run_ids_as_they_were(sevennet):
    """That of the default settings of earlier versions."""
    earlier = ("melt_quench.settle_steps=0", "melt_quench.thermostat_steps=100")
    assert plan(sevennet, *earlier).run_id == "mgf2-ea244337"


def test_glasses_of_one_melt_share_its_seed_and_their_unit(sevennet):
    grid = ("preset=paper", "melt_quench.t_high=[2000,3000]", "melt_quench.replicas=3")
    alone = plan(sevennet, *grid)
    shared = plan(sevennet, *grid, "melt_quench.independent=false")
    assert shared.run_id != alone.run_id
    assert [g.condition.snapshot for g in alone.glasses] == [0] * 6
    assert [g.condition.seed for g in shared.glasses] == [0, 0, 0, 3, 3, 3]
    assert [g.condition.snapshot for g in shared.glasses] == [0, 1, 2, 0, 1, 2]
    assert shared.glasses[3].condition == alone.glasses[3].condition
    sizes = [[len(b) for b in batches(shared.glasses, size)] for size in (1, 4, 8)]
    assert sizes == [[3, 3], [3, 3], [6]]
    assert [len(batch) for batch in batches(alone.glasses, 4)] == [4, 2]
    assert sum(batches(shared.glasses, 2), ()) == shared.glasses


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("system.formula=Mg99999999F2", "a box of 100000001 atoms; at most 100000"),
        ("melt_quench.n_atoms=999999999", "a box of .* atoms"),
        ("melt_quench.replicas=999999999", "replicas=999999999: at most 100000"),
        ("lake.path='s3://bucket/lake?secret_key=hidden'", "credentials do not belong"),
    ],
)
def test_what_has_no_bounds_or_gives_away_a_secret_is_refused(sevennet, override, message):
    with pytest.raises(InputError, match=message) as told:
        plan_campaign(compose_config([override]), [sevennet])
    assert "hidden" not in str(told.value)


def test_snapshots_need_a_melt(sevennet):
    with pytest.raises(ConfigError, match=r"with a melt of 9 steps: .* at least 10"):
        plan(sevennet, "melt_quench.independent=false", "melt_quench.steps=[9,20,20]")


def test_pressure_is_given_in_gpa(sevennet):
    squeezed = plan(sevennet, "crystallize.pressure=16.02176634")
    assert squeezed.pressure == pytest.approx(0.1)
    assert squeezed.crystallization.relaxation.pressure == squeezed.pressure
    assert squeezed.run_id != plan(sevennet).run_id
    assert plan(sevennet).pressure == 0.0
