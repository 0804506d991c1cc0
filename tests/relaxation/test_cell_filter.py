"""What of a cell is free, and the pressure on it: gradients, ends, and ASE's filters."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.filters import FrechetCellFilter
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from scipy.interpolate import CubicSpline
from scipy.optimize import minimize_scalar

from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.calculator import ASECalculator
from a2c_ray.potentials.evaluation import evaluate_cells
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.cell_filter import Freedom, generalized_forces, to_cells, to_coordinates
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings, unbalanced_stress
from a2c_ray.units import GPA_PER_EV_A3

ROOM = Capacity(24, 125)
SHAPES = (Shape(8, ROOM),)
TIGHT = RelaxSettings(400, force_tol=1e-4, stress_tol=1e-6)

PRESSURE = 0.05
"""eV/Å³."""

FILTERS = {
    Freedom.ALL: {},
    Freedom.SHAPE: {"constant_volume": True},
    Freedom.VOLUME: {"hydrostatic_strain": True},
}
"""What ASE calls the same."""


def distorted(structure: Structure, seed: int = 3, size: float = 0.05) -> Cell:
    cell, rng = Cell.from_structure(structure), np.random.default_rng(seed)
    strain = np.eye(3) + rng.normal(0, size, (3, 3))
    strain = (strain + strain.T) / 2
    moved = cell.positions @ strain + rng.normal(0, size, cell.positions.shape)
    return Cell(cell.lattice @ strain, moved, cell.numbers)


def atoms_of(cell: Cell, potential) -> Atoms:
    atoms = AseAtomsAdaptor.get_atoms(cell.structure, msonable=False)
    atoms.calc = ASECalculator(potential)
    return atoms


def relaxed(potential, cell: Cell, settings: RelaxSettings):
    [end] = Relaxer(potential, settings, SHAPES, 8).relax([cell])
    assert end.outcome is Outcome.CONVERGED
    return end


@pytest.mark.parametrize(
    ("pressure", "optimizer"), [pytest.param(-3.0, "lbfgs", marks=pytest.mark.slow), (12.0, "fire")]
)
def test_the_volume_under_pressure_is_where_e_plus_pv_is_lowest(
    silicon_f64, diamond, pressure, optimizer
):
    external, primitive = pressure / GPA_PER_EV_A3, diamond.get_primitive_structure()
    volumes = np.linspace(34.5, 44.0, 96)
    scaled = [primitive.copy() for _ in volumes]
    for structure, volume in zip(scaled, volumes, strict=True):
        structure.scale_lattice(volume)
    energies = [result.energy for result in silicon_f64.evaluate(scaled)]
    enthalpy = CubicSpline(volumes, energies + external * volumes)
    lowest = minimize_scalar(enthalpy, bounds=(35, 43.5), options={"xatol": 1e-7})
    settings = replace(TIGHT, pressure=external, optimizer=optimizer)
    end = relaxed(silicon_f64, distorted(primitive), settings)
    assert abs(lowest.x - 40.05) > 0.9
    assert end.cell.volume == pytest.approx(lowest.x, rel=2e-5)
    assert end.energy + external * end.cell.volume == pytest.approx(lowest.fun, abs=1e-6)
    np.testing.assert_allclose(end.stress, -external * np.eye(3), atol=1e-6)
    assert end.max_stress < 1e-6


@pytest.mark.parametrize("freedom", FILTERS)
def test_forces_are_those_of_ase_which_finds_none_at_the_end(silicon_f64, diamond, freedom):
    cell = distorted(diamond)
    settings = replace(TIGHT, cell=freedom, pressure=PRESSURE)
    atoms = atoms_of(cell, silicon_f64)
    filtered = FrechetCellFilter(atoms, scalar_pressure=PRESSURE, **FILTERS[freedom])

    @jax.jit
    def forces_on(cells):
        found = evaluate_cells(silicon_f64.model, silicon_f64.parameters, cells, ROOM)
        virial = unbalanced_stress(found.stress, settings) * cells.volume[:, None, None]
        coordinates = to_coordinates(cells)
        return generalized_forces(coordinates, cells.numbers, found.forces, virial, freedom)

    with jax.enable_x64(True):
        forces = forces_on(pack([cell], len(cell.numbers), dtype="float64"))
    # ASE moves n U, too, and gives the forces on U over n.
    np.testing.assert_allclose(forces[0], filtered.get_forces(), atol=1e-9)
    end = relaxed(silicon_f64, cell, settings)
    at_end = atoms_of(end.cell, silicon_f64)
    left = FrechetCellFilter(at_end, scalar_pressure=PRESSURE, **FILTERS[freedom]).get_forces()
    np.testing.assert_allclose(left, 0.0, atol=1e-4)
    assert at_end.get_potential_energy() == pytest.approx(end.energy, abs=1e-9)


@pytest.mark.parametrize(
    ("freedom", "optimizer"), [*((f, "lbfgs") for f in Freedom), (Freedom.SHAPE, "fire")]
)
def test_what_is_fixed_stays(silicon_f64, diamond, freedom, optimizer):
    cell = distorted(diamond)
    settings = replace(TIGHT, cell=freedom, pressure=PRESSURE, optimizer=optimizer)
    end = relaxed(silicon_f64, cell, settings)
    shape = np.linalg.inv(cell.lattice) @ end.cell.lattice
    if freedom is Freedom.NONE:
        np.testing.assert_allclose(shape, np.eye(3), atol=1e-12)
        assert end.max_stress > settings.stress_tol
        return
    stretch = np.linalg.det(shape)
    assert bool(abs(stretch - 1) < 1e-9) is (freedom is Freedom.SHAPE)
    is_isotropic = np.allclose(shape, np.cbrt(stretch) * np.eye(3), atol=1e-9)
    assert is_isotropic is (freedom is Freedom.VOLUME)
    with jax.enable_x64(True):
        left = np.abs(freedom.part(jnp.asarray(end.stress + PRESSURE * np.eye(3)))).max()
    assert left == pytest.approx(end.max_stress, abs=1e-9)
    assert left < settings.stress_tol


@pytest.mark.parametrize("freedom", [Freedom.ALL, Freedom.SHAPE, Freedom.VOLUME])
def test_forces_are_minus_the_gradient_of_the_enthalpy(silicon_f64, diamond, freedom):
    step, settings = 1e-5, RelaxSettings(cell=freedom, pressure=PRESSURE)
    with jax.enable_x64(True):
        reference = pack([distorted(diamond)], 8, dtype="float64")
        rng = np.random.default_rng(1)
        within = freedom.part(jnp.asarray(rng.normal(0, 0.4, (3, 3))))
        coordinates = to_coordinates(reference).at[:, -3:].add(within)

        @jax.jit
        def evaluated(coordinates):
            cells = to_cells(coordinates, reference.lattice, reference.numbers)
            found = evaluate_cells(silicon_f64.model, silicon_f64.parameters, cells, ROOM)
            virial = unbalanced_stress(found.stress, settings) * cells.volume[:, None, None]
            forces = generalized_forces(coordinates, cells.numbers, found.forces, virial, freedom)
            return found.energy[0] + PRESSURE * cells.volume[0], forces[0]

        _, forces = evaluated(coordinates)
        for direction in rng.normal(0, 1, (4, *forces.shape)):
            along = jnp.asarray(direction).at[-3:].set(freedom.part(jnp.asarray(direction[-3:])))
            ahead, _ = evaluated(coordinates + step * along)
            behind, _ = evaluated(coordinates - step * along)
            slope = (ahead - behind) / (2 * step)
            assert float(jnp.sum(forces * along)) == pytest.approx(-float(slope), abs=1e-6)


def test_what_is_reported_at_the_end_is_of_the_end(silicon, silicon_f64, diamond):
    for potential, tolerance in ((silicon, 2e-5), (silicon_f64, 1e-10)):
        end = relaxed(potential, distorted(diamond), RelaxSettings())
        [again] = potential.evaluate([end.structure])
        np.testing.assert_allclose(end.forces, again.forces, atol=50 * tolerance)
        np.testing.assert_allclose(end.stress, again.stress, atol=tolerance)
        assert end.max_force == pytest.approx(np.linalg.norm(end.forces, axis=1).max())
        assert end.max_stress == pytest.approx(np.abs(end.stress).max())
