"""What the settings of a run cannot find."""

from __future__ import annotations

import pytest

from a2c_ray.campaign.planning import plan_campaign
from a2c_ray.campaign.reach import out_of_reach
from a2c_ray.config import compose_config


@pytest.mark.parametrize(
    ("overrides", "names", "reason"),
    [
        (["system=vo2", "preset=quick"], ["VO2(B)"], "12 atoms, the subcells at most 6"),
        (["system=vo2", "preset=quick", "crystallize.max_atoms=12"], [], ""),
        (["system=tio2", "preset=quick"], [], ""),
        (["system=batio3", "preset=paper"], [], ""),
        (
            ["system=ybfeo3", "preset=paper"],
            ["hexagonal YMnO3-type (reported product)"],
            "30 atoms",
        ),
        (["system=bibo3", "preset=paper"], ["(II)"], "not published"),
        (
            ["system=fe80b20", "preset=paper", "crystallize.stoichiometry=true"],
            ["Fe3B (Pnma)", "Fe2B", "Fe bcc"],
            "only subcells of Fe4B",
        ),
    ],
)
def test_expected_crystals_that_no_subcell_can_become(sevennet, overrides, names, reason):
    found = out_of_reach(plan_campaign(compose_config(overrides), [sevennet]))
    assert list(found) == names
    assert all(reason in words for words in found.values())
