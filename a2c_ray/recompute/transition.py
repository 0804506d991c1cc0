"""Pressure at which one crystal becomes more stable than another, at 0 K under a potential."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ase import Atoms
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.polymorphs import polymorph_named
from a2c_ray.crystallize.relax import relax
from a2c_ray.errors import InputError, OperationError
from a2c_ray.potentials.calculator import ASECalculator
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.units import GPA_PER_EV_A3

FORCE_TOL, STRESS_TOL = 0.005, 3.0e-5
"""eV/Å and eV/Å³: tighter than for subcells, since energies a few meV apart are compared."""

MAX_STEPS = 500

SAME_VOLUME = 1e-3
"""Relative difference of volumes below which pressure does not tell two crystals apart."""

PRESSURE_TOL = 0.01
"""GPa."""

MAX_ITERATIONS = 20


class NoTransitionError(InputError):
    """Two crystals between which pressure does not decide."""


class State(NamedTuple):
    """A relaxed crystal.

    enthalpy: eV/atom; the energy where there is no pressure.
    volume: Å³/atom.
    """

    enthalpy: float
    volume: float


def linear_pressure(one: State, other: State) -> float:
    """P₀ = (E₂ - E₁) / (V₁ - V₂), GPa; negative if the denser crystal is lower without pressure.

    The linear approximation of the PV term (a²c paper, Methods, "Boron nitride search").

    Args:
        one, other: at zero pressure.

    Raises:
        NoTransitionError: the volumes are equal.
        InputError: an enthalpy or a volume is not finite.
    """
    if not all(math.isfinite(value) for value in (*one, *other)):
        raise InputError(f"enthalpies and volumes must be finite, not {one} and {other}")
    if abs(one.volume - other.volume) < SAME_VOLUME * one.volume:
        raise NoTransitionError(
            f"no pressure decides between crystals of equal volume ({one.volume:.3f} Å³/atom)"
        )
    return (other.enthalpy - one.enthalpy) / (one.volume - other.volume) * GPA_PER_EV_A3


def transition_pressure(
    potential: Potential, one: str | Structure, other: str | Structure, is_linear: bool = True
) -> float:
    """Pressure at which two crystals have the same enthalpy, GPa.

    Args:
        potential: to relax both under.
        one, other: of one composition; structures, or names in the library of polymorphs.
        is_linear: take energies and volumes at zero pressure, as the paper does. Otherwise both
            are relaxed under pressure; layered crystals, which are soft, then give way later.

    Raises:
        UnknownPolymorphError: a name is not in the library.
        NoTransitionError: the compositions differ, or the volumes are equal.
        OperationError: a relaxation, or the search for the pressure, does not converge.
    """
    crystals = [_crystal(one), _crystal(other)]
    formulas = [crystal.composition.reduced_formula for crystal in crystals]
    if formulas[0] != formulas[1]:
        raise NoTransitionError(f"no pressure turns {formulas[0]} into {formulas[1]}")
    pressure = linear_pressure(*relaxed_states(potential, crystals))
    return pressure if is_linear else _equal_enthalpies(potential, crystals, pressure)


def relaxed_states(potential: Potential, crystals: list[Structure]) -> list[State]:
    """Crystals relaxed at zero pressure.

    Raises:
        OperationError: one does not converge.
    """
    states = []
    for relaxed in relax(crystals, potential, MAX_STEPS, FORCE_TOL, STRESS_TOL):
        if relaxed.outcome is not Outcome.CONVERGED:
            formula = crystals[relaxed.index].composition.reduced_formula
            raise OperationError(f"a crystal of {formula} {relaxed.outcome.label} when relaxed")
        volume = relaxed.structure.volume / len(relaxed.structure)
        states.append(State(relaxed.energy_per_atom, volume))
    return states


def _equal_enthalpies(potential: Potential, crystals: list[Structure], pressure: float) -> float:
    """Newton's method; the linear approximation is its first step, from zero pressure."""
    atoms = [AseAtomsAdaptor.get_atoms(crystal) for crystal in crystals]
    for each in atoms:
        each.set_constraint()  # of atoms that a file or pymatgen holds fixed
        each.calc = ASECalculator(potential)
    for _ in range(MAX_ITERATIONS):
        one, other = (_relaxed_under(each, pressure) for each in atoms)
        change = linear_pressure(one, other)
        pressure += change
        if abs(change) < PRESSURE_TOL:
            return pressure
    raise OperationError(f"no pressure of equal enthalpies found; the last was {pressure:.2f} GPa")


def _relaxed_under(atoms: Atoms, pressure: float) -> State:
    """Relax in place under a pressure, GPa."""
    pressure = pressure / GPA_PER_EV_A3
    cell: Any = FrechetCellFilter(atoms, scalar_pressure=pressure)  # BFGS takes it for atoms
    if not BFGS(cell, logfile=None).run(fmax=FORCE_TOL, steps=MAX_STEPS):
        raise OperationError(f"{atoms.get_chemical_formula()} does not relax under pressure")
    enthalpy = atoms.get_potential_energy() + pressure * atoms.get_volume()
    return State(enthalpy / len(atoms), atoms.get_volume() / len(atoms))


def _crystal(crystal: str | Structure) -> Structure:
    if isinstance(crystal, str):
        crystal = polymorph_named(crystal).structure
    return crystal.get_primitive_structure()
