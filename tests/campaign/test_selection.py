"""Which crystals go to the teacher."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.campaign.judge_unit import LOW
from a2c_ray.campaign.judging import judge, judged_of
from a2c_ray.campaign.lesson_units import WRONG
from a2c_ray.campaign.selection import ALWAYS, select_taught, to_weigh
from a2c_ray.crystallize.settings import SelfTaught
from a2c_ray.lake import Lake, Store, structure_columns, write_part
from a2c_ray.lake.export import rows_of

COURSE = SelfTaught(1, 0.0, 4, 4, 1, None, confidence=0.9, max_products=6)


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


def of_teacher(row: dict) -> float:
    """TiO2 is off by 1 eV/atom, TiO by 2, in turn by 10 meV/atom more or less; holes by 9."""
    hole = 8.0 if row["energy_per_atom"] < -14.0 else 0.0
    own = 0.01 * (-1) ** int(row["subcell_id"][-2:])
    return row["energy_per_atom"] + (1.0 if row["formula"] == "TiO2" else 2.0) + own + hole


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Ten crystals of either composition, 50 meV/atom apart.

    The lowest of TiO2 is a hole of the student. What another student has screened lies far below.
    """
    store = Store.at(tmp_path / "lake")
    rows = [screened(f, k, -9.0 + 0.05 * k) for f in ("TiO", "TiO2") for k in range(10)]
    rows += [screened("TiO2", 11, -15.0), screened("TiO2", 12, -30.0, student="other")]
    judged = [
        {name: row[name] for name in ("subcell_id", "student", "formula")}
        | {"student_energy": row["energy_per_atom"], "energy": of_teacher(row)}
        for row in rows
        if row["student"] == "one"
    ]
    write_part(store, "screened", "Ti", "r", "all", rows)
    write_part(store, "judged", "Ti", "r", "all", judged)
    return Lake(store, "r")


def weigh(lake: Lake, ids: list[str], **lost: float | None) -> None:
    """The teacher's energies of some cells; `lost` has others."""
    rows = rows_of(lake.sql("SELECT * FROM screened WHERE student = 'one'"))
    known = {row["subcell_id"]: row for row in rows}
    weighed = [
        {"subcell_id": i, "student": "one", "formula": known[i]["formula"], "n_atoms": 3}
        | {"energy": lost.get(i.replace("-", "_"), of_teacher(known[i]))}
        for i in ids
    ]
    write_part(lake.store, "weighed", "Ti", "r", "-".join(ids[:1]), weighed)


def test_what_may_be_low_is_weighed_each_once(lake, monkeypatch):
    monkeypatch.setattr("a2c_ray.campaign.selection.LOOKED_AT", 2)
    judgement = judge(judged_of(lake, "one"), COURSE.confidence)
    ids = to_weigh(lake, COURSE, "one")
    within = [k for k in range(10) if -9.0 + 0.05 * k <= judgement.ceilings["TiO"]]
    assert 2 < len(within) < 10
    assert [i for i in ids if i.startswith("TiO-")] == [f"TiO-{k:02d}" for k in within]
    assert {"TiO2-00", "TiO2-01", "TiO2-11"} <= set(ids)
    weigh(lake, ids[:4])
    assert to_weigh(Lake(lake.store, "r"), COURSE, "one") == ids[4:]


def test_the_order_is_the_teachers_and_holes_are_left_out(lake):
    weigh(lake, to_weigh(lake, COURSE, "one"))
    lake = Lake(lake.store, "r")
    window = judge(judged_of(lake, "one"), COURSE.confidence).window
    chosen = select_taught(lake, COURSE, "one")
    ids = [c.place["subcell_id"] for c in chosen]
    for formula in ("TiO", "TiO2"):
        # Each second one is 20 meV/atom higher to the teacher than the one before it.
        within = [k for k in range(10) if 0.05 * k + 0.01 * (-1) ** k <= 0.01 + window]
        wanted = min(max(len(within), ALWAYS), COURSE.max_products)
        assert [i for i in ids if i.startswith(f"{formula}-")] == [
            f"{formula}-{k:02d}" for k in range(wanted)
        ]
    assert "TiO2-11" not in ids
    assert all(c.alike == (c.place["subcell_id"],) for c in chosen)


def test_what_the_teacher_cannot_hold_is_not_refined(lake):
    ids = to_weigh(lake, COURSE, "one")
    weigh(lake, ids, TiO_00=None)
    chosen = select_taught(Lake(lake.store, "r"), COURSE, "one")
    assert [c.place["subcell_id"] for c in chosen][:2] == ["TiO-01", "TiO-02"]


def test_without_any_judgement_a_few_of_each_are_weighed(lake):
    assert to_weigh(lake, COURSE, "other") == ["TiO2-12"]
    assert select_taught(lake, COURSE, "other") == []


def test_the_lowest_and_some_of_the_lower_are_judged(lake):
    asked = {"student": "one", "learnt": ["TiO-03"], "lowest": 2, "share": 0.4, "most": 7}
    ids = [row[0] for row in lake.sql(LOW, asked).fetchall()]
    assert {"TiO-00", "TiO-01", "TiO2-00", "TiO2-11"} <= set(ids)
    assert "TiO-03" not in ids
    assert len(ids) == 7
    assert max(int(i[-2:]) for i in ids if i != "TiO2-11") <= 4


def test_a_student_learns_from_its_worst_mistakes_and_from_none_of_the_control_sample(lake):
    ids = to_weigh(lake, COURSE, "one")
    wrong = {"TiO_02": -4.0, "TiO_03": -20.0, "TiO2_00": None}
    weigh(lake, ids, **wrong)
    control = [{"subcell_id": "TiO-03", "sample": "control"}]
    write_part(lake.store, "sampled", "Ti", "r", "all", control)
    lake = Lake(lake.store, "r")
    rows = list(rows_of(lake.sql(WRONG, {"student": "one", "most": 2})))
    chosen = [row["subcell_id"] for row in rows]
    assert {"TiO-02", "TiO2-11"} <= set(chosen)
    assert 2 <= len(chosen) <= 4
    assert not {"TiO-03", "TiO2-00", "TiO2-12"} & set(chosen)
    every = lake.sql(WRONG, {"student": "one", "most": 100}).fetchall()
    assert [row[0] for row in every] == [i for i in ids if i not in ("TiO-03", "TiO2-00")]
