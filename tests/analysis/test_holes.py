"""Energies that are too low to be a crystal's."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from structures import nets_of_bn

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.holes import (
    SHORTER,
    SOFTNESS,
    USUAL,
    are_holes,
    contacts_of,
    holes_among,
    lowest_of_crowd,
)
from a2c_ray.analysis.polymorphs import polymorph_named, polymorphs, polymorphs_of
from a2c_ray.analysis.ranking import rank_candidates

SPREAD = np.linspace(-8.0, -7.8, 20)


@pytest.mark.parametrize(
    ("energies", "floor"),
    [
        ([*SPREAD, -8.9], -8.0),
        ([*SPREAD, -8.9, -8.89, -8.88], -8.0),
        ([*SPREAD, -8.25], -8.25),  # within the gap
        ([*SPREAD, *[-9.0] * 10], -9.0),  # one in three has reached it
        ([*[-8.0] * 30, -8.1], -8.1),  # the quartiles coincide
        ([*(-8.0 + 0.1 * np.arange(20)), -8.4, -8.39], -8.0),  # below a gap, not below the fence
        ([-9.0, *SPREAD[:6]], -9.0),  # too few to judge
        ([-8.0], -8.0),
    ],
)
def test_the_lowest_that_is_no_outlier(energies, floor):
    assert lowest_of_crowd(np.random.default_rng(0).permutation(energies), "BN") == floor


@pytest.mark.parametrize(("formula", "floor"), [("Fe", -8.0), ("Fe4B", -8.0), ("FeO", -8.25)])
def test_less_of_a_gap_tells_of_metals(formula, floor):
    assert lowest_of_crowd(np.array([*SPREAD, -8.25]), formula) == floor


def graphite(length: float) -> Structure:
    """A sheet of hexagons with bonds of a length, Å."""
    lattice = Lattice.hexagonal(3**0.5 * length, 6.7)
    return Structure(lattice, ["C"] * 2, [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0]])


def test_an_outlier_with_closer_atoms_is_a_hole(rutile):
    squeezed = rutile.copy()
    squeezed.scale_lattice(0.7 * rutile.volume)
    stretched = rutile.copy()
    stretched.scale_lattice(1.2 * rutile.volume)
    assert holes_among([squeezed, rutile, stretched], [rutile] * 3).tolist() == [True, False, False]


def test_an_outlier_with_more_neighbours_as_close_is_a_hole():
    """Its shortest distance is within a twentieth of that of crystals."""
    h_bn, c_bn = (polymorph_named(name).structure for name in ("h-BN", "c-BN"))
    hole = nets_of_bn()
    assert contacts_of(hole).shortest > SHORTER * contacts_of(h_bn).shortest
    assert holes_among([hole, c_bn], [h_bn]).tolist() == [True, False]
    assert holes_among([h_bn], [c_bn]).tolist() == [False]


def test_iron_squeezed_a_little_below_iron_is_a_hole():
    """As SevenNet-0 has it: atoms 2.13 Å apart, 0.08 eV/atom below b.c.c. iron."""
    iron = polymorph_named("Fe bcc").structure
    squeezed = iron.copy()
    squeezed.scale_lattice(0.87**3 * iron.volume)
    structures = [squeezed, *[iron] * 20]
    energies = np.array([-8.45, *np.linspace(-8.37, -8.36, 20)])
    assert np.flatnonzero(are_holes(structures, energies)).tolist() == [0]
    assert not are_holes(structures[1:], energies[1:]).any()


def molecules(symbol: str, bond: float) -> Structure:
    lattice = Lattice.orthorhombic(5.0, 5.0, 6.0)
    return Structure(lattice, [symbol] * 2, [[0, 0, 0], [0, 0, bond]], coords_are_cartesian=True)


@pytest.mark.parametrize(
    ("symbol", "bond", "usual", "is_hole"),
    [
        ("O", 1.23, 1.45, False),  # SevenNet-0's O2, beside chains
        ("N", 1.11, 1.4, False),
        ("O", 0.95, 1.45, True),  # shorter than any bond
        ("Fe", 2.0, 2.46, True),  # in vapours only
        ("B", 1.4, 1.6, True),
    ],
)
def test_molecules_among_others_are_no_holes(symbol, bond, usual, is_hole):
    [found] = holes_among([molecules(symbol, bond)], [molecules(symbol, usual)])
    assert found == is_hole


def test_longer_bonds_are_no_hole():
    """What hardly any relaxation has reached may be the crystal: graphite, among chains."""
    chain = Structure(Lattice.tetragonal(6.0, 1.28), ["C"], [[0, 0, 0]])
    assert holes_among([graphite(1.42)], [chain]).tolist() == [False]
    assert holes_among([graphite(1.05)], [chain]).tolist() == [True]


@pytest.mark.parametrize("formula", sorted({p.formula for p in polymorphs() if p.is_published}))
def test_published_polymorphs_are_no_holes_of_each_other(formula):
    known = [p.structure for p in polymorphs_of(formula) if p.is_published]
    assert not any(holes_among([one], known).any() for one in known)


def test_what_is_high_says_nothing_of_usual_bonds():
    """Only the lowest of the others are looked at."""
    usual, hole = graphite(1.42), graphite(1.2)
    structures = [hole, *[usual] * USUAL, *[graphite(1.0)] * 40]
    energies = np.array([-8.9, *np.linspace(-8.0, -7.99, USUAL), *np.linspace(-6.0, -5.0, 40)])
    assert np.flatnonzero(are_holes(structures, energies)).tolist() == [0]


def test_without_others_nothing_is_a_hole(rutile):
    assert holes_among([], [rutile]).tolist() == []
    assert holes_among([rutile], []).tolist() == [False]


def test_contacts_of_a_chain():
    chain = Structure(Lattice.tetragonal(30.0, 1.0), ["B"], [[0, 0, 0]])
    bonds = 2 * np.exp(-np.arange(1, 29) / SOFTNESS).sum()
    assert contacts_of(chain) == pytest.approx((1.0, bonds, False))


def test_a_hole_comes_last_and_sets_no_zero(rutile):
    """Crystals are ranked among themselves."""
    squeezed = rutile.copy()
    squeezed.scale_lattice(0.6 * rutile.volume)
    cells = [Candidate(rutile, energy, k) for k, energy in enumerate(np.linspace(-8.0, -7.99, 12))]
    lowest, hole = rank_candidates([Candidate(squeezed, -8.9, "hole"), *cells])
    assert (lowest.delta, lowest.is_degenerate) == (0.0, True)
    assert lowest.energy_per_atom == -8.0
    assert (hole.members, hole.is_degenerate) == (("hole",), False)
    assert hole.delta == pytest.approx(-0.9)


def test_a_crystal_that_hardly_anything_reaches_comes_first(rutile):
    """What the others have reached is shown after it, however far above."""
    strained = rutile.copy()
    strained.scale_lattice(1.3 * rutile.volume)
    cells = [
        Candidate(strained, energy, k) for k, energy in enumerate(np.linspace(-8.0, -7.99, 12))
    ]
    lowest, next_one = rank_candidates([*cells, Candidate(rutile, -8.9, "rutile")], window=0.05)
    assert (lowest.members, lowest.delta) == (("rutile",), 0.0)
    assert next_one.delta == pytest.approx(0.9)
    assert len(next_one.members) == 12
