"""Records of runs."""

from __future__ import annotations

import pytest
from piles import pile_of, pile_plan, shaken

from a2c_ray.campaign.record import NameTakenError, check_name
from a2c_ray.lake import Store
from a2c_ray.lake.parts import part_path


def test_names_that_lead_to_one_run_id_are_told(tmp_path):
    """Products would be there twice, each as one of another system."""
    pile, store = pile_of(shaken(2)), Store.at(tmp_path / "lake")
    first, second = (pile_plan(tmp_path, pile, f"name={name}") for name in ("Si a", "si-A"))
    assert first.run_id == second.run_id
    store.write(part_path("runs", first.system, first.run_id, "1"), lambda file: file.write(b""))
    check_name(first, store)
    with pytest.raises(NameTakenError, match=f"{first.run_id} is there as one of 'Si a', which"):
        check_name(second, store)
