"""Crystals, glasses and cells that are half of each are told apart."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Composition, Lattice, Structure
from structures import read_structures

from a2c_ray.amorphous.box import random_cell
from a2c_ray.amorphous.packing import remove_overlaps
from a2c_ray.analysis.crystallinity import Order, crystallinity, mean_structure
from a2c_ray.analysis.distributions import FramesError
from a2c_ray.analysis.polymorphs import polymorph_named, polymorphs

NOISE = 0.12
"""Å along each axis, as at 300 to 400 K."""


def shaken(structure, rng, noise=NOISE):
    """Strained by 2 %, atoms displaced."""
    lattice = Lattice(structure.lattice.matrix @ (np.eye(3) + rng.normal(0.0, 0.02, (3, 3))))
    strained = Structure(lattice, structure.species, structure.frac_coords)
    moved = strained.cart_coords + rng.normal(0.0, noise, (len(strained), 3))
    return Structure(lattice, strained.species, moved, coords_are_cartesian=True)


def supercell(structure, n_atoms=90):
    """About as long in all directions, and how many cells it holds."""
    edge = (n_atoms * structure.volume / len(structure)) ** (1 / 3)
    repeats = np.maximum(1, np.round(edge / np.array(structure.lattice.abc))).astype(int)
    return structure * repeats.tolist(), int(np.prod(repeats))


def test_published_crystals_are_crystalline():
    """All that fit at least two cells into about 90 atoms."""
    rng = np.random.default_rng(0)
    wrong, tried = [], 0
    for polymorph in polymorphs()[::5]:
        cell, n_cells = supercell(polymorph.structure)
        if n_cells > 1 and len(cell) <= 120:
            tried += 1
            if crystallinity(shaken(cell, rng)).order is not Order.CRYSTALLINE:
                wrong.append(f"{polymorph.system} {polymorph.name}")
    assert tried > 15
    assert wrong == []


@pytest.mark.parametrize(
    "formula",
    [
        "Ti32O64",
        "Fe80B20",
        *(pytest.param(f, marks=pytest.mark.slow) for f in ("B48N48", "Si64", "Ca20C20O60")),
    ],
)
def test_packed_random_cells_are_amorphous(formula):
    for seed in range(2):
        cell = random_cell(Composition(formula), 11.0, seed)
        found = crystallinity(remove_overlaps(cell, Composition(formula))[0].structure)
        assert found.order is Order.AMORPHOUS
        assert found.share < 0.05


def test_a_real_glass_is_amorphous():
    """TiO2, quenched under a learned potential."""
    ((_, glass),) = read_structures("tio2_amorphous96.json")
    found = crystallinity(glass)
    assert (found.order, found.share) == (Order.AMORPHOUS, 0.0)
    assert found.similarity.max() < 0.35


@pytest.mark.parametrize(
    ("formula", "name", "repeats"),
    [
        ("BN", "c-BN", (2, 2, 4)),
        ("BN", "h-BN", (4, 4, 2)),
        ("MgF2", "rutile (sellaite)", (3, 3, 4)),
    ],
)
def test_the_share_follows_the_part_that_is_random(formula, name, repeats):
    """Atoms of a slab are put anywhere in it, which is half of the cell or none or all of it."""
    rng = np.random.default_rng(1)
    crystal = polymorph_named(name).structure * repeats
    assert crystal.composition.reduced_formula == formula
    shares = []
    for part in (0.0, 0.5, 1.0):
        coords = crystal.frac_coords.copy()
        inside = coords[:, 2] < part
        coords[inside] = rng.random((inside.sum(), 3)) * [1.0, 1.0, part]
        cell = Structure(crystal.lattice, crystal.species, coords)
        shares.append(crystallinity(shaken(cell, rng, noise=0.08)))
    assert [found.order for found in shares] == [Order.CRYSTALLINE, Order.PARTIAL, Order.AMORPHOUS]
    assert shares[1].share == pytest.approx(0.5, abs=0.1)


def test_units_scale_and_orientation_do_not_matter():
    rng = np.random.default_rng(2)
    cell = shaken(polymorph_named("c-BN").structure * (2, 2, 2), rng)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turned = Structure(
        Lattice(1.7 * cell.lattice.matrix @ rotation), cell.species, cell.frac_coords
    )
    np.testing.assert_allclose(
        crystallinity(turned).similarity, crystallinity(cell).similarity, atol=1e-9
    )


def test_means_remove_thermal_motion():
    rng = np.random.default_rng(3)
    crystal = polymorph_named("c-BN").structure * (2, 2, 2)
    frames = []
    for _ in range(20):
        moved = crystal.cart_coords + rng.normal(0.0, 0.2, (len(crystal), 3))
        frames.append(
            Structure(
                crystal.lattice,
                crystal.species,
                moved,
                coords_are_cartesian=True,
                to_unit_cell=True,  # images of atoms at the faces change from frame to frame
            )
        )
    distances = [mean_structure(frames)[k].distance(crystal[k]) for k in range(len(crystal))]
    assert np.sqrt(np.mean(np.square(distances))) == pytest.approx(0.2 * np.sqrt(3 / 20), rel=0.2)
    averaged, single = crystallinity(frames), crystallinity(frames[0])
    assert averaged.similarity.mean() > single.similarity.mean() + 0.2


def test_frames_must_be_of_one_composition(diamond, rutile):
    with pytest.raises(FramesError):
        crystallinity([diamond, rutile])
