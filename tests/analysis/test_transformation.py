"""What changes along a path, on crystals whose distances and angles are known."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.transformation import (
    Transformation,
    follow,
    shortest_bonds,
    spurious_shares,
    telling_steps,
)

EDGE = 5.65
"""Å; of rock salt."""


def rock_salt(edge: float, height: float | None = None) -> Structure:
    """Conventional cell, stretched along c."""
    lattice = Lattice.tetragonal(edge, height or edge)
    return Structure.from_spacegroup("P1", lattice, ["Na"] * 4 + ["Cl"] * 4, SITES)


SITES = [
    *([0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]),
    *([0.5, 0.5, 0.5], [0, 0, 0.5], [0, 0.5, 0], [0.5, 0, 0]),
]


@pytest.fixture(scope="module")
def glass() -> list[Structure]:
    """Rock salt that shakes, twice."""
    rng = np.random.default_rng(0)
    crystal = rock_salt(EDGE) * 2
    shaken = [crystal.cart_coords + rng.normal(0, 0.09, (64, 3)) for _ in range(2)]
    return [
        Structure(crystal.lattice, crystal.species, coords, coords_are_cartesian=True)
        for coords in shaken
    ]


@pytest.fixture(scope="module")
def followed(glass) -> Transformation:
    """From a flat cell, in which like atoms are too close, to rock salt."""
    path = [rock_salt(EDGE, height) for height in (3.2, 4.4, 5.5, EDGE)]
    return follow(path, np.array([-1.0, -2.5, -2.9, -3.0]), glass)


def test_bonds_of_the_glass_end_between_its_shells(followed):
    shells = {
        ("Na", "Cl"): (EDGE / 2, EDGE * 3**0.5 / 2),
        ("Na", "Na"): (EDGE / 2**0.5, EDGE),
        ("Cl", "Cl"): (EDGE / 2**0.5, EDGE),
    }
    assert set(followed.bond_lengths) == set(shells)
    for pair, (first, second) in shells.items():
        assert first + 0.2 < followed.bond_lengths[pair] < second - 0.2


def test_the_shortest_bonds_are_those_of_all_frames(followed, glass):
    for a, b in followed.bond_lengths:
        shortest = np.inf
        for frame in glass:
            symbols = np.array([site.specie.symbol for site in frame])
            between = frame.distance_matrix[np.ix_(symbols == a, symbols == b)]
            shortest = min(shortest, between[between > 0.0].min())
        assert followed.shortest[a, b] == pytest.approx(shortest)


def test_spurious_bonds_go_as_the_cell_grows(followed):
    """Like atoms are two images, eight neighbours above and below, and four at 4.00 Å beside."""
    assert 3.6 < followed.shortest["Na", "Na"] < 3.8
    like, unlike = followed.spurious["Na", "Na"], followed.spurious["Na", "Cl"]
    np.testing.assert_allclose(like[:2], [(2 + 8) / 14, 8 / 14])  # 3.20 and 3.25 Å, 3.58 Å
    np.testing.assert_array_equal(like[2:], 0.0)
    np.testing.assert_array_equal(unlike[2:], 0.0)
    assert followed.last_spurious["Na", "Na"] == 1


def test_fingerprints_are_lines_where_the_crystal_has_distances_and_angles(followed):
    end = followed.cells[-1]
    radial = end.radial
    within = radial.r < 4.5
    unlike = radial.r[within & (radial.of("Na", "Cl") > 0.0)]
    np.testing.assert_allclose(unlike, [EDGE / 2], atol=0.02)
    like = radial.r[within & (radial.of("Na", "Na") > 0.0)]
    np.testing.assert_allclose(like, [EDGE / 2**0.5], atol=0.02)
    assert set(end.angular.density) == {("Cl", "Na", "Cl"), ("Na", "Cl", "Na")}
    angles = end.angular.angle[end.angular.of("Cl", "Na", "Cl") > 0.0]
    np.testing.assert_allclose(angles[0], 90.0, atol=1.0)
    np.testing.assert_allclose(angles[-1], 180.0, atol=1.0)
    assert len(angles) <= 3  # 90 lies between two bins


def test_shares_are_of_the_bonds_of_a_pair():
    cells = [rock_salt(EDGE, 5.0), rock_salt(EDGE)]
    bonds = {("Na", "Cl"): 3.0, ("Na", "Na"): 3.0}
    shares = spurious_shares(cells, bonds, {("Na", "Cl"): 2.6, ("Na", "Na"): 2.6})
    np.testing.assert_allclose(shares["Na", "Cl"], [2 / 6, 0.0])
    np.testing.assert_array_equal(shares["Na", "Na"], 0.0)


def test_a_cell_may_lack_an_element_of_the_glass(glass):
    metal = [Structure(Lattice.cubic(edge), ["Na"], [[0, 0, 0]]) for edge in (3.0, 4.2)]
    followed = follow(metal, np.array([0.0, -1.0]), glass)
    np.testing.assert_array_equal(followed.spurious["Na", "Cl"], 0.0)
    assert followed.spurious["Na", "Na"][0] > 0.0
    assert followed.cells[0].angular.density == {}


@pytest.mark.parametrize(
    ("lengths", "kept"),
    [
        ({"TiTi": 4.0, "TiO": 2.5, "OO": 3.5}, {"TiO"}),
        ({"CaCa": 4.6, "CaC": 3.6, "CaO": 3.2, "CC": 4.0, "CO": 1.8, "OO": 2.6}, {"CaO", "CO"}),
        ({"SiSi": 2.9}, {"SiSi"}),
        ({}, set()),
    ],
)
def test_shortest_bonds_of_each_element(lengths, kept):
    pairs = {tuple(_symbols(name)): length for name, length in lengths.items()}
    assert {"".join(pair) for pair in shortest_bonds(pairs)} == kept


def _symbols(name: str) -> list[str]:
    starts = [k for k, letter in enumerate(name) if letter.isupper()]
    return [name[starts[0] : starts[1]], name[starts[1] :]]


def test_telling_steps_are_where_shares_of_the_drop_remain():
    energy = -3.0 + 0.5 ** np.arange(12)
    assert telling_steps(energy) == (0, 1, 4, 7, 11)
    assert telling_steps(np.array([-3.0])) == (0,)


def test_rises_and_their_noise(followed):
    assert followed.is_downhill
    assert followed.largest_rise == 0.0
    glass, path = followed.glass, (0.0, -1.0, -1.0 + 4e-6, -2.0, -1.5)
    for n, is_downhill, rise in ((4, True, 4e-6), (5, False, 0.5)):
        changed = Transformation(np.array(path[:n]), {}, {}, {}, glass, (), ())
        assert changed.is_downhill is is_downhill
        assert changed.largest_rise == pytest.approx(rise)
