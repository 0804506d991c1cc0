"""Distributions of bond angles."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.bond_angles import NoAngleError, bond_angles
from a2c_ray.analysis.distributions import NoElementError, first_minimum, rdf

ROCK_SALT = Structure.from_spacegroup(
    "Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0, 0]]
)


def shares(angles, density) -> dict[float, float]:
    """Share of the angles in each bin that has any."""
    width = angles[1] - angles[0]
    return {float(angles[k]): float(density[k] * width) for k in np.flatnonzero(density)}


def test_tetrahedra(diamond):
    angles = bond_angles(diamond.get_primitive_structure(), bin_width=0.5)
    assert shares(angles.angle, angles.of("Si", "Si", "Si")) == {109.25: pytest.approx(1.0)}
    assert angles.bond_lengths == {("Si", "Si"): first_minimum(rdf(diamond), "Si", "Si")}


def test_octahedra():
    """Twelve right angles and three straight ones; 90° is the edge of two bins."""
    angles = bond_angles(ROCK_SALT.get_primitive_structure(), {("Na", "Cl"): 3.0}, bin_width=1.0)
    assert set(angles.density) == {("Cl", "Na", "Cl"), ("Na", "Cl", "Na")}
    for density in angles.density.values():
        found = shares(angles.angle, density)
        assert found.pop(179.5) == pytest.approx(0.2)
        assert set(found) <= {89.5, 90.5}
        assert sum(found.values()) == pytest.approx(0.8)


def test_agrees_with_a_loop_over_neighbours(random_glass):
    lengths = {("Ti", "O"): 2.2, ("O", "O"): 1.8}
    found = bond_angles(random_glass, lengths, bin_width=10.0)
    assert ("Ti", "O", "O") in found.density
    assert not any("Ti" in t[0] and "Ti" in t[1] for t in found.density)
    for triplet, density in found.density.items():
        expected = []
        for site in random_glass:
            near = [
                other
                for other in random_glass.get_neighbors(site, 2.2)
                if other.nn_distance
                <= lengths.get(tuple(sorted((site.specie.symbol, other.specie.symbol)))[::-1], 0)
            ]
            for one, other in combinations(near, 2):
                ends = {(one.specie.symbol, other.specie.symbol)}
                ends |= {ends_[::-1] for ends_ in ends}
                if site.specie.symbol == triplet[1] and (triplet[0], triplet[2]) in ends:
                    a, b = one.coords - site.coords, other.coords - site.coords
                    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
                    expected.append(np.degrees(np.arccos(cosine)))
        reference, _ = np.histogram(expected, 18, (0, 180), density=True)
        np.testing.assert_allclose(density, reference, atol=1e-12)


def test_directions_without_order_follow_the_sine():
    rng = np.random.default_rng(0)
    frames = [Structure(Lattice.cubic(10), ["Ar"] * 200, rng.random((200, 3))) for _ in range(5)]
    bonds = {("Ar", "Ar"): 2.5}
    angles = bond_angles(frames, bonds, bin_width=10.0)
    sine = np.pi / 360 * np.sin(np.radians(angles.angle))
    np.testing.assert_allclose(angles.of("Ar", "Ar", "Ar"), sine, atol=0.04 * sine.max())
    even = bond_angles(frames, bonds, bin_width=10.0, per_solid_angle=True).of("Ar", "Ar", "Ar")
    np.testing.assert_allclose(even[2:-2], 1 / 180, rtol=0.06)


@pytest.mark.parametrize("per_solid_angle", [False, True])
@pytest.mark.parametrize("smearing", [0.0, 8.0])
def test_densities_integrate_to_one(random_glass, smearing, per_solid_angle):
    angles = bond_angles(random_glass, None, 4.0, smearing, per_solid_angle)
    for density in angles.density.values():
        assert 4.0 * density.sum() == pytest.approx(1.0)


def test_smearing_widens_peaks(diamond):
    angles = bond_angles(diamond, bin_width=0.5, smearing=5.0)
    density = angles.of("Si", "Si", "Si")
    mean = np.average(angles.angle, weights=density)
    assert mean == pytest.approx(109.47, abs=0.25)
    deviation = np.sqrt(np.average((angles.angle - mean) ** 2, weights=density))
    assert deviation == pytest.approx(5.0, rel=0.01)


def test_smearing_keeps_straight_angles():
    """What is spread beyond 180° comes back."""
    density = bond_angles(ROCK_SALT, {("Na", "Cl"): 3.0}, 1.0, 5.0).of("Cl", "Na", "Cl")
    assert density[135:].sum() == pytest.approx(0.2)


def test_ends_come_in_either_order(rutile):
    angles = bond_angles(rutile)
    assert angles.of("F", "F", "Mg") is angles.of("Mg", "F", "F")


def test_angles_that_do_not_occur(rutile):
    angles = bond_angles(rutile, {("Mg", "F"): 2.3})
    with pytest.raises(NoAngleError, match="no angle F-F-F occurs; there are: F-Mg-F, Mg-F-Mg"):
        angles.of("F", "F", "F")
    with pytest.raises(NoElementError, match="there is no O"):
        bond_angles(rutile, {("Mg", "O"): 2.3})
