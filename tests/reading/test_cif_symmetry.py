"""CIF blocks that name a space group without its operations are what is meant, or told."""

from __future__ import annotations

import io

import pytest
import spglib
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.matching import matcher
from a2c_ray.reading.cif import read_cif
from a2c_ray.reading.frames import Frame, Problem

CUBIC = (5.43, 5.43, 5.43, 90, 90, 90)
DIAMOND = {"1": (CUBIC, [("Si", 0, 0, 0)]), "2": (CUBIC, [("Si", 0.125, 0.125, 0.125)])}
TETRAGONAL = (3.78, 3.78, 9.51, 90, 90, 90)
ANATASE = {
    "1": (TETRAGONAL, [("Ti", 0, 0, 0), ("O", 0, 0, 0.208)]),
    "2": (TETRAGONAL, [("Ti", 0, 0.75, 0.125), ("O", 0, 0.75, 0.333)]),
}
CORUNDUM = {
    "H": ((4.76, 4.76, 12.99, 90, 90, 120), [("Al", 0, 0, 0.3522), ("O", 0.3062, 0, 0.25)]),
    "R": (
        (5.128, 5.128, 5.128, 55.29, 55.29, 55.29),
        [("Al", 0.3522, 0.3522, 0.3522), ("O", 0.5562, 0.9438, 0.25)],
    ),
}
ZIRCONIA = (
    (5.15, 5.21, 5.32, 90, 99.2, 90),
    [
        ("Zr", 0.2754, 0.0395, 0.2083),
        ("O", 0.07, 0.3317, 0.3447),
        ("O", 0.4496, 0.7569, 0.4792),
    ],
)


def cif(crystal, **tags) -> str:
    cell, sites = crystal
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = ["data_x", *(f"_cell_{name} {x}" for name, x in zip(names, cell, strict=True))]
    lines += [f"_{tag.replace('H_M', 'H-M')} '{value}'" for tag, value in tags.items()]
    lines += ["loop_", "_atom_site_label", "_atom_site_type_symbol"]
    lines += [f"_atom_site_fract_{x}" for x in "xyz"]
    lines += [f"{s}{k} {s} {x} {y} {z}" for k, (s, x, y, z) in enumerate(sites)]
    return "\n".join([*lines, ""])


def read_one(text):
    [found] = read_cif(io.StringIO(text), "x.cif")
    return found


def check(text, n_atoms, number):
    frame = read_one(text)
    assert isinstance(frame, Frame), frame
    atoms = frame.atoms
    assert len(atoms) == n_atoms
    cell = (atoms.cell.array, atoms.get_scaled_positions(), atoms.numbers)
    assert spglib.get_symmetry_dataset(cell, 0.02).number == number
    return AseAtomsAdaptor.get_structure(atoms)


@pytest.mark.parametrize(
    ("name", "choice"),
    [("F d -3 m :1", "1"), ("F d -3 m:2", "2"), ("F d -3 m S", "1"), ("F d 3 m Z", "2")],
)
def test_an_origin_that_is_named_is_taken(name, choice):
    check(cif(DIAMOND[choice], space_group_name_H_M_alt=name), 8, 227)


def test_both_origins_lead_to_one_crystal():
    both = [
        check(cif(ANATASE[c], symmetry_space_group_name_H_M=f"I 41/a m d :{c}"), 12, 141)
        for c in "12"
    ]
    assert matcher().get_rms_dist(*both)[0] < 2e-3
    coded = cif(ANATASE["2"], space_group_IT_number=141, space_group_IT_coordinate_system_code="2")
    check(coded, 12, 141)
    check(cif(ANATASE["2"], space_group_name_Hall="-I 4bd 2"), 12, 141)


@pytest.mark.parametrize("name", ["R -3 c", "R -3 c :{}", "R -3 c {}"])
def test_axes_follow_from_the_name_or_the_cell(name):
    hexagonal, rhombohedral = (
        check(cif(CORUNDUM[c], symmetry_space_group_name_H_M=name.format(c)), n, 167)
        for c, n in (("H", 30), ("R", 10))
    )
    assert matcher().get_rms_dist(hexagonal, rhombohedral)[0] < 1e-2


@pytest.mark.parametrize("name", ["P 1 21/c 1", "P 21/c", "P 21/n", "P 1 21/n 1", "P 21/a"])
def test_settings_of_other_names(name):
    check(cif(ZIRCONIA, symmetry_space_group_name_H_M=name), 12, 14)


