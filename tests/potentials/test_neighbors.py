"""Neighbour lists against ASE's, and what overflows."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from ase.neighborlist import primitive_neighbor_list
from pymatgen.core import Lattice, Structure

from a2c_ray.cells import Cell, pack
from a2c_ray.potentials.neighbors import (
    Capacity,
    find_capacity,
    first_true,
    leads_forward,
    neighbor_list,
    neighbor_pairs,
)

listed = jax.jit(neighbor_list, static_argnums=(1, 2))


def random_structure(seed: int) -> Structure:
    """1 to 8 atoms, some outside the cell, in cells from cubes to slivers."""
    rng = np.random.default_rng(seed)
    n_atoms = int(rng.integers(1, 9))
    lattice = np.diag(rng.uniform(1.5, 9.0, 3)) + rng.normal(0, rng.choice([0.0, 1.0, 3.0]), (3, 3))
    while abs(np.linalg.det(lattice)) < 4.0 * n_atoms:
        lattice *= 1.3
    return Structure(lattice, ["Si"] * n_atoms, rng.uniform(-1.5, 1.5, (n_atoms, 3)))


def as_set(receivers, senders, translations) -> list[tuple[int, ...]]:
    columns = [np.asarray(receivers)[:, None], np.asarray(senders)[:, None], translations]
    return sorted(map(tuple, np.hstack(columns).astype(int).tolist()))


@pytest.mark.parametrize("seed", range(12))
def test_the_same_pairs_as_ase(seed):
    structure = random_structure(seed)
    receivers, senders, translations, distances = neighbor_pairs(structure, 5.0)
    i, j, shift, d = primitive_neighbor_list(
        "ijSd", [True] * 3, structure.lattice.matrix, structure.cart_coords, 5.0
    )
    assert as_set(receivers, senders, translations) == as_set(i, j, shift)
    np.testing.assert_allclose(np.sort(distances), np.sort(d), atol=1e-10)


@pytest.mark.parametrize(
    "lattice",
    [
        np.diag([2.2, 2.2, 2.2]),
        np.diag([1.2, 3.0, 20.0]),
        np.array([[3.0, 0, 0], [14.0, 3.0, 0], [-9.0, 11.0, 3.0]]),
        np.array([[2.5, 2.4, 0.0], [2.4, 2.5, 0.0], [0.3, 0.1, 4.0]]),
    ],
    ids=["tiny", "flat", "strongly sheared", "sliver"],
)
def test_one_atom_in_extreme_cells(lattice):
    structure = Structure(lattice, ["Si"], [[0.3, 0.9, 0.1]])
    receivers, senders, translations, _ = neighbor_pairs(structure, 5.0)
    i, j, shift = primitive_neighbor_list("ijS", [True] * 3, lattice, structure.cart_coords, 5.0)
    assert as_set(receivers, senders, translations) == as_set(i, j, shift)
    assert len(i) > 0


@pytest.mark.parametrize("seed", range(6))
def test_one_of_two_opposite_edges_leads_forward(seed):
    structure = (
        random_structure(seed)
        if seed
        else Structure.from_spacegroup(
            "Fm-3m", Lattice.cubic(4.2), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]
        )
    )
    cells = pack([Cell.from_structure(structure)], len(structure))
    found = listed(cells, 5.0, find_capacity(cells, 5.0))
    mask = np.asarray(found.mask[0])
    forward = np.asarray(leads_forward(found.senders, found.translations)[0])[mask]
    receivers = np.broadcast_to(np.arange(len(structure))[:, None], mask.shape)[mask]
    senders, translations = found.senders[0][mask], np.asarray(found.translations[0][mask])
    there = as_set(receivers[forward], senders[forward], translations[forward])
    back = as_set(senders[~forward], receivers[~forward], -translations[~forward])
    assert there == back
    assert len(there) > 0


def test_a_short_list_is_reported_and_only_for_its_own_cell():
    dense = Cell(np.eye(3) * 2.5, np.zeros((1, 3)), np.array([14]))
    sparse = Cell(np.eye(3) * 4.9, np.zeros((1, 3)), np.array([14]))
    cells = pack([dense, sparse, None], 2)
    enough = find_capacity(cells, 5.0)
    assert not np.any(listed(cells, 5.0, enough).overflow)
    few_edges = listed(cells, 5.0, Capacity(6, enough.images))
    assert few_edges.overflow.tolist() == [True, False, False]
    few_images = listed(cells, 5.0, Capacity(enough.edges, 27))
    assert few_images.overflow.tolist() == [True, False, False]


def test_padding_has_no_neighbours(diamond):
    cell = Cell.from_structure(diamond)
    alone = pack([cell], 8)
    padded = pack([cell], 12)
    capacity = find_capacity(padded, 5.0)
    expected = listed(alone, 5.0, capacity).n_edges
    assert listed(padded, 5.0, capacity).n_edges.tolist() == expected.tolist()


def test_pairs_vanish_beyond_the_radius():
    structure = Structure(Lattice.cubic(4.0), ["Si"], [[0, 0, 0]])
    assert len(neighbor_pairs(structure, 3.999)[0]) == 0
    assert len(neighbor_pairs(structure, 4.001)[0]) == 6


@pytest.mark.parametrize("length", [1, 31, 32, 33, 700, 20_000])
@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
def test_the_first_of_some_flags(length, share):
    flags = np.random.default_rng(length).random((2, 3, length)) < share
    indices, counts = jax.jit(first_true, static_argnums=1)(flags, 24)
    for row, found, count in zip(
        flags.reshape(6, -1), indices.reshape(6, -1), counts.ravel(), strict=True
    ):
        assert count == row.sum()
        np.testing.assert_array_equal(found[:count], np.flatnonzero(row)[:24])
