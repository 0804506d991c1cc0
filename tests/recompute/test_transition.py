"""Pressures of transitions, against curves of energy over volume."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from scipy.interpolate import RectBivariateSpline
from scipy.optimize import brentq

from a2c_ray.errors import InputError, OperationError
from a2c_ray.recompute import transition
from a2c_ray.recompute.transition import (
    NoTransitionError,
    State,
    linear_pressure,
    transition_pressure,
)
from a2c_ray.units import GPA_PER_EV_A3


@pytest.fixture
def beta_tin():
    """Silicon's structure under pressure; symmetry leaves it two lengths."""
    lattice = Lattice.tetragonal(4.97, 2.79)
    return Structure.from_spacegroup("I4_1/amd", lattice, ["Si"], [[0, 0, 0]])


class Surface:
    """Energy of a crystal over its two lattice constants, interpolated."""

    def __init__(self, potential, crystal, edges, heights):
        at = [(edge, height) for edge in edges for height in heights]
        crystals = [
            Structure(Lattice.tetragonal(*lengths), crystal.species, crystal.frac_coords)
            for lengths in at
        ]
        energies = [result.energy / len(crystal) for result in potential.evaluate(crystals)]
        grid = np.reshape(energies, (len(edges), len(heights)))
        edges_finely, heights_finely = (np.linspace(x[0], x[-1], 801) for x in (edges, heights))
        self.energy = RectBivariateSpline(edges, heights, grid)(edges_finely, heights_finely)
        self.volume = np.multiply.outer(edges_finely**2, heights_finely) / len(crystal)

    def lowest(self, pressure):
        """Of E + PV."""
        enthalpy = self.energy + pressure / GPA_PER_EV_A3 * self.volume
        k = np.argmin(enthalpy)
        return State(enthalpy.flat[k], self.volume.flat[k])


def test_the_pressure_of_the_paper():
    """At P0 the linear enthalpies are equal, whichever crystal comes first."""
    one, other = State(-8.785, 10.33), State(-8.687, 5.93)
    pressure = linear_pressure(one, other) / GPA_PER_EV_A3
    assert pressure * one.volume + one.enthalpy == pytest.approx(
        pressure * other.volume + other.enthalpy
    )
    assert linear_pressure(other, one) == linear_pressure(one, other) > 0


@pytest.mark.slow
def test_equal_enthalpies_are_those_of_all_lattice_constants(silicon_f64, diamond, beta_tin):
    edges = np.linspace(5.1, 5.5, 6)
    one = Surface(silicon_f64, diamond, edges, edges)
    other = Surface(silicon_f64, beta_tin, np.linspace(4.6, 5.1, 8), np.linspace(2.6, 2.9, 6))

    def difference(pressure):
        return other.lowest(pressure).enthalpy - one.lowest(pressure).enthalpy

    found = transition_pressure(silicon_f64, diamond, beta_tin, is_linear=False)
    assert found == pytest.approx(brentq(difference, 0.0, 30.0), abs=0.05)
    linear = transition_pressure(silicon_f64, diamond, beta_tin)
    assert linear == pytest.approx(linear_pressure(one.lowest(0.0), other.lowest(0.0)), rel=0.005)
    assert found > linear + 1.0  # the crystals do give way


@pytest.mark.slow
def test_boron_nitride_under_sevennet(sevennet):
    """3.6 GPa, from ASE's FIRE on the same potential."""
    assert transition_pressure(sevennet, "h-BN", "c-BN") == pytest.approx(3.6, abs=0.05)


def test_atoms_that_are_held_fixed_move(silicon_f64, diamond, beta_tin):
    hexagonal = Structure.from_spacegroup(
        "P6_3/mmc", Lattice.hexagonal(3.84, 6.3), ["Si"], [[1 / 3, 2 / 3, 0.06]]
    )
    free = transition_pressure(silicon_f64, hexagonal, beta_tin, is_linear=False)
    for crystal in (hexagonal, beta_tin):
        crystal.add_site_property("selective_dynamics", [[False] * 3] * len(crystal))
    with pytest.warns(UserWarning, match="atoms are fixed in 2 cells, and move"):
        fixed = transition_pressure(silicon_f64, hexagonal, beta_tin, is_linear=False)
    assert fixed == pytest.approx(free, abs=0.01)


def test_what_does_not_converge_is_told(silicon, diamond, beta_tin, monkeypatch):
    monkeypatch.setattr(transition, "MAX_STEPS", 2)
    with pytest.raises(OperationError, match="a crystal of Si max_steps when relaxed"):
        transition_pressure(silicon, diamond, beta_tin)


def test_no_transition(silicon, diamond, rutile):
    with pytest.raises(NoTransitionError, match="no pressure turns Si into MgF2"):
        transition_pressure(silicon, diamond, rutile)
    with pytest.raises(NoTransitionError, match="equal volume"):
        linear_pressure(State(-4.0, 20.0), State(-3.9, 20.0))


def test_energies_that_are_none_have_no_pressure():
    with pytest.raises(InputError, match=r"must be finite, not State.*nan"):
        linear_pressure(State(float("nan"), 10.0), State(-5.0, 12.0))
