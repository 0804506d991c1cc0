"""The ASE calculator."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.optimize import FIRE

from a2c_ray import ASECalculator
from a2c_ray.cells import UnknownAtomError
from a2c_ray.potentials.potential import UnusableStructureError


def test_the_same_as_evaluate(silicon_f64, diamond):
    diamond.perturb(0.1, seed=0)
    atoms = Atoms(
        diamond.symbol_set[0] + str(len(diamond)),
        positions=diamond.cart_coords,
        cell=diamond.lattice.matrix,
        pbc=True,
        calculator=ASECalculator(silicon_f64),
    )
    expected, of_atoms = silicon_f64.evaluate([diamond, atoms])
    assert of_atoms.energy == expected.energy
    assert atoms.get_potential_energy() == pytest.approx(expected.energy)
    np.testing.assert_allclose(atoms.get_forces(), expected.forces, atol=1e-12)
    np.testing.assert_allclose(atoms.get_stress(voigt=False), expected.stress, atol=1e-12)


def test_the_stress_is_the_numerical_one(silicon_f64):
    from ase.calculators.fd import calculate_numerical_stress

    atoms = bulk("Si", a=5.5)
    atoms.rattle(0.1, seed=1)
    atoms.calc = ASECalculator(silicon_f64)
    np.testing.assert_allclose(atoms.get_stress(), calculate_numerical_stress(atoms), atol=1e-6)


def test_open_boundaries_are_refused(silicon):
    atoms = Atoms("Si", cell=np.eye(3) * 5, pbc=[True, True, False])
    atoms.calc = ASECalculator(silicon)
    with pytest.raises(ValueError, match="periodic"):
        atoms.get_potential_energy()


def test_atoms_of_no_element_are_refused(silicon):
    atoms = Atoms([14, 0], positions=[[0, 0, 0], [2, 2, 2]], cell=[5, 5, 5], pbc=True)
    atoms.calc = ASECalculator(silicon)
    with pytest.raises(UnknownAtomError, match="atom 1 is no element"):
        atoms.get_potential_energy()


def test_positions_that_are_not_finite_are_refused(silicon):
    atoms = Atoms("Si2", positions=[[0, 0, 0], [np.nan, 1, 1]], cell=[5, 5, 5], pbc=True)
    atoms.calc = ASECalculator(silicon)
    with pytest.raises(UnusableStructureError, match="structure 0: positions that are not finite"):
        atoms.get_potential_energy()
    with pytest.raises(UnusableStructureError, match="not finite"):
        FIRE(atoms, logfile=None).run(fmax=0.01, steps=5)
    atoms.positions[1] = atoms.positions[0]
    with pytest.raises(UnusableStructureError, match="structure 0: forces that are not finite"):
        silicon.evaluate([atoms])
