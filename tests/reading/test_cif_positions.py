"""Sites whose rounded coordinates lie beside a special position are one atom upon it."""

from __future__ import annotations

import io

import numpy as np
import pytest
import spglib
from pymatgen.core import Lattice, SymmOp

from a2c_ray.reading.checks import fault
from a2c_ray.reading.cif import read_cif
from a2c_ray.reading.cif_positions import special_position

HEXAGONAL, CUBIC = (13.0, 13.0, 7.5, 90, 90, 120), (8.4, 8.4, 8.4, 90, 90, 90)
P6_MMM, P63_MMC, R3_M, FM3_M, IA3_D = 485, 488, 458, 523, 530
"""Numbers of spglib's settings."""


def operations(hall: int) -> list[SymmOp]:
    known = spglib.get_symmetry_from_database(hall)
    pairs = zip(known["rotations"], known["translations"], strict=True)
    return [SymmOp.from_rotation_and_translation(*pair) for pair in pairs]


def read_one(cell, hall, *sites):
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = ["data_x", *(f"_cell_{name} {x}" for name, x in zip(names, cell, strict=True))]
    lines += ["loop_", "_symmetry_equiv_pos_as_xyz"]
    lines += [f"'{operation.as_xyz_str()}'" for operation in operations(hall)]
    lines += ["loop_", "_atom_site_label", *(f"_atom_site_fract_{x}" for x in "xyz")]
    lines += [f"Si{k} {site}" for k, site in enumerate(sites)]
    [frame] = read_cif(io.StringIO("\n".join([*lines, ""])), "x.cif")
    assert fault(frame.atoms) is None
    return frame.atoms


@pytest.mark.parametrize(
    ("cell", "hall", "sites", "n_atoms"),
    [
        (HEXAGONAL, P6_MMM, (".155 .309 .25",), 12),
        (HEXAGONAL, P6_MMM, (".167 .333 .25", ".1 .37 0"), 24),
        (HEXAGONAL, P6_MMM, ("0.1668 0.3336 0.25",), 12),
        (HEXAGONAL, P6_MMM, ("0.1654(3) 0.331(1) 0.25000",), 12),
        (HEXAGONAL, P6_MMM, (".33 .67 .25",), 4),
        (HEXAGONAL, P63_MMC, (".33 .67 .25", "0 0 0"), 4),
        (HEXAGONAL, R3_M, ("0.166 0.333 0.833", "-0.333 .333 .333"), 12),
        (CUBIC, FM3_M, ("0.312 0.313 0.312",), 32),
        (CUBIC, IA3_D, ("0.12 0.13 0.12", "0.38 0 0.25"), 40),
    ],
)
def test_there_are_as_many_atoms_as_the_position_has(cell, hall, sites, n_atoms):
    atoms = read_one(cell, hall, *sites)
    assert len(atoms) == n_atoms
    number = spglib.get_spacegroup_type(hall).number
    crystal = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    found = spglib.get_symmetry(crystal, 1e-3)
    assert len(found["rotations"]) >= len(operations(hall))
    assert spglib.get_symmetry_dataset(crystal, 1e-3).number >= number


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ((".155", ".309", ".25"), (0.1545, 0.309, 0.25)),
        (("0.333", "-.3333", "1.66"), (1 / 3, -1 / 3, 5 / 3)),
        (("0.3331", "0.1007", "0.3330"), (0.3331, 0.1007, 0.3330)),
        (("0.004", "0", "0.1"), (0.004, 0, 0.1)),
        (("0.1501", "0.3008", "0.25"), (0.1501, 0.3008, 0.25)),
    ],
)
def test_a_site_moves_as_far_as_its_digits_allow(texts, place):
    lattice = Lattice.from_parameters(*HEXAGONAL).matrix
    np.testing.assert_allclose(
        special_position(texts, lattice, operations(P6_MMM)), place, atol=1e-8
    )
