"""What lies upon a crystal is that crystal, for StructureMatcher as well."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Structure

from a2c_ray.analysis.matching import matched_cell, matcher
from a2c_ray.analysis.polymorphs import polymorph_named, polymorphs_of
from a2c_ray.analysis.superposition import ground, is_plainly

CRYSTALS = ("rutile (sellaite)", "anatase", "calcite", "c-BN")


def in_another_cell(structure: Structure, rng: np.random.Generator) -> Structure:
    """Other vectors of the same lattice, turned, the origin and the order of atoms elsewhere."""
    turns = np.eye(3, dtype=int)
    for _ in range(4):
        i, j = rng.permutation(3)[:2]
        turns[i] += rng.integers(-1, 2) * turns[j]
    other = structure.copy()
    other.make_supercell(turns)
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    order = rng.permutation(len(other))
    return Structure(
        other.lattice.matrix @ turned,
        [other[k].specie for k in order],
        other.frac_coords[order] + rng.random(3),
    )


def deformed(structure: Structure, strain: float, shift: float, rng) -> Structure:
    """Strained, and its atoms moved by a normal distribution of so many Å."""
    lattice = structure.lattice.matrix @ (np.eye(3) + rng.normal(0, strain, (3, 3)))
    changed = Structure(lattice, structure.species, structure.frac_coords)
    moved = changed.cart_coords + rng.normal(0, shift, (len(changed), 3))
    return Structure(lattice, structure.species, moved, coords_are_cartesian=True)


@pytest.mark.parametrize("name", CRYSTALS)
def test_a_relaxed_crystal_is_recognised_in_any_cell(name):
    """Primitive, or twice as large."""
    rng = np.random.default_rng(0)
    crystal = matched_cell(polymorph_named(name).structure)
    for size in (1, 1, 2):
        cell = in_another_cell(crystal * (1, 1, size), rng)
        assert is_plainly(deformed(cell, 0.001, 0.005, rng), ground(crystal))
        expanded = Structure(1.1 * cell.lattice.matrix, cell.species, cell.frac_coords)
        assert is_plainly(expanded, ground(crystal))


def test_what_lies_upon_a_crystal_fits_it():
    """From sound copies to such that no longer match."""
    rng = np.random.default_rng(1)
    verdicts = []
    for name in CRYSTALS:
        crystal = matched_cell(polymorph_named(name).structure)
        for scale in (0.0, 0.2, 0.4, 0.7, 1.0, 2.0):
            cell = in_another_cell(deformed(crystal, 0.02 * scale, 0.25 * scale, rng), rng)
            fits = matcher().fit(matched_cell(cell), crystal, skip_structure_reduction=True)
            verdicts.append((is_plainly(cell, ground(crystal)), bool(fits)))
    assert (True, False) not in verdicts
    assert {(True, True), (False, True), (False, False)} == set(verdicts)


def test_other_polymorphs_are_other_crystals():
    crystals = [matched_cell(p.structure) for p in polymorphs_of("TiO2")]
    for k, crystal in enumerate(crystals):
        plain = [is_plainly(other, ground(crystal)) for other in crystals]
        assert np.flatnonzero(plain).tolist() == [k]


def test_a_mirror_image_is_the_crystal():
    quartz = matched_cell(polymorph_named("alpha-quartz").structure)
    mirrored = Structure(-quartz.lattice.matrix, quartz.species, quartz.frac_coords)
    assert matcher().fit(mirrored, quartz)
    assert is_plainly(mirrored, ground(quartz))
    other = Structure(quartz.lattice, ["Ge", *quartz.species[1:]], quartz.frac_coords)
    assert not is_plainly(other, ground(quartz))
