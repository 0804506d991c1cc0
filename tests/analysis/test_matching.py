"""Comparisons with known crystals agree with StructureMatcher's."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.matching import (
    compared_cell,
    matched_cell,
    matcher,
    rms_displacement,
    template,
)
from a2c_ray.analysis.polymorphs import polymorphs, polymorphs_of

SMALL = [p for p in polymorphs() if len(p.structure) <= 12]


def disguised(crystal: Structure, seed: int, noise: float = 0.05, cells: int = 2) -> Structure:
    """A crystal strained, swollen, distorted, and in another cell of its lattice."""
    rng = np.random.default_rng(seed)
    multiples = np.triu(rng.integers(-1, 2, (3, 3)), 1) + np.diag([1, cells, 1])
    structure = crystal.copy()
    structure.make_supercell(multiples)
    strain = np.eye(3) + rng.normal(0, 0.02, (3, 3))
    structure.lattice = Lattice(1.06 * structure.lattice.matrix @ strain)
    shifts = rng.normal(0, noise / 3**0.5, (len(structure), 3))
    structure = Structure(
        structure.lattice,
        structure.species,
        structure.cart_coords + shifts,
        coords_are_cartesian=True,
    )
    order = rng.permutation(len(structure))
    return Structure.from_sites([structure[k] for k in order], to_unit_cell=True)


@pytest.mark.parametrize("polymorph", SMALL, ids=lambda p: f"{p.formula} {p.name}")
def test_distances_are_those_of_structure_matcher(polymorph):
    structure = disguised(polymorph.structure.get_primitive_structure(), seed=len(polymorph.name))
    ours = rms_displacement(compared_cell(structure), template(polymorph.structure))
    theirs = matcher().get_rms_dist(structure, polymorph.structure)
    assert (ours is None) == (theirs is None)
    if theirs:
        assert ours == pytest.approx(theirs[0], abs=1e-4)


@pytest.mark.parametrize(("formula", "some_match"), [("MgF2", True), ("GeTe", True), ("BN", False)])
def test_so_are_those_between_different_crystals(formula, some_match):
    matched = []
    for one, other in permutations(polymorphs_of(formula), 2):
        structure = disguised(one.structure.get_primitive_structure(), seed=1, cells=1)
        ours = rms_displacement(compared_cell(structure), template(other.structure))
        theirs = matcher().get_rms_dist(structure, other.structure)
        assert (ours is None) == (theirs is None), (one.name, other.name)
        if theirs:
            matched.append((one.name, other.name))
            assert ours == pytest.approx(theirs[0], abs=1e-4)
    assert bool(matched) == some_match


@pytest.mark.parametrize("name", ["calcite", "w-BN", "anatase", "rutile (sellaite)"])
def test_the_primitive_cell_of_a_distorted_supercell_is_found(name):
    crystal = next(p.structure for p in polymorphs() if p.name == name).get_primitive_structure()
    for seed in range(3):
        assert len(compared_cell(disguised(crystal, seed, noise=0.03))) == len(crystal)


def test_a_cell_without_smaller_ones_is_kept_as_it_is():
    rng = np.random.default_rng(0)
    structure = Structure(Lattice.cubic(6.0), ["Mg", "F", "F"] * 4, rng.random((12, 3)))
    assert compared_cell(structure) is structure
    assert len(structure.get_reduced_structure().get_primitive_structure()) == 12


@pytest.mark.parametrize("formula", ["TiO2", "MgF2", "SiO2"])
def test_cells_that_are_reduced_once_match_as_structures_do(formula):
    compare = matcher()
    known = [p.structure for p in polymorphs_of(formula) if len(p.structure) <= 12]
    some = [disguised(structure, seed) for seed in range(2) for structure in known]
    cells = [matched_cell(structure) for structure in some]
    verdicts = []
    for (one, cell), (other, other_cell) in combinations(zip(some, cells, strict=True), 2):
        verdicts.append(compare.fit(cell, other_cell, skip_structure_reduction=True))
        assert verdicts[-1] == compare.fit(one, other)
    assert 0 < sum(verdicts) < len(verdicts)
