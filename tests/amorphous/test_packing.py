"""Removing the overlaps of random positions."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition

from a2c_ray.amorphous.box import random_cell
from a2c_ray.amorphous.packing import CONTACT_FRACTION, remove_overlaps
from a2c_ray.potentials.neighbors import neighbor_pairs
from a2c_ray.radii import contact_distances


def smallest_contact(cell, composition) -> float:
    """Smallest distance over summed radii, from the pairs themselves."""
    diameters = contact_distances(composition)
    receivers, senders, _, distances = neighbor_pairs(cell.structure, float(diameters.max()))
    numbers = np.array(cell.structure.atomic_numbers)
    return float(np.min(distances / diameters[numbers[receivers], numbers[senders]], initial=1.0))


def test_pairs_end_beyond_nine_tenths_of_their_radii():
    composition = Composition("Mg12F24")
    cell = random_cell(composition, 14.0, seed=1)
    before = smallest_contact(cell, composition)
    packed, contact = remove_overlaps(cell, composition)
    assert before < 0.6
    assert contact > CONTACT_FRACTION
    np.testing.assert_allclose(smallest_contact(packed, composition), contact, rtol=1e-4)
    np.testing.assert_array_equal(packed.lattice, cell.lattice.astype(np.float32))


def test_atoms_that_do_not_overlap_stay():
    composition = Composition("MgF2")
    cell = random_cell(composition, 4000.0, seed=0)
    packed, _ = remove_overlaps(cell, composition)
    np.testing.assert_allclose(packed.positions, cell.positions, rtol=1e-6)
