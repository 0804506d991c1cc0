"""Energies that are too low to be a crystal's."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.holes import (
    SHORTER,
    USUAL,
    Floor,
    floor_of,
    floors_of,
    lowest_of_crowd,
    shortest_distance,
)
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
    assert lowest_of_crowd(np.random.default_rng(0).permutation(energies)) == floor


@pytest.mark.parametrize(
    ("distance", "lowest"),
    [(1.23, -8.0), (1.42, -8.9), (np.nan, -8.9), (1.01 * SHORTER * 1.45, -8.9)],
)
def test_an_outlier_is_a_hole_if_its_atoms_are_closer(distance, lowest):
    """What hardly any relaxation has reached may be the crystal."""
    energies, distances = np.array([*SPREAD, -8.9]), np.array([1.45] * 20 + [distance])
    assert floor_of(energies, distances) == Floor(lowest, -8.0, pytest.approx(SHORTER * 1.45))


def test_what_is_high_says_nothing_of_usual_distances():
    energies = np.array([*np.linspace(-8.0, -7.99, USUAL), *np.linspace(-6.0, -5.0, 40), -8.9])
    distances = np.array([1.45] * USUAL + [1.0] * 40 + [1.23])
    assert floor_of(energies, distances).energy == -8.0


def test_without_distances_nothing_is_a_hole():
    assert floor_of(np.array([*SPREAD, -8.9]), np.full(21, np.nan)) == Floor(-8.9, -8.0, 0.0)


def test_shortest_distance(rutile):
    assert shortest_distance(rutile) == pytest.approx(1.98, abs=0.02)
    alone = Structure(Lattice.tetragonal(3.0, 9.0), ["B"], [[0.1, 0, 0]])
    assert shortest_distance(alone) == pytest.approx(3.0)


def test_a_published_polymorph_is_no_hole():
    cells = {"TiO2": (np.array([*SPREAD, -8.9]), np.array([1.9] * 20 + [1.5]))}
    for published, lowest in ((None, -8.0), (-8.9, -8.9), (-7.9, -8.0)):
        known = {"BN": -8.7} if published is None else {"TiO2": published}
        assert floors_of(cells, known)["TiO2"].energy == lowest


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
