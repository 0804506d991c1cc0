"""Errors by element, against sums written out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from ase.data import atomic_numbers
from labels import labelled_silicon

from a2c_ray.cells import Cell
from a2c_ray.training.labelled import Labelled
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


class Nothing:
    """Predicts zeros, so that errors are the labels."""

    def evaluate(self, structures):
        return [SimpleNamespace(energy=0.0, forces=0.0, stress=0.0) for _ in structures]


def test_errors_of_an_element_are_those_of_its_atoms():
    rng = np.random.default_rng(0)
    data = []
    for symbols in (["Mg", "F", "F"], ["F"], ["Mg", "Mg"]):
        numbers = np.array([atomic_numbers[symbol] for symbol in symbols], np.int32)
        cell = Cell(5.0 * np.eye(3), rng.random((len(numbers), 3)), numbers)
        forces, stress = rng.normal(size=(len(numbers), 3)), rng.normal(size=(3, 3))
        data.append(Labelled(cell, rng.normal(), forces, stress, "here"))
    rows = {(r.quantity, r.element): r for r in parity_errors(Nothing(), data)}
    for element, holding in (("all", data), ("F", data[:2]), ("Mg", data[::2])):
        of_it = [s.cell.numbers == atomic_numbers.get(element, s.cell.numbers) for s in holding]
        expected = {
            "energy": [s.energy / len(s.forces) for s in holding],
            "forces": np.concatenate([s.forces[k] for s, k in zip(holding, of_it, strict=True)]),
            "stress": [s.stress for s in holding],
        }
        for quantity, values in expected.items():
            row = rows[quantity, element]
            assert row.n == len(values)
            assert row.mae == pytest.approx(np.mean(np.abs(values)))
            assert row.rmse == pytest.approx(np.sqrt(np.mean(np.square(values))))
