"""Dispersion against s-dftd3, an independent implementation; the numbers are in `data`."""

from __future__ import annotations

import dataclasses
import re

import jax
import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from structures import read_structures

from a2c_ray.cells import Cell, pack
from a2c_ray.errors import InputError
from a2c_ray.potentials.catalogue import PBE, R2SCAN
from a2c_ray.potentials.d3 import (
    BECKE_JOHNSON,
    DAMPINGS,
    ZERO,
    D3Data,
    d3_energies,
    with_d3,
)
from a2c_ray.potentials.d3_data import d3_data
from a2c_ray.potentials.evaluation import evaluate_cells, evaluate_long_range
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.potentials.potential import UnknownElementError
from a2c_ray.potentials.zbl import with_zbl
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings
from a2c_ray.units import GPA_PER_EV_A3

RECORDS = [record for record, _ in read_structures("d3_reference.json")]
CELLS = [Cell.from_structure(structure) for _, structure in read_structures("d3_reference.json")]

SMALL = [k for k, cell in enumerate(CELLS) if len(cell.numbers) <= 5]
GLASS = [k for k, cell in enumerate(CELLS) if len(cell.numbers) == 30]

METHODS = {
    "PBE-bj": (BECKE_JOHNSON, PBE),
    "r2SCAN-bj": (BECKE_JOHNSON, R2SCAN),
    "PBE-zero": (ZERO, PBE),
}


@jax.jit
def _evaluate(damping, data, cells):
    """One program for both functionals."""

    def energies(data, cells):
        return d3_energies(data, damping, cells)

    return evaluate_long_range(energies, data, cells)


def evaluate(method, cells, dtype="float64"):
    """Energies, forces and virials of dispersion alone; shapes are few, programs being slow."""
    shape = (30, 1) if len(cells[0].numbers) > 5 else (5, len(SMALL))
    with jax.enable_x64(dtype == "float64"):
        data = D3Data(*(np.asarray(table, dtype) for table in d3_data()))
        packed = pack(cells, *shape, dtype)
        return jax.device_get(_evaluate(DAMPINGS[METHODS[method]], data, packed))


@pytest.mark.parametrize(
    ("method", "chosen"),
    [(method, SMALL) for method in METHODS] + [("PBE-bj", GLASS), ("r2SCAN-bj", GLASS)],
)
def test_energies_forces_and_stresses(method, chosen):
    compare(method, chosen, "float64", 1e-7, 2e-6)


def test_single_precision():
    compare("PBE-bj", SMALL, "float32", 2e-6, 2e-5)


def compare(method, chosen, dtype, tolerance, force_tolerance):
    """With the stored numbers: eV/atom and eV/Å³, eV/Å."""
    assert chosen
    energies, forces, virials = evaluate(method, [CELLS[k] for k in chosen], dtype)
    for slot, k in enumerate(chosen):
        expected, cell = RECORDS[k]["d3"][method], CELLS[k]
        n_atoms = len(cell.numbers)
        per_atom = expected["energy"] / n_atoms
        assert energies[slot] / n_atoms == pytest.approx(per_atom, abs=tolerance)
        np.testing.assert_allclose(
            forces[slot, :n_atoms], expected["forces"], rtol=0, atol=force_tolerance
        )
        assert not forces[slot, n_atoms:].any()
        stress = virials[slot] / cell.volume
        np.testing.assert_allclose(stress, expected["stress"], rtol=0, atol=tolerance)


@pytest.mark.parametrize("method", ["PBE-bj", "PBE-zero"])
def test_forces_and_stress_are_derivatives_of_the_energy(method):
    """Of a triclinic cell without symmetry."""
    names = [record["name"] for record in RECORDS]
    cell = CELLS[names.index("triclinic")]
    step = 1e-4
    changed = []
    for sign in (1, -1):
        moved = cell.positions.copy()
        moved[3, 1] += sign * step
        strain = np.eye(3)
        strain[0, 2] = strain[2, 0] = sign * step / 2
        stretch = np.diag([1.0, 1.0 + sign * step, 1.0])
        changed += [
            cell._replace(positions=moved),
            Cell(cell.lattice @ strain, cell.positions @ strain, cell.numbers),
            Cell(cell.lattice @ stretch, cell.positions @ stretch, cell.numbers),
        ]
    energies, forces, virials = evaluate(method, [cell, *changed])
    differences = (energies[1:4] - energies[4:7]) / (2 * step)
    assert forces[0, 3, 1] == pytest.approx(-differences[0], abs=1e-6)
    # Images that cross the cutoff, which has no force, carry 1e-8 eV each.
    assert virials[0, 0, 2] == pytest.approx(differences[1], abs=1e-3)
    assert virials[0, 1, 1] == pytest.approx(differences[2], abs=1e-3)
    np.testing.assert_allclose(forces.sum(axis=1), 0.0, atol=1e-10)


@pytest.fixture(scope="module")
def silicon_d3(silicon):
    return with_d3(silicon, PBE)