@pytest.mark.parametrize("name", ["C m c a", "C m c e", "P 2(1)/m", "F 4/m -3 2/m", "F m 3 m"])
def test_former_and_full_names(name):
    assert isinstance(
        read_one(cif((CUBIC, [("Si", 0, 0, 0)]), symmetry_space_group_name_H_M=name)), Frame
    )


def test_thirds_of_three_digits_are_thirds():
    hexagonal = ((3.2, 3.2, 5.2, 90, 90, 120), [("Mg", 0.333, 0.667, 0.25)])
    check(cif(hexagonal, symmetry_space_group_name_H_M="P 63/m m c"), 2, 194)


def test_angles_that_are_written_differently_are_alike():
    (cell, sites) = CORUNDUM["R"]
    written = (*cell[:5], f"{cell[5]}0(3)")
    check(cif((written, sites), symmetry_space_group_name_H_M="R -3 c"), 10, 167)


@pytest.mark.parametrize(
    ("cell", "tags", "reason"),
    [
        (
            (3.84, 3.84, 6.3, 90, 90, 60),
            {"symmetry_space_group_name_H_M": "P 63/m m c"},
            "symmetry that the cell has not: lengths 3.84, 3.84, 6.3 Å, angles 90, 90, 60°",
        ),
        (
            (5.1, 6.2, 7.3, 90, 90, 103),
            {"symmetry_space_group_name_H_M": "P 21/m"},
            "symmetry that the cell has not",
        ),
        (
            (5.4, 5.4, 5.9, 90, 90, 90),
            {"symmetry_space_group_name_H_M": "F m -3 m"},
            "symmetry that the cell has not",
        ),
        (
            CUBIC,
            {"symmetry_space_group_name_H_M": "P 1", "symmetry_Int_Tables_number": 225},
            "space group 'P 1', but number 225",
        ),
        (
            CUBIC,
            {"symmetry_space_group_name_H_M": "F m -3 m", "space_group_IT_number": 216},
            "space group 'F m -3 m', but number 216",
        ),
    ],
)
def test_groups_that_contradict_the_cell_or_their_number_are_told(cell, tags, reason):
    problem = read_one(cif((cell, [("Si", 0, 0, 0.1)]), **tags))
    assert isinstance(problem, Problem)
    assert problem.reason.startswith(reason)


@pytest.mark.parametrize(
    "tags",
    [
        {"space_group_name_H_M_full": "P 1 21/c 1"},
        {"space_group.name_H_M_ref": "P 1 21/c 1"},
    ],
)
def test_tags_of_the_newer_dictionary_are_known(tags):
    text = cif(ZIRCONIA, **tags).replace("_cell_", "_cell.").replace("_site_", "_site.")
    check(text, 12, 14)


def test_operations_of_the_newer_dictionary_are_known():
    operations = ("x,y,z", "-x,y+1/2,-z+1/2", "-x,-y,-z", "x,-y+1/2,z+1/2")
    listed = ["loop_", "_space_group_symop.operation_xyz", *map(repr, operations), ""]
    check(cif(ZIRCONIA) + "\n".join(listed), 12, 14)


def test_a_group_of_which_only_the_identity_is_listed_is_told():
    listed = "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n"
    frame = read_one(cif(ZIRCONIA, symmetry_space_group_name_H_M="P 21/c") + listed)
    assert len(frame.atoms) == 3
    assert frame.remarks == (
        "lists one operation of space group 'P 21/c': atoms taken for all there are",
    )
    frame = read_one(cif(ZIRCONIA, symmetry_space_group_name_H_M="P 1") + listed)
    assert frame.remarks == ()


def test_without_a_group_the_atoms_are_all_there_are():
    for tags in ({}, {"symmetry_space_group_name_H_M": "P 1"}, {"space_group_IT_number": 1}):
        assert len(read_one(cif(ZIRCONIA, **tags)).atoms) == 3


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (
            {"symmetry_space_group_name_H_M": "F d -3 m"},
            "space group 'F d -3 m' has two origins: list its operations, or name one of them, "
            "as in 'F d -3 m :2'",
        ),
        ({"symmetry_Int_Tables_number": 227}, "space group '227' has two origins"),
        (
            {"symmetry_space_group_name_H_M": "X y z"},
            "space group 'X y z' is not known: list its operations",
        ),
    ],
)
def test_what_is_left_open_is_told(tags, message):
    problem = read_one(cif(DIAMOND["2"], **tags))
    assert isinstance(problem, Problem)
    assert problem.reason.startswith(message)
