"""Crystals as arrays, in reduced cells."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.matching import matched_cell
from a2c_ray.analysis.polymorphs import polymorph_named
from a2c_ray.analysis.reduced_cell import compared_in, niggli_cell, smallest
from a2c_ray.bench.disguise import in_another_cell

CRYSTALS = ("rutile (sellaite)", "alpha-quartz", "c-BN")


@pytest.mark.parametrize("name", CRYSTALS)
def test_a_cell_several_times_as_large_has_the_primitive_one(name):
    crystal = matched_cell(polymorph_named(name).structure)
    rng = np.random.default_rng(0)
    for times in ((1, 1, 1), (1, 1, 2), (2, 1, 2), (2, 2, 2)):
        large = niggli_cell(in_another_cell(crystal * times, rng))
        small = smallest(large)
        assert len(large.numbers) == np.prod(times) * len(crystal)
        assert small.numbers.tolist() == sorted(crystal.atomic_numbers)
        assert abs(np.linalg.det(small.lattice)) == pytest.approx(crystal.volume)
        lengths = np.linalg.norm(small.lattice, axis=1)
        assert sorted(lengths) == pytest.approx(sorted(crystal.lattice.abc), rel=1e-5)


@pytest.mark.parametrize("name", CRYSTALS)
def test_what_is_compared_is_what_structure_matcher_compares(name):
    crystal = polymorph_named(name).structure
    rng = np.random.default_rng(1)
    for times in (1, 2):
        other = in_another_cell(crystal * (1, 1, times), rng)
        cell, reference = compared_in(other, niggli_cell(other)), matched_cell(other)
        assert len(cell.numbers) == len(reference)
        lengths = np.linalg.norm(cell.lattice, axis=1)
        assert sorted(lengths) == pytest.approx(sorted(reference.lattice.abc), rel=1e-5)
        assert len(cell.numbers[cell.rarest]) == min(
            np.unique(reference.atomic_numbers, return_counts=True)[1]
        )
