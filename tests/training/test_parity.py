"""Errors by element, against sums written out."""

from __future__ import annotations

import numpy as np
import pytest
from labels import labelled_silicon

from a2c_ray.training.parity import parity_errors


def test_a_potential_has_no_errors_on_its_own_labels(silicon_f64):
    for row in parity_errors(silicon_f64, labelled_silicon(silicon_f64, 4)):
        assert row.mae == pytest.approx(0.0, abs=1e-12)


def test_errors_are_those_that_were_put_in(silicon_f64):
    data = labelled_silicon(silicon_f64, 4)  # of 8, 2, 8 and 2 atoms
    shifted = [
        s._replace(
            energy=s.energy + (k + 1) * len(s.forces),
            forces=s.forces + 0.1 * (k + 1),
            stress=None if k == 3 else s.stress + 0.01,
        )
        for k, s in enumerate(data)
    ]
    rows = {(r.quantity, r.element): r for r in parity_errors(silicon_f64, shifted)}
    assert set(rows) == {(q, e) for q in ("energy", "forces", "stress") for e in ("all", "Si")}
    energy, forces, stress = (rows[q, "all"] for q in ("energy", "forces", "stress"))
    assert (energy.n, forces.n, stress.n) == (4, 20, 3)
    assert energy.mae == pytest.approx(2.5)
    assert energy.rmse == pytest.approx(np.sqrt(30 / 4))
    assert forces.mae == pytest.approx((8 * 0.1 + 2 * 0.2 + 8 * 0.3 + 2 * 0.4) / 20)
    assert stress.mae == pytest.approx(0.01)
    assert stress.rmse == pytest.approx(0.01)
