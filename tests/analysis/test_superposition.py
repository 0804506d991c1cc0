"""What lies upon a crystal is that crystal, for StructureMatcher as well."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray.analysis.matching import matched_cell, matcher
from a2c_ray.analysis.polymorphs import polymorph_named, polymorphs_of
from a2c_ray.analysis.reduced_cell import niggli_cell, smallest
from a2c_ray.analysis.superposition import lie_upon
from a2c_ray.bench.disguise import deformed, in_another_cell

CRYSTALS = ("rutile (sellaite)", "anatase", "calcite", "c-BN")


def is_plainly(structure: Structure, crystal: Structure) -> bool:
    """Whether a structure, in any cell, lies upon a crystal."""
    small = smallest(niggli_cell(structure))
    return small is not None and bool(lie_upon([small], niggli_cell(crystal))[0])


@pytest.mark.parametrize("name", CRYSTALS)
def test_a_relaxed_crystal_is_recognised_in_any_cell(name):
    """Primitive, or twice as large."""
    rng = np.random.default_rng(0)
    crystal = matched_cell(polymorph_named(name).structure)
    for size in (1, 1, 2):
        cell = in_another_cell(crystal * (1, 1, size), rng)
        assert is_plainly(deformed(cell, 0.001, 0.005, rng), crystal)
        expanded = Structure(1.1 * cell.lattice.matrix, cell.species, cell.frac_coords)
        assert is_plainly(expanded, crystal)


def test_what_lies_upon_a_crystal_fits_it():
    """From sound copies to such that no longer match."""
    rng = np.random.default_rng(1)
    verdicts = []
    for name in CRYSTALS:
        crystal = matched_cell(polymorph_named(name).structure)
        for scale in (0.0, 0.2, 0.4, 0.7, 1.0, 2.0):
            cell = in_another_cell(deformed(crystal, 0.02 * scale, 0.25 * scale, rng), rng)
            fits = matcher().fit(matched_cell(cell), crystal, skip_structure_reduction=True)
            verdicts.append((is_plainly(cell, crystal), bool(fits)))
    assert (True, False) not in verdicts
    assert {(True, True), (False, True), (False, False)} == set(verdicts)


def test_other_polymorphs_are_other_crystals():
    crystals = [matched_cell(p.structure) for p in polymorphs_of("TiO2")]
    for k, crystal in enumerate(crystals):
        plain = [is_plainly(other, crystal) for other in crystals]
        assert np.flatnonzero(plain).tolist() == [k]


def test_a_mirror_image_is_the_crystal():
    quartz = matched_cell(polymorph_named("alpha-quartz").structure)
    mirrored = Structure(-quartz.lattice.matrix, quartz.species, quartz.frac_coords)
    assert matcher().fit(mirrored, quartz)
    assert is_plainly(mirrored, quartz)
    other = Structure(quartz.lattice, ["Ge", *quartz.species[1:]], quartz.frac_coords)
    assert not is_plainly(other, quartz)
