"""Subcells against brute force and the paper's counts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pymatgen.core import Composition, Lattice, Structure

from a2c_ray.cells import NoCellError
from a2c_ray.crystallize.subcells import expected_sizes, find_subcells, n_boxes


def brute_force(glass: Structure, n_grid: int) -> dict[tuple, list[int]]:
    """Atoms of every box, by looking at every atom for every box."""
    fractional = np.mod(glass.frac_coords, 1.0)
    spans = list(itertools.combinations(range(n_grid + 1), 2))
    boxes = {}
    for box in itertools.product(spans, repeat=3):
        lower, upper = np.array(box).T / n_grid
        inside = np.all((fractional >= lower) & (fractional < upper), axis=1)
        boxes[box] = np.flatnonzero(inside).tolist()
    return boxes


def as_boxes(subcells) -> dict[tuple, list[int]]:
    return {
        tuple(zip(subcells.lower[k].tolist(), subcells.upper[k].tolist(), strict=True)): (
            subcells.atoms(k).tolist()
        )
        for k in range(len(subcells))
    }


@pytest.fixture
def glass():
    rng = np.random.default_rng(5)
    return Structure(Lattice.cubic(8.0), ["Ti"] * 8 + ["O"] * 16, rng.uniform(-1.0, 2.0, (24, 3)))


def test_every_box_with_atoms_is_found(glass):
    expected = {box: atoms for box, atoms in brute_force(glass, 4).items() if 1 <= len(atoms) <= 9}
    subcells = find_subcells(glass, n_grid=4, max_atoms=9)
    assert as_boxes(subcells) == expected
    assert subcells.n_atoms.tolist() == [len(subcells.atoms(k)) for k in range(len(subcells))]


def test_the_stoichiometry_constraint(glass):
    def fits(atoms):
        found = Composition("".join(glass[k].specie.symbol for k in atoms))
        return found.reduced_formula == "TiO2"

    expected = {
        box: atoms
        for box, atoms in brute_force(glass, 4).items()
        if 1 <= len(atoms) <= 12 and fits(atoms)
    }
    assert len(expected) > 10
    assert as_boxes(find_subcells(glass, 4, 12, "Ti2O4")) == expected


def test_boxes_own_their_lower_faces_only():
    corners = np.array(list(itertools.product([0.0, 0.5], repeat=3)))
    grid = Structure(Lattice.cubic(6.0), ["Si"] * 8, corners)
    subcells = find_subcells(grid, n_grid=2, max_atoms=8)
    sizes = {box: len(atoms) for box, atoms in as_boxes(subcells).items()}
    assert len(sizes) == 27
    for box, size in sizes.items():
        assert size == np.prod([upper - lower for lower, upper in box])


@pytest.mark.parametrize("n_grid", [3, 7, 10])
def test_atoms_on_planes_are_counted_once(n_grid):
    rng = np.random.default_rng(0)
    fractional = rng.integers(0, n_grid, (20, 3)) / n_grid
    fractional += rng.choice([0.0, 1e-16, -1e-16, 1.0, -1.0], (20, 3))
    glass = Structure(Lattice.cubic(9.0), ["Si"] * 20, fractional)
    cells = find_subcells(glass, n_grid, 20)
    unit = np.all(cells.upper - cells.lower == 1, axis=1)
    assert cells.n_atoms[unit].sum() == 20


def test_the_papers_counts():
    assert n_boxes(10) == 166_375
    assert n_boxes(20) == 9_261_000
    # With an atom in every grid cell, no box is empty.
    full = np.array(list(itertools.product(range(10), repeat=3))) / 10
    crowd = Structure(Lattice.cubic(30.0), ["Si"] * 1000, full)
    assert len(find_subcells(crowd, 10, max_atoms=1000)) == 166_375


def test_subcells_are_cut_as_they_lie_in_the_glass(glass):
    subcells = find_subcells(glass, 4, 9)
    k = int(np.argmax(subcells.n_atoms))
    structure = subcells.structure(k)
    lower, upper = subcells.lower[k], subcells.upper[k]
    np.testing.assert_allclose(structure.lattice.abc, (upper - lower) * 2.0)
    inside = glass.frac_coords[subcells.atoms(k)] % 1.0
    np.testing.assert_allclose(structure.cart_coords, (inside - lower / 4) * 8.0, atol=1e-9)
    assert [site.specie for site in structure] == [glass[i].specie for i in subcells.atoms(k)]


def test_close_atoms_can_be_dropped(glass):
    everything = find_subcells(glass, 4, 6)
    kept = find_subcells(glass, 4, 6, min_distance=1.0)
    expected = 0
    for structure in everything:
        images = structure.get_neighbor_list(1.0)[3]
        expected += not len(images)
    assert len(kept) == expected
    assert 0 < len(kept) < len(everything)


def test_sheared_glasses():
    lattice = [[8.0, 0, 0], [2.0, 7.0, 0], [1.0, -2.0, 9.0]]
    glass = Structure(lattice, ["Si"] * 12, np.random.default_rng(1).random((12, 3)))
    subcells = find_subcells(glass, 3, 12)
    expected = {box: atoms for box, atoms in brute_force(glass, 3).items() if atoms}
    assert as_boxes(subcells) == expected
    whole = subcells.structure(int(np.argmax(subcells.n_atoms)))
    np.testing.assert_allclose(whole.lattice.matrix, lattice)


def test_a_draw_holds_each_size_equally_often(random_glass):
    subcells = find_subcells(random_glass, 10, 12, "TiO2")
    drawn = subcells.draw(40, seed=1)
    assert len(drawn) == 40
    assert np.bincount(drawn.n_atoms)[[3, 6, 9, 12]].tolist() == [10] * 4
    np.testing.assert_array_equal(drawn.lower, subcells.draw(40, seed=1).lower)
    assert len(subcells.draw(10**6, seed=1)) == len(subcells)


def test_expected_sizes_count_all_boxes():
    sizes = expected_sizes(n_atoms=99, n_grid=10, max_atoms=99, formula_unit=3)
    assert sum(sizes.values()) == n_boxes(10)
    assert set(sizes) == set(range(3, 100, 3))
    assert set(expected_sizes(6, 4, 100)) == set(range(1, 7))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_grid": 0}, "n_grid must be at least 1, not 0"),
        ({"max_atoms": 0}, "max_atoms must be at least 1, not 0"),
        ({"composition": "SiO2"}, "holds Si"),
    ],
)
def test_bad_arguments(random_glass, arguments, message):
    with pytest.raises(ValueError, match=message):
        find_subcells(random_glass, **arguments)


def test_a_glass_with_open_boundaries_is_refused(glass):
    glass.lattice = Lattice(glass.lattice.matrix, (True, True, False))
    with pytest.raises(NoCellError, match="not periodic in all three directions"):
        find_subcells(glass, 2, 4)
