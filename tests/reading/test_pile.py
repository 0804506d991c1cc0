"""Piles are what they were made of, however they are divided."""

from __future__ import annotations

import numpy as np
from piles import pile_of, shaken

from a2c_ray.reading.frames import Frame
from a2c_ray.reading.pile import Pile, repeated_names


def test_cells_come_out_as_they_went_in():
    cells = shaken(5)
    pile = pile_of(cells)
    assert len(pile) == 5
    assert pile.n_atoms.tolist() == [2, 8, 2, 8, 2]
    for k, atoms in enumerate(cells):
        np.testing.assert_array_equal(pile.cell(k).positions, atoms.positions)
        np.testing.assert_array_equal(pile.cell(k).lattice, atoms.cell)
        np.testing.assert_array_equal(pile.cell(k).numbers, atoms.numbers)
    assert pile.where(3) == "pile.extxyz, structure 3 (cell 3)"


def test_a_part_of_a_pile_holds_those_cells_alone():
    pile = pile_of(shaken(6))
    part = pile[np.array([4, 1])]
    assert part.order.tolist() == [4, 1]
    assert len(part.positions) == 10
    for k, whole in enumerate((4, 1)):
        np.testing.assert_array_equal(part.cell(k).positions, pile.cell(whole).positions)
        assert part.where(k) == pile.where(whole)
    again = part[1:]
    assert again.where(0) == "pile.extxyz, structure 1 (cell 1)"
    np.testing.assert_array_equal(again.cell(0).lattice, pile.cell(1).lattice)
    assert len(pile[:0]) == 0
    assert len(Pile.of([])) == 0


def test_the_digest_is_of_cells_and_names_not_of_the_files_they_are_from():
    cells = shaken(3)
    digest = pile_of(cells).digest()
    assert pile_of(cells, "other.extxyz").digest() == digest
    assert pile_of(cells[::-1]).digest() != digest
    assert pile_of(cells[:2]).digest() != digest
    named = Pile.of([Frame("a.xyz", k, "ab"[k % 2], atoms) for k, atoms in enumerate(cells)])
    assert named.digest() != digest
    cells[1].positions[0, 0] += 1e-9
    assert pile_of(cells).digest() != digest


def test_names_of_several_cells():
    cells = shaken(4)
    cells[3].info["name"] = "cell 1"
    del cells[0].info["name"], cells[2].info["name"]
    assert repeated_names(pile_of(cells)) == [[1, 3]]
    frames = [Frame(f"{k}.cif", 0, "image0", atoms) for k, atoms in enumerate(cells)]
    assert repeated_names(Pile.of(frames)) == []
