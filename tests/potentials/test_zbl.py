"""The short-range repulsion: numbers, derivatives, and that it leaves sound matter alone."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from ase.data import atomic_numbers, covalent_radii
from pymatgen.core import Lattice, Structure
from structures import read_structures

from a2c_ray.analysis.polymorphs import polymorphs
from a2c_ray.cells import Cell
from a2c_ray.errors import InputError
from a2c_ray.potentials.loading import load_potential
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.neighbors import Capacity
from a2c_ray.potentials.potential import Potential
from a2c_ray.potentials.zbl import INNER, OUTER, switch, with_zbl
from a2c_ray.relaxation.batching import Relaxer
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.relaxation.slots import RelaxSettings

CUTOFF = 3.5


def nothing(parameters, numbers, edges):
    return 0.0 * jnp.sum(edges.vectors, axis=(-2, -1))


@pytest.fixture(scope="module")
def repulsion():
    """Alone, in double precision, for all elements."""
    elements = tuple(range(1, 97))
    return with_zbl(Potential("none", EnergyModel(nothing, CUTOFF), elements, (), "float64", "0"))


def pair(a, b, distance):
    return Structure(
        Lattice.cubic(15.0), [a, b], [[1, 1, 1], [1, 1, 1 + distance]], coords_are_cartesian=True
    )


def universal(a, b, distance):
    """As printed in the book, with its rounded numbers."""
    z1, z2 = atomic_numbers[a], atomic_numbers[b]
    x = distance / (0.8854 * 0.529 / (z1**0.23 + z2**0.23))
    screening = (
        0.1818 * np.exp(-3.2 * x)
        + 0.5099 * np.exp(-0.9423 * x)
        + 0.2802 * np.exp(-0.4028 * x)
        + 0.02817 * np.exp(-0.2016 * x)
    )
    return 14.4 * z1 * z2 / distance * screening


@pytest.mark.parametrize(("a", "b"), [("Si", "Si"), ("Mg", "F"), ("Ti", "O"), ("H", "U")])
@pytest.mark.parametrize("contact", [0.05, 0.2, 0.449])
def test_the_universal_potential_within_the_inner_radius(repulsion, a, b, contact):
    distance = contact * (covalent_radii[atomic_numbers[a]] + covalent_radii[atomic_numbers[b]])
    energy = repulsion.evaluate([pair(a, b, distance)])[0].energy
    assert energy == pytest.approx(universal(a, b, distance), rel=3e-3)


def test_bare_charges_when_they_coincide_and_nothing_when_they_touch(repulsion):
    energies = [
        result.energy
        for result in repulsion.evaluate(
            [pair("Si", "C", d) for d in (0.012, 1.87 * 0.6, 1.87 * 0.601, 3.0)]
        )
    ]
    assert energies[0] == pytest.approx(14.4 * 14 * 6 / 0.012, rel=0.15)
    assert energies[1] == pytest.approx(0.0, abs=1e-12)
    assert energies[2:] == [0.0, 0.0]


def test_one_screening_length_apart(repulsion):
    """The screening function at 1 is 0.4164."""
    length = 0.8854 * 0.529177 / (2 * 14**0.23)
    energy = repulsion.evaluate([pair("Si", "Si", length)])[0].energy
    assert energy == pytest.approx(0.4164 * 14.399645 * 14**2 / length, rel=1e-4)


def test_the_switch_has_two_smooth_derivatives():
    with jax.enable_x64(True):
        second = jax.vmap(jax.grad(jax.grad(switch)))
        for edge, value in ((INNER, 1.0), (OUTER, 0.0)):
            around = jnp.array([edge - 1e-7, edge, edge + 1e-7])
            np.testing.assert_allclose(switch(around), value, atol=1e-12)
            np.testing.assert_allclose(second(around), 0.0, atol=2e-3)
        between = np.asarray(switch(jnp.linspace(INNER, OUTER, 50)))
    assert np.all(np.diff(between) < 0.0)


def test_forces_and_stress_are_derivatives_of_the_energy(silicon_f64, diamond):
    potential = with_zbl(silicon_f64)
    diamond.scale_lattice(diamond.volume * 0.5**3)
    diamond.perturb(0.02, seed=0)
    step, moved = 1e-5, []
    for sign in (1, -1):
        structure = diamond.copy()
        structure.translate_sites([3], [sign * step, 0, 0], frac_coords=False)
        strained = diamond.copy()
        strain = np.eye(3)
        strain[0, 1] = strain[1, 0] = sign * step / 2
        strained.lattice = strained.lattice.matrix @ strain
        moved += [structure, strained]
    plus, sheared, minus, unsheared, centre = potential.evaluate([*moved, diamond])
    assert centre.energy > silicon_f64.evaluate([diamond])[0].energy + 10.0
    force = (minus.energy - plus.energy) / (2 * step)
    assert centre.forces[3, 0] == pytest.approx(force, rel=1e-6, abs=1e-5)
    stress = (sheared.energy - unsheared.energy) / (2 * step) / diamond.volume
    assert centre.stress[0, 1] == pytest.approx(stress, rel=1e-6, abs=1e-5)
    np.testing.assert_allclose(centre.forces.sum(axis=0), 0.0, atol=1e-8)


def contact(structure):
    """Smallest distance over the sum of the covalent radii."""
    i, j, _, distances = structure.get_neighbor_list(CUTOFF)
    radii = covalent_radii[np.array(structure.atomic_numbers)]
    return np.min(distances / (radii[i] + radii[j]), initial=np.inf)


def test_reference_structures_and_published_crystals_feel_nothing(repulsion):
    references = [structure for _, structure in read_structures("sevennet0_reference.json")]
    sound = [s for s in references if contact(s) > OUTER]
    assert len(sound) > len(references) // 2
    crystals = sorted((polymorph.structure for polymorph in polymorphs()), key=contact)
    assert contact(crystals[0]) > 0.1 + OUTER
    small = [structure for structure in sound + crystals[:8] if len(structure) < 25]
    assert len(small) > 12
    for result in repulsion.evaluate(small):
        assert result.energy == 0.0
        assert not result.forces.any()
        assert not result.stress.any()


@pytest.mark.parametrize(("name", "rounding"), [("silicon", 2e-6), ("silicon_f64", 1e-13)])
def test_numbers_of_sound_structures_stay_but_for_rounding(request, name, rounding, diamond):
    """What is added is zero, in another program that sums in another order."""
    potential = request.getfixturevalue(name)
    diamond.perturb(0.2, seed=0)
    before, after = (p.evaluate([diamond])[0] for p in (potential, with_zbl(potential)))
    assert after.energy == pytest.approx(before.energy, rel=rounding)
    np.testing.assert_allclose(after.forces, before.forces, atol=rounding)
    np.testing.assert_allclose(after.stress, before.stress, atol=rounding)


@pytest.mark.slow
def test_numbers_of_sevennet_stay_but_for_rounding(sevennet, rutile):
    """Another program sums in another order."""
    before, after = (p.evaluate([rutile])[0] for p in (sevennet, with_zbl(sevennet)))
    assert after.energy == pytest.approx(before.energy, abs=1e-5)
    np.testing.assert_allclose(after.forces, before.forces, atol=2e-6)


def test_atoms_in_a_hole_are_pushed_apart():
    """A potential with a minimum at 2.4 Å, and a deep hole that begins at 1.2 Å."""

    def atomic_energies(parameters, numbers, edges):
        square = jnp.sum(edges.vectors**2, axis=-1)
        well = -3.0 * jnp.exp(-(((jnp.sqrt(square + 1e-8) - 2.4) / 0.6) ** 2))
        hole = -30.0 * jnp.exp(-square / 0.45**2)
        return 0.5 * jnp.sum(jnp.where(edges.mask, well + hole, 0.0), axis=-1)

    hollow = Potential("hollow", EnergyModel(atomic_energies, 4.0), (14,), (), "float32", "0")
    cell = Cell.from_structure(pair("Si", "Si", 1.0))
    settings = RelaxSettings(200, cell=Freedom.NONE)
    shapes = (Shape(2, Capacity(8, 27)),)
    ends = [
        next(Relaxer(potential, settings, shapes).relax([cell]))
        for potential in (hollow, with_zbl(hollow))
    ]
    assert [end.outcome for end in ends] == [Outcome.FUSED, Outcome.CONVERGED]
    assert ends[0].min_distance < 0.5
    assert ends[1].min_distance == pytest.approx(2.4, abs=0.05)
    assert ends[1].closest_contact == pytest.approx(1.0 / 2.22, abs=1e-3)
    assert ends[1].peak_force > 100.0


def test_the_repulsion_shows_in_name_and_fingerprint(silicon):
    potential = load_potential("stillinger-weber", zbl=True)
    assert potential.name == "stillinger-weber+zbl"
    assert potential.fingerprint == silicon.fingerprint + "+zbl"
    np.testing.assert_array_equal(potential.energy_floor, silicon.energy_floor)


def test_what_it_cannot_be_added_to_is_one_line(silicon):
    with pytest.raises(
        InputError, match=r"^potential.zbl=true: nothing can be added to ase:[^\n]*$"
    ):
        load_potential("ase", factory="ase.calculators.emt:EMT", zbl=True)
    short = dataclasses.replace(silicon, model=silicon.model._replace(cutoff=1.0))
    with pytest.raises(InputError, match=r"needs a cutoff of 1.33 Å"):
        with_zbl(short)
