"""Bonds and coordination numbers."""

from __future__ import annotations

import numpy as np
import pytest
from ase.neighborlist import neighbor_list
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.coordination import (
    brunner_coordination,
    coordination,
    find_bonds,
    first_minima,
)
from a2c_ray.analysis.distributions import FramesError, NoElementError, first_minimum, rdf
from a2c_ray.analysis.polymorphs import polymorphs_of


def crystal(formula: str, name: str) -> Structure:
    """Primitive cell of a polymorph of the library."""
    found = next(p for p in polymorphs_of(formula) if name in p.name)
    return found.structure.get_primitive_structure()


CRYSTALS = [
    ("BN", "c-BN", "B", "N", 4),
    ("BN", "c-BN", "N", "B", 4),
    ("BN", "h-BN", "B", "N", 3),
    ("BN", "r-BN", "N", "B", 3),
    ("TiO2", "rutile", "Ti", "O", 6),
    ("TiO2", "rutile", "O", "Ti", 3),
    ("TiO2", "anatase", "Ti", "O", 6),
    ("SiO2", "quartz", "Si", "O", 4),
    ("SiO2", "quartz", "O", "Si", 2),
]


@pytest.mark.parametrize(("formula", "name", "center", "neighbor", "number"), CRYSTALS)
def test_crystals(formula, name, center, neighbor, number):
    structure = crystal(formula, name)
    for found in (
        coordination(structure, center, neighbor),
        brunner_coordination(structure, center, neighbor),
    ):
        assert np.all(found.numbers == number)
        assert found.numbers.shape == (1, structure.composition[center])
        assert found.mean == number
        assert found.shares.tolist() == [0.0] * number + [1.0]


def test_brunner_agrees_with_its_definition(random_glass):
    atoms = AseAtomsAdaptor.get_atoms(random_glass)
    i, j, d = neighbor_list("ijd", atoms, 8.0)
    expected = []
    for atom in np.flatnonzero(atoms.symbols == "Ti"):
        near = j[i == atom][np.argsort(d[i == atom])]
        gaps = -np.diff(1 / np.sort(d[i == atom]))
        expected.append(np.sum(atoms.symbols[near[: np.argmax(gaps) + 1]] == "O"))
    found = brunner_coordination([random_glass, random_glass], "Ti", "O")
    assert found.numbers.tolist() == [expected, expected]
    assert len(set(expected)) > 3
    assert found.mean == pytest.approx(np.dot(found.shares, np.arange(len(found.shares))))


def test_brunner_lets_like_atoms_compete():
    """N2 molecules between B atoms: N has one neighbour, and it is not B."""
    structure = Structure(
        Lattice.cubic(4), ["B", "N", "N"], [[0, 0, 0], [0.5, 0.5, 0.36], [0.5, 0.5, 0.64]]
    )
    assert brunner_coordination(structure, "N", "N").mean == 1
    assert brunner_coordination(structure, "N", "B").mean == 0
    assert brunner_coordination(structure, "B", "N").mean > 0


def test_coordination_is_the_integral_of_the_radial_distribution(random_glass):
    length = 3.0  # an edge of the bins
    radial = rdf(random_glass, length)
    shells = 4 / 3 * np.pi * np.diff(np.linspace(0, length, len(radial.r) + 1) ** 3)
    integral = 64 / random_glass.volume * np.sum(shells * radial.of("Ti", "O"))
    assert coordination(random_glass, "Ti", "O", length).mean == pytest.approx(integral)


def test_bonds_are_those_of_ase_and_seen_from_both_ends(rutile):
    lengths = {("F", "Mg"): 3.7, ("F", "F"): 2.9}  # no bonds between Mg
    bonds = find_bonds(rutile, ["Mg", "F"], lengths)
    atoms = AseAtomsAdaptor.get_atoms(rutile)
    i, j, vectors = neighbor_list("ijD", atoms, lengths)
    assert sorted(zip(bonds.center, bonds.end, strict=True)) == sorted(zip(i, j, strict=True))
    order, expected = np.lexsort(bonds.vector.T.round(6)), np.lexsort(vectors.T.round(6))
    np.testing.assert_allclose(bonds.vector[order], vectors[expected], atol=1e-6)
    assert np.all(np.diff(bonds.center) >= 0)
    np.testing.assert_allclose(bonds.vector.sum(axis=0), 0.0, atol=1e-9)


def test_first_minima_skip_pairs_without_one():
    rock_salt = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0, 0]]
    )
    radial = rdf(rock_salt, 5.2)  # two shells of Na-Cl, one of Na-Na
    minima = first_minima(radial)
    assert minima == {("Na", "Cl"): first_minimum(radial, "Na", "Cl")}
    assert 3.0 < minima["Na", "Cl"] < 4.7


def test_what_cannot_be_counted_is_explained(rutile):
    with pytest.raises(NoElementError, match="there is no O; there are: Mg, F"):
        coordination(rutile, "Mg", "O")
    with pytest.raises(NoElementError):
        brunner_coordination(rutile, "O", "Mg")
    lonely = Structure(Lattice.cubic(9), ["Ar"], [[0, 0, 0]])
    with pytest.raises(FramesError, match="atom 0 has fewer than two others within 8 Å"):
        brunner_coordination(lonely, "Ar", "Ar")
