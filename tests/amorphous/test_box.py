"""Sizes of glasses."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition

from a2c_ray.amorphous.box import atomic_volume, glass_expansion, random_cell


def test_volumes_from_each_source(rutile):
    composition = Composition("MgF2")
    assert atomic_volume(composition, volume_per_atom=12.5) == 12.5
    assert atomic_volume(composition, stable_structure=rutile) == pytest.approx(
        1.15 * rutile.volume / 6
    )
    assert atomic_volume(composition, density=rutile.density) == pytest.approx(rutile.volume / 6)


def test_metals_expand_less():
    assert glass_expansion(Composition("Fe4B")) == 1.05
    assert glass_expansion(Composition("Mn2C")) == 1.15


def test_exactly_one_source_of_the_volume(rutile):
    with pytest.raises(ValueError, match="exactly one"):
        atomic_volume(Composition("MgF2"))
    with pytest.raises(ValueError, match="exactly one"):
        atomic_volume(Composition("MgF2"), volume_per_atom=12.5, density=3.0)
    with pytest.raises(ValueError, match="density must be positive, not -1"):
        atomic_volume(Composition("MgF2"), density=-1.0)


def test_a_random_cell_follows_its_seed():
    composition = Composition("Mg12F24")
    cell, again, other = (random_cell(composition, 12.5, seed) for seed in (3, 3, 4))
    assert cell.volume == pytest.approx(36 * 12.5)
    assert np.bincount(cell.numbers).tolist()[9] == 24
    np.testing.assert_array_equal(cell.positions, again.positions)
    assert not np.allclose(cell.positions, other.positions)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"volume_per_atom": 0.001}, "volume_per_atom=0.001 Å³: .* needs at least 1 Å³"),
        ({"density": 1e6}, r"density=1e\+06 g/cm³: an atom would have .* needs at least 1 Å³"),
    ],
)
def test_atoms_have_some_room(given, told):
    with pytest.raises(ValueError, match=told):
        atomic_volume(Composition("MgF2"), **given)