def test_it_is_added_to_a_potential(silicon_f64, diamond):
    diamond = diamond.get_primitive_structure()
    diamond.perturb(0.1, seed=0)
    potential = with_d3(silicon_f64, PBE)
    alone, both = (p.evaluate([diamond])[0] for p in (silicon_f64, potential))
    energies, forces, virials = evaluate("PBE-bj", [Cell.from_structure(diamond)])
    assert both.energy - alone.energy == pytest.approx(energies[0], abs=1e-9)
    np.testing.assert_allclose(both.forces - alone.forces, forces[0, :2], atol=1e-9)
    stress = virials[0] / diamond.volume
    np.testing.assert_allclose(both.stress - alone.stress, stress, atol=1e-9)


def test_relaxations_and_dynamics_see_what_evaluate_sees(silicon_d3, diamond):
    diamond.perturb(0.1, seed=0)
    expected = silicon_d3.evaluate([diamond])[0]
    found = jax.jit(evaluate_cells, static_argnums=(0, 3))(
        silicon_d3.model,
        silicon_d3.parameters,
        pack([Cell.from_structure(diamond)], 8),
        Capacity(8, 27),
    )
    assert found.energy[0] == pytest.approx(expected.energy, abs=5e-5)
    np.testing.assert_allclose(found.forces[0], expected.forces, atol=5e-5)
    np.testing.assert_allclose(found.stress[0], expected.stress, atol=1e-6)


@pytest.mark.slow
def test_crystals_contract(silicon, silicon_d3, diamond):
    """By what the dispersion pulls with, over the bulk modulus: 101 GPa for this model."""
    shapes = (Shape(8, Capacity(8, 27)),)
    potentials = (silicon, silicon_d3)
    stresses = [np.trace(p.evaluate([diamond])[0].stress) / 3 for p in potentials]
    cell = Cell.from_structure(diamond)
    ends = [next(Relaxer(p, RelaxSettings(100), shapes).relax([cell])) for p in potentials]
    assert [end.outcome for end in ends] == [Outcome.CONVERGED] * 2
    before, after = (end.cell.volume for end in ends)
    expected = (stresses[1] - stresses[0]) / (101.0 / GPA_PER_EV_A3)
    assert expected > 0.02
    assert 1 - after / before == pytest.approx(expected, rel=0.2)
    assert ends[1].energy < ends[0].energy - 8 * 0.1


def test_name_fingerprint_and_elements(silicon, silicon_d3):
    assert silicon_d3.name == "stillinger-weber+d3"
    assert silicon_d3.fingerprint == f"{silicon.fingerprint}+d3-{PBE}"
    both = with_zbl(with_d3(silicon, PBE, ZERO))
    assert both.name == "stillinger-weber+d3-zero+zbl"
    assert both.model.long_range is not None
    wide = dataclasses.replace(silicon, elements=(14, 94, 95, 103))
    assert with_d3(wide, PBE).elements == (14, 94)


def test_elements_beyond_the_data_are_one_line(silicon):
    potential = with_d3(dataclasses.replace(silicon, elements=(14, 96)), PBE)
    curium = Structure(Lattice.cubic(5.0), ["Cm"], [[0, 0, 0]])
    with pytest.raises(UnknownElementError, match=r"^potential [^\n]* does not know Cm;[^\n]*$"):
        potential.evaluate([curium])
    with pytest.raises(InputError, match=r"^dispersion is known for the elements 1 to 94[^\n]*$"):
        with_d3(dataclasses.replace(silicon, elements=(96,)), PBE)


def test_loading(sevennet):
    names = [
        load_potential("sevennet-0", zbl=True, d3=True).name,
        load_potential("sevennet-0", d3="zero").name,
    ]
    assert names == ["sevennet-0+zbl+d3", "sevennet-0+d3-zero"]


@pytest.mark.parametrize(
    ("name", "factory", "d3"),
    [("stillinger-weber", None, True), ("ase", "ase.calculators.emt:EMT", "zero")],
)
def test_where_no_functional_is_known_is_one_line(name, factory, d3):
    message = f"potential.d3={str(d3).lower()} needs the functional that a potential was fitted to"
    with pytest.raises(InputError, match=rf"^{re.escape(message)}, which is not known of [^\n]*$"):
        load_potential(name, factory=factory, d3=d3)


def test_what_it_cannot_be_added_to_is_one_line(silicon_d3):
    host = load_potential("ase", factory="ase.calculators.emt:EMT")
    with pytest.raises(InputError, match=r"^dispersion: nothing can be added to ase:[^\n]*$"):
        with_d3(host, PBE)
    with pytest.raises(InputError, match=r"^dispersion: stillinger-weber\+d3 has it already$"):
        with_d3(silicon_d3, PBE)


def test_no_parameters_is_one_line(silicon):
    with pytest.raises(InputError, match=r"^dispersion: no parameters of zero damping for r²SCAN"):
        with_d3(silicon, R2SCAN, ZERO)


def test_coordination_beyond_all_reference_systems():
    """Those of the nearest one count, however far it is."""
    far = Cell(np.eye(3) * 1.6, np.zeros((1, 3)), np.array([6], np.int32))
    energies, forces, _ = evaluate("PBE-bj", [far])
    assert np.isfinite(energies[0])
    assert np.isfinite(forces[0]).all()
