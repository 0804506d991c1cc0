"""How close atoms came and how large forces were, over all steps of a path."""

from __future__ import annotations

import numpy as np
import pytest
from ase.data import covalent_radii
from pymatgen.core import Lattice, Structure

from a2c_ray.cells import Cell
from a2c_ray.crystallize.recording import record
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

ROOMY = (Shape(4, Capacity(48, 343)),)
SUM_OF_RADII = 2 * covalent_radii[14]


def shortest(structure: Structure) -> float:
    """Å, images included."""
    return min(
        n.nn_distance for n in (site for s in structure.get_all_neighbors(4.0) for site in s)
    )


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    """Of shaken silicon; atoms of the last are close."""
    rng = np.random.default_rng(5)
    primitive = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.5), ["Si"], [[0, 0, 0]])
    primitive = primitive.get_primitive_structure()
    moved = [primitive.cart_coords + rng.normal(0, 0.2, (2, 3)) for _ in range(3)]
    moved.append(np.array([[0.0, 0.0, 0.0], [0.9, 0.9, 0.9]]))
    structures = [
        Structure(primitive.lattice, ["Si", "Si"], at, coords_are_cartesian=True) for at in moved
    ]
    return [Cell.from_structure(structure) for structure in structures]


@pytest.mark.parametrize("optimizer", ["lbfgs", pytest.param("fire", marks=pytest.mark.slow)])
def test_they_are_those_of_the_recorded_path(silicon, cells, optimizer):
    relaxer = Relaxer(silicon, RelaxSettings(60, optimizer=optimizer), ROOMY, 16)
    for end in relax_cells(relaxer, cells, None):
        path = record(relaxer, cells[end.index], None)
        frames = [path.cell(step).structure for step in range(path.n_steps + 1)]
        closest = min(shortest(frame) for frame in frames)
        assert end.closest_contact == pytest.approx(closest / SUM_OF_RADII, rel=1e-4)
        assert end.peak_force == pytest.approx(np.max(path.max_force), rel=1e-5)
        assert end.min_distance == pytest.approx(shortest(frames[-1]), rel=1e-4)


def test_a_slot_begins_anew_with_each_cell(silicon, cells):
    """One slot for all of them: what the last went through is not the next one's."""
    one_slot = Relaxer(silicon, RelaxSettings(60), ROOMY, 4)
    queue = [cells[3], cells[0]]
    first, second = sorted(one_slot.relax(queue), key=lambda end: end.index)
    [alone] = one_slot.relax([cells[0]])
    assert first.peak_force > 2 * second.peak_force
    assert (second.peak_force, second.closest_contact) == (
        alone.peak_force,
        alone.closest_contact,
    )
