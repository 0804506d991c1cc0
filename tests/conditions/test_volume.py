"""The volume of an atom where none is given."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pymatgen.core import Composition, Lattice, Structure

from a2c_ray.cells import Cell
from a2c_ray.conditions import volume
from a2c_ray.conditions.volume import choose_volume, stable_crystal
from a2c_ray.errors import InputError
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.relaxation.batching import Relaxed
from a2c_ray.relaxation.outcome import Outcome


def scaled(potential, factor):
    """A potential with other energies."""
    energies = potential.model.atomic_energies
    model = EnergyModel(lambda p, z, e: factor * energies(p, z, e), potential.model.cutoff)
    return dataclasses.replace(potential, model=model, name="scaled")


@pytest.mark.slow
def test_silicon_gets_that_of_diamond(silicon):
    chosen = choose_volume(Composition("Si"), silicon)
    assert chosen.value == pytest.approx(1.15 * 5.431**3 / 8, rel=0.01)
    assert "of the lowest of" in chosen.reason
    assert chosen.reason.endswith("Fd-3m)")


def relaxed(energy: float, volume: float, distance: float) -> Relaxed:
    cell = Cell(np.eye(3) * volume ** (1 / 3), np.zeros((1, 3)), np.array([15]))
    return Relaxed(0, cell, energy, 0.0, 0.0, 1, Outcome.CONVERGED, min_distance=distance)


def test_holes_of_a_potential_are_no_crystals():
    """Of random cells of phosphorus under SevenNet-0: too close, too dense, and P4."""
    crystals = [relaxed(-5.4 + 0.01 * k, 27.0 - k / 2, 2.23) for k in range(20)]
    close, dense = relaxed(-10.4, 14.7, 1.69), relaxed(-5.6, 6.0, 2.2)
    assert stable_crystal([crystals[3], dense, close, *crystals]) is crystals[0]
    assert stable_crystal([*crystals, relaxed(-5.5, 14.7, 2.2)]).energy == -5.5
    assert stable_crystal([dense]) is dense


def test_of_those_as_low_the_densest_counts():
    lowest, denser, dense = (
        relaxed(-8.0 + e, v, 1.8) for e, v in ((0, 18), (3e-3, 14), (9e-3, 12))
    )
    assert stable_crystal([dense, lowest, denser]) is denser


@pytest.mark.slow
def test_where_dense_cells_explode_wider_ones_are_tried(silicon, monkeypatch):
    """As they do where a crystal is as open as graphite."""
    monkeypatch.setattr(volume, "CROWDING", 0.23)
    chosen = choose_volume(Composition("Si"), silicon)
    assert chosen.value == pytest.approx(1.15 * 5.431**3 / 8, rel=0.01)


def test_published_polymorphs_count_if_they_are_small():
    assert sorted(len(crystal) for crystal in volume._published("TiO2"))[0] == 6
    assert all(len(crystal) <= volume.MOST_PUBLISHED_ATOMS for crystal in volume._published("TiO2"))
    assert volume._published("Si") == []


def test_a_published_polymorph_stands_for_the_crystal(silicon, monkeypatch):
    diamond = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.5), ["Si"], [[0, 0, 0]])
    primitive = diamond.get_primitive_structure()
    monkeypatch.setattr(volume, "N_CELLS", 0)
    monkeypatch.setattr(volume, "_published", lambda formula: [primitive])
    chosen = choose_volume(Composition("Si"), silicon)
    assert chosen.value == pytest.approx(1.15 * 5.431**3 / 8, rel=0.01)
    assert "that of the lowest of 1 published polymorph (" in chosen.reason


@pytest.mark.slow
def test_what_is_not_bound_has_none(silicon, monkeypatch):
    monkeypatch.setattr(volume, "N_CELLS", 2)
    with pytest.raises(InputError, match=r"no volume found for Si: scaled binds .* as in a gas"):
        choose_volume(Composition("Si"), scaled(silicon, 0.01))


@pytest.mark.slow
def test_where_nothing_relaxes_there_is_none(silicon, monkeypatch):
    monkeypatch.setattr(volume, "N_CELLS", 2)
    with pytest.raises(InputError, match="none of 8 random cells relaxed under scaled"):
        choose_volume(Composition("Si"), scaled(silicon, float("nan")))
