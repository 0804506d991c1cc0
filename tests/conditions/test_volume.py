"""The volume of an atom where none is given."""

from __future__ import annotations

import dataclasses

import pytest
from pymatgen.core import Composition, Lattice, Structure

from a2c_ray.cells import Cell
from a2c_ray.conditions import volume
from a2c_ray.conditions.volume import choose_volume, holds_gas, lowest_intact
from a2c_ray.errors import InputError
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.relaxation.batching import Relaxed
from a2c_ray.relaxation.outcome import Outcome


def scaled(potential, factor):
    """A potential with other energies."""
    energies = potential.model.atomic_energies
    model = EnergyModel(lambda p, z, e: factor * energies(p, z, e), potential.model.cutoff)
    return dataclasses.replace(potential, model=model, name="scaled")


def test_silicon_gets_that_of_diamond(silicon):
    chosen = choose_volume(Composition("Si"), silicon)
    assert chosen.value == pytest.approx(1.15 * 5.431**3 / 8, rel=0.01)
    assert "of the lowest of" in chosen.reason
    assert chosen.reason.endswith("Fd-3m)")


@pytest.mark.slow
def test_what_is_not_bound_has_none(silicon, monkeypatch):
    monkeypatch.setattr(volume, "N_CELLS", 2)
    with pytest.raises(InputError, match=r"no volume found for Si: scaled binds .* as in a gas"):
        choose_volume(Composition("Si"), scaled(silicon, 0.01))


def test_where_nothing_relaxes_there_is_none(silicon, monkeypatch):
    monkeypatch.setattr(volume, "N_CELLS", 2)
    with pytest.raises(InputError, match="none of 2 random cells relaxed under scaled"):
        choose_volume(Composition("Si"), scaled(silicon, float("nan")))


def end(structure: Structure, energy_per_atom: float) -> Relaxed:
    cell = Cell.from_structure(structure)
    energy = energy_per_atom * len(structure)
    return Relaxed(0, cell, energy, 0.0, 0.0, 1, Outcome.CONVERGED)


def nitride(apart: float) -> Structure:
    """Sodium and two atoms of nitrogen in a cube."""
    fractions = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5 + apart / 6.0]]
    return Structure(Lattice.cubic(6.0), ["Na", "N", "N"], fractions)


def test_a_crystal_that_holds_a_gas_stands_for_no_compound():
    gas, azide, intact = nitride(1.11), nitride(1.3), nitride(2.9)
    assert [holds_gas(crystal) for crystal in (gas, azide, intact)] == [True, False, False]
    salt = Structure(Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert not holds_gas(salt)
    near, far = end(intact, -4.9), end(intact, -4.7)
    lowest = end(gas, -5.0)
    assert lowest_intact([far, near, lowest]) is near
    assert lowest_intact([far, lowest]) is lowest
    assert lowest_intact([end(salt, -9.0), near]).energy_per_atom == -9.0
