"""Random cells with the symmetry of a space group."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import spglib
from pymatgen.symmetry.groups import SpaceGroup as Tabulated

from a2c_ray.conditions.symmetric_cells import N_GROUPS, space_group, symmetric_cell

ATOMS = np.repeat([8, 22], [4, 2])
"""Two formula units of TiO2."""


@pytest.fixture(scope="module")
def cells():
    rng = np.random.default_rng(0)
    return [symmetric_cell(ATOMS, 60.0, 0.25, rng) for _ in range(30)]


def test_operations_are_those_of_the_international_tables():
    orders = [len(space_group(number).rotations) for number in range(1, N_GROUPS + 1)]
    expected = [Tabulated.from_int_number(number).order for number in range(1, N_GROUPS + 1)]
    assert orders == expected
    assert [space_group(number).n_centres for number in (221, 225, 229, 166)] == [1, 4, 2, 3]


def test_compositions_and_volumes_are_kept(cells):
    for cell in cells:
        units = Counter(cell.numbers.tolist())
        assert units[8] == 2 * units[22] in (2, 4)  # a primitive cell may be a half of it
        assert cell.volume == pytest.approx(10.0 * len(cell.numbers))
        fractions = cell.positions @ np.linalg.inv(cell.lattice)
        apart = fractions[:, None] - fractions[None]
        distances = np.linalg.norm((apart - np.round(apart)) @ cell.lattice, axis=-1)
        assert np.min(distances[np.triu_indices(len(units), 1)]) > 0.3


def test_most_have_symmetry_and_of_many_kinds(cells):
    found = []
    for cell in cells:
        fractions = cell.positions @ np.linalg.inv(cell.lattice)
        found.append(spglib.get_spacegroup((cell.lattice, fractions, cell.numbers), symprec=1e-3))
    assert len(set(found)) > 12
    assert sum(group.startswith("P1 ") for group in found) < 6
    systems = {int(group.split("(")[1][:-1]) > 74 for group in found}
    assert systems == {True, False}


def test_the_same_seed_gives_the_same_cells(cells):
    again = symmetric_cell(ATOMS, 60.0, 0.25, np.random.default_rng(0))
    np.testing.assert_array_equal(again.positions, cells[0].positions)
