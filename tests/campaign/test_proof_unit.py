"""What refinement found of the control sample, and when that is too little."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure
from structures import nets_of_bn

from a2c_ray.analysis.polymorphs import polymorph_named
from a2c_ray.campaign.proof_unit import Recall, recall_of
from a2c_ray.lake import Lake, Store, structure_columns, write_part

DIAMOND = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]])
OTHERS = [
    Structure(Lattice.cubic(2.5), ["Si"], [[0, 0, 0]]),
    Structure(Lattice.hexagonal(2.7, 2.4), ["Si"], [[0, 0, 0]]),
    Structure(Lattice.cubic(3.0), ["Si"] * 2, [[0, 0, 0], [0.5, 0.5, 0.5]]),
]
"""Crystals that do not match: of diamond, simple cubic, simple hexagonal and body-centred cubic."""


def row(name: str, structure: Structure, energy: float) -> dict:
    return {
        "subcell_id": name,
        "formula": "Si",
        "n_atoms": len(structure),
        "outcome": "converged",
        "energy_per_atom": energy,
        **structure_columns(structure),
    }


def compared(folder: Path, control, refined) -> Recall:
    store = Store.at(folder / "lake")
    of_control = [row(f"c{k}", *one) | {"sample": "control"} for k, one in enumerate(control)]
    of_refined = [row(f"r{k}", *one) | {"alike": [f"r{k}"]} for k, one in enumerate(refined)]
    for table, rows in (("sampled", of_control), ("relaxed", of_refined)):
        if rows:
            write_part(store, table, "Si", "r", "all", rows)
    return recall_of(Lake(store, "r"))


@pytest.mark.parametrize(
    ("k", "found", "formulas", "lowest_kept", "is_poor"),
    [
        (5, 5, 1, 1, False),
        (5, 4, 1, 1, False),
        (5, 3, 1, 1, True),
        (4, 3, 1, 1, False),
        (2, 1, 1, 1, True),  # so little proves nothing
        (0, 0, 1, 1, False),
        (5, 5, 1, 0, True),
        (50, 40, 10, 8, False),
        (50, 40, 10, 7, True),
    ],
)
def test_a_student_is_poor_unless_it_proves_itself(k, found, formulas, lowest_kept, is_poor):
    assert Recall(k, found, formulas, lowest_kept).is_poor == is_poor


def test_low_crystals_are_looked_for_among_those_refined(tmp_path):
    control = [(DIAMOND, -5.0), (OTHERS[0], -4.99), (OTHERS[1], -4.98)]
    refined = [(DIAMOND.get_primitive_structure(), -5.0005), (OTHERS[1], -4.979)]
    assert compared(tmp_path, control, refined) == Recall(3, 2, 1, 1)


def test_crystals_above_all_that_was_refined_are_not_missed(tmp_path):
    control = [(DIAMOND, -5.0), (OTHERS[0], -4.97), (OTHERS[1], -4.96)]
    refined = [(DIAMOND, -5.0), (OTHERS[2], -4.98)]
    assert compared(tmp_path, control, refined) == Recall(1, 1, 1, 1)


def test_what_is_missed_below_is(tmp_path):
    control = [(DIAMOND, -5.0), (OTHERS[0], -4.99)]
    assert compared(tmp_path / "some", control, [(OTHERS[2], -4.98)]) == Recall(2, 0, 1, 0)


def test_a_hole_of_the_teacher_is_not_missed(tmp_path):
    """Though its atoms are hardly closer than those of a crystal: they have more neighbours."""
    crystal = polymorph_named("h-BN").structure
    control = [(nets_of_bn(), -9.41), *[(crystal, -8.78)] * 10]
    assert compared(tmp_path, control, [(crystal, -8.78)]) == Recall(1, 1, 1, 1)
