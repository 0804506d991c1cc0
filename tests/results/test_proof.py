"""What a run says of its own student."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from a2c_ray.lake import Lake, Store, write_part
from a2c_ray.results.proof import learning_of, parity_of, proof_lines, proof_of, recall_of

KEPT = {
    "student": "one",
    "verdict": "kept",
    "reason": "of 12 low crystals of the control sample 11 were found",
    "pool": 900,
    "n_control": 48,
    "k": 12,
    "found": 11,
    "formulas": 3,
    "lowest_kept": 3,
    "missed": 2 / 14,
    "confidence": 0.99,
    "refined_within": 0.083,
    "first_error": 0.02,
    "error": 0.009,
    "work": 2.0e5,
    "work_alone": 1.0e6,
}

STUDENT = {
    "n_labels": 700,
    "n_compositions": 3,
    "n_parameters": 14_044,
    "steps": 1_000,
    "energy_mae": 0.01,
    "forces_mae": 0.1,
    "wall_s": 120.0,
}


def lake_of(folder: Path, **tables: list[dict[str, Any]]) -> Lake:
    store = Store.at(folder / "lake")
    for table, rows in tables.items():
        write_part(store, table, "Si", "r", "all", rows)
    return Lake(store, "r")


def test_a_proof_in_words(tmp_path):
    students = [STUDENT | {"round": k} for k in (1, 2)]
    lines = proof_lines(lake_of(tmp_path, proof=[KEPT], students=students))
    assert lines == [
        "2 rounds of training in 4 min on 700 structures of 3 compositions; on low crystals it is "
        "off by 20, then 9 meV/atom (median)",
        "of 12 low crystals of the control sample 11 were found; of 3 compositions of it the "
        "lowest or a lower one was found in 3",
        "so a low crystal is missed with a chance of about 14 %; refined was what is within 83 "
        "meV/atom of the lowest (99 % sure)",
        "the teacher has evaluated 2e+05 atoms; alone it would have taken about 1e+06 (20 % spent, "
        "80 % saved)",
    ]


def test_nothing_is_saved_where_the_teacher_does_the_rest(tmp_path):
    lines = proof_lines(lake_of(tmp_path, proof=[KEPT | {"verdict": "poor"}]))
    assert lines[-1].endswith("with the rest nothing is saved")


def test_without_a_student_there_is_a_reason_only(tmp_path):
    alone = {"verdict": "alone", "reason": "too few", "pool": 20}
    lake = lake_of(tmp_path, proof=[alone])
    assert proof_lines(lake) == ["too few"]
    assert proof_of(lake).k is None


def test_runs_that_train_nothing_say_nothing(tmp_path):
    lake = lake_of(tmp_path, screened=[{"subcell_id": "a"}])
    assert proof_of(lake) is None
    assert proof_lines(lake) == learning_of(lake) == []


def test_epochs_are_counted_on_from_round_to_round(tmp_path):
    rows = [{"round": r, "step": 10 * k, "epoch": float(k)} for r in (1, 2, 3) for k in (1, 2)]
    assert [row["epoch"] for row in learning_of(lake_of(tmp_path, learning=rows))] == [*range(1, 7)]


def test_parity_is_of_the_last_student_and_free_of_what_a_composition_is_off_by(tmp_path):
    judged = [
        {"subcell_id": f"{f}{k}", "student": "one", "formula": f}
        | {"student_energy": -5.0 + offset + 0.1 * k, "energy": -5.0 + 0.1 * k}
        for f, offset in (("A", 3.0), ("B", -2.0))
        for k in range(3)
    ]
    other = judged[0] | {"student": "other", "student_energy": 100.0}
    lake = lake_of(tmp_path, judged=[*judged, other], proof=[KEPT])
    teacher, student = parity_of(lake)
    np.testing.assert_allclose(np.sort(teacher), [0, 0, 0.1, 0.1, 0.2, 0.2], atol=1e-12)
    assert student == pytest.approx(teacher)


def test_products_come_where_the_student_has_the_lowest_of_their_subcells(tmp_path):
    screened = [
        {"subcell_id": f"{f}{k}", "student": student, "formula": f, "energy_per_atom": energy}
        for f, n in (("A", 10), ("B", 4))
        for student, sign in (("one", 1.0), ("other", -1.0))
        for k in range(n)
        for energy in [None if k == 9 else sign * k]  # one of A was given up
    ]
    products = [
        {"product_id": "first", "subcell_ids": ["A7", "A2"]},
        {"product_id": "second", "subcell_ids": ["B0"]},
        {"product_id": "of the control sample", "subcell_ids": ["A8x"]},
    ]
    lake = lake_of(tmp_path, screened=screened, products=products, proof=[KEPT])
    shares, n_products = recall_of(lake)
    assert shares == pytest.approx([1 / 4, 3 / 10])
    assert n_products == 3
