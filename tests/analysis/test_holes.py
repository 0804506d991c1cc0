"""Energies that are too low to be a crystal's."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.holes import floor_of, floors_of
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
    assert floor_of(np.random.default_rng(0).permutation(energies)) == floor


def test_a_published_polymorph_is_no_hole():
    energies = {"TiO2": np.array([*SPREAD, -8.9])}
    assert floors_of(energies) == {"TiO2": -8.0}
    assert floors_of(energies, {"TiO2": -8.9}) == {"TiO2": -8.9}
    assert floors_of(energies, {"TiO2": -7.9, "BN": -8.7}) == {"TiO2": -8.0}


def test_a_hole_comes_last_and_sets_no_zero(rutile):
    """Crystals of usual energies are ranked among themselves."""
    squeezed = rutile.copy()
    squeezed.scale_lattice(0.6 * rutile.volume)
    cells = [Candidate(rutile, energy, k) for k, energy in enumerate(np.linspace(-8.0, -7.99, 12))]
    lowest, hole = rank_candidates([Candidate(squeezed, -8.9, "hole"), *cells])
    assert (lowest.delta, lowest.is_degenerate) == (0.0, True)
    assert lowest.energy_per_atom == -8.0
    assert (hole.members, hole.is_degenerate) == (("hole",), False)
    assert hole.delta == pytest.approx(-0.9)
