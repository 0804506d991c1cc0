"""Which crystals go to the teacher."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.judge_unit import LOW
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.selection import ALWAYS, select_taught
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.lake import Lake, Store, structure_columns, write_part

COURSE = SelfTaught(1, 4, 4, 1, None, confidence=0.9, max_products=6)


def crystal(formula: str, k: int) -> Structure:
    """A box that no other number has."""
    lattice = Lattice.tetragonal(3.0 + 0.3 * k, 5.0)
    species = ["Ti"] + ["O"] * (2 if formula == "TiO2" else 1)
    sites = [[0, 0, 0], [0.5, 0.5, 0.3], [0.5, 0, 0.6]][: len(species)]
    return Structure(lattice, species, sites)


def screened(formula: str, k: int, energy: float, student: str = "one") -> dict:
    return structure_columns(crystal(formula, k)) | {
        "subcell_id": f"{formula}-{k:02d}",
        "glass_id": "g0",
        "energy_per_atom": energy,
        "student": student,
    }


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Ten crystals of either composition, 50 meV/atom apart; TiO2 is off by 1 eV/atom, TiO by 2.

    The lowest of TiO2 is a hole of the student. What another student has screened lies far below.
    """
    store = Store.at(tmp_path / "lake")
    rows = [screened(f, k, -9.0 + 0.05 * k) for f in ("TiO", "TiO2") for k in range(10)]
    rows += [screened("TiO2", 11, -15.0), screened("TiO2", 12, -30.0, student="other")]
    judged = [
        {
            "subcell_id": row["subcell_id"],
            "student": "one",
            "formula": row["formula"],
            "student_energy": row["energy_per_atom"],
            "energy": row["energy_per_atom"]
            + {"TiO": 2.0, "TiO2": 1.0}[row["formula"]]
            + 0.01 * (-1) ** k
            + (8.0 if row["energy_per_atom"] == -15.0 else 0.0),
        }
        for k, row in enumerate(rows)
        if row["student"] == "one"
    ]
    write_part(store, "screened", "Ti", "r", "all", rows)
    write_part(store, "judged", "Ti", "r", "all", judged)
    return Lake(store, "r")


def test_the_window_lies_above_what_the_teacher_holds_for_the_lowest(lake):
    judgement = judge(judged_of(lake, "one"), COURSE.confidence)
    # Errors of a composition differ by up to 20 meV/atom, but for the hole's.
    chosen = select_taught(lake, COURSE, "one")
    ids = [c.place["subcell_id"] for c in chosen if c.place["subcell_id"] != "TiO2-11"]
    assert ids[:2] == ["TiO-00", "TiO-01"]
    for formula, n_holes in (("TiO", 0), ("TiO2", 1)):
        of_formula = [i for i in ids if i.startswith(f"{formula}-")]
        within = [k for k in range(10) if -9.0 + 0.05 * k <= judgement.ceilings[formula]]
        wanted = min(max(len(within), ALWAYS - n_holes), COURSE.max_products - n_holes)
        assert len(of_formula) == wanted
        assert of_formula == [f"{formula}-{k:02d}" for k in range(len(of_formula))]
    assert {c.place["subcell_id"] for c in chosen} - set(ids) == {"TiO2-11"}
    assert all(c.alike == (c.place["subcell_id"],) for c in chosen)


def test_without_any_judgement_a_few_of_each_are_refined(lake):
    chosen = select_taught(lake, COURSE, "other")
    assert [c.place["subcell_id"] for c in chosen] == ["TiO2-12"]


def test_the_lowest_and_some_of_the_lower_are_judged(lake):
    asked = {"student": "one", "learnt": ["TiO-03"], "lowest": 2, "share": 0.4, "most": 7}
    ids = [row[0] for row in lake.sql(LOW, asked).fetchall()]
    assert {"TiO-00", "TiO-01", "TiO2-00", "TiO2-11"} <= set(ids)
    assert "TiO-03" not in ids
    assert len(ids) == 7
    assert max(int(i[-2:]) for i in ids if i != "TiO2-11") <= 4
