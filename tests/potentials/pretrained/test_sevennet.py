"""SevenNet-0 against energies, forces and stresses of its own implementation in PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from ase.stress import full_3x3_to_voigt_6_stress
from structures import read_structures

RECORDS = [record for record, _ in read_structures("sevennet0_reference.json")]
IDS = [record["id"] for record in RECORDS]


@pytest.fixture(scope="module")
def structures():
    return [structure for _, structure in read_structures("sevennet0_reference.json")]


@pytest.fixture(scope="module")
def single(sevennet, structures):
    return sevennet.evaluate(structures)


@pytest.fixture(scope="module")
def double(sevennet_f64, structures):
    return sevennet_f64.evaluate(structures)


@pytest.mark.parametrize("k", range(len(RECORDS)), ids=IDS)
def test_double_precision(double, k):
    record, result = RECORDS[k], double[k]
    n_atoms = len(record["species"])
    assert abs(result.energy - record["energy_f64"]) / n_atoms < 1e-8
    np.testing.assert_allclose(result.forces, record["forces_f64"], rtol=0, atol=1e-7)
    stress = full_3x3_to_voigt_6_stress(result.stress)
    np.testing.assert_allclose(stress, record["stress_f64"], rtol=0, atol=1e-8)


@pytest.mark.parametrize("k", range(len(RECORDS)), ids=IDS)
def test_single_precision(single, k):
    record, result = RECORDS[k], single[k]
    n_atoms = len(record["species"])
    assert abs(result.energy - record["energy_f64"]) / n_atoms < 1e-5
    expected = np.array(record["forces_f64"])
    tolerance = 1e-5 * max(10.0, np.abs(expected).max())
    np.testing.assert_allclose(result.forces, expected, rtol=0, atol=tolerance)
    stress = full_3x3_to_voigt_6_stress(result.stress)
    np.testing.assert_allclose(stress, record["stress_f64"], rtol=0, atol=1e-5)


def test_forces_are_minus_the_gradient(sevennet_f64, rutile):
    rutile.perturb(0.1)
    step, moved = 1e-4, []
    for sign in (1, -1):
        structure = rutile.copy()
        structure.translate_sites([3], [0, sign * step, 0], frac_coords=False)
        moved.append(structure)
    plus, minus, centre = sevennet_f64.evaluate([*moved, rutile])
    assert centre.forces[3, 1] == pytest.approx((minus.energy - plus.energy) / (2 * step), abs=1e-6)
    np.testing.assert_allclose(centre.forces.sum(axis=0), 0.0, atol=1e-10)


def test_stress_is_the_strain_gradient(sevennet_f64, rutile):
    rutile.perturb(0.1)
    step = 1e-5
    strained = []
    for sign in (1, -1):
        strain = np.eye(3)
        strain[0, 1] = strain[1, 0] = sign * step / 2
        structure = rutile.copy()
        structure.lattice = structure.lattice.matrix @ strain
        strained.append(structure)
    plus, minus, centre = sevennet_f64.evaluate([*strained, rutile])
    expected = (plus.energy - minus.energy) / (2 * step) / rutile.volume
    assert centre.stress[0, 1] == pytest.approx(expected, abs=1e-7)
