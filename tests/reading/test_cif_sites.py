"""CIF blocks whose sites are not all atoms, or may be others, are told."""

from __future__ import annotations

import io

import pytest
from pymatgen.io.cif import CifWriter

from a2c_ray.reading.cif import read_cif
from a2c_ray.reading.frames import Frame, Problem

CELL = "".join(
    [
        "data_x\n",
        *(f"_cell_length_{x} 6.0\n" for x in "abc"),
        *(f"_cell_angle_{name} 90\n" for name in ("alpha", "beta", "gamma")),
    ]
)
PLACES = ("0.1 0.2 0.3", "0.6 0.2 0.3", "0.1 0.7 0.8")


def read_one(*arguments):
    [found] = read_cif(io.StringIO(cif(*arguments)), "x.cif")
    return found


def cif(labels, column="", values=(), formula="") -> str:
    """A block with sites, and a column of theirs."""
    text = CELL + (f"_chemical_formula_sum '{formula}'\n" if formula else "")
    text += "loop_\n_atom_site_label\n"
    text += "".join(f"_atom_site_fract_{x}\n" for x in "xyz")
    text += f"_atom_site_{column}\n" if column else ""
    for k, label in enumerate(labels):
        text += " ".join([label, PLACES[k], *map(str, values[k : k + 1])]) + "\n"
    return text


@pytest.mark.parametrize(
    ("arguments", "symbols"),
    [
        ((["SiT1", "OA1"],), ["Si", "O"]),
        ((["CO1", "O1"], "type_symbol", ["Co2+", "O2-"]), ["Co", "O"]),
        ((["CO1", "O1"], "", (), "Co O"), ["Co", "O"]),
        ((["Wat1", "H1", "H2"], "type_symbol", ["O", "H", "D"]), ["O", "H", "H"]),
        ((["H1", "O1"], "", (), "D O"), ["H", "O"]),
        ((["O1", "Ca1"], "attached_hydrogens", ["0", "."]), ["O", "Ca"]),
        ((["O1", "Ca1"], "", (), "Ca1 O1"), ["O", "Ca"]),
        ((["O1", "Ca1"], "", (), "?"), ["O", "Ca"]),
        ((["O1", "Ca1"], "occupancy", [".", "1"]), ["O", "Ca"]),
        ((["O1", "Ca1"], "occupancy", [".", "?"]), ["O", "Ca"]),
        ((["O1", "Ca1"], "occupancy", ["0.9995", "1.0(2)"]), ["O", "Ca"]),
        ((["SI1", "OW1", "T1"], "type_symbol", ["SI4+", "Ow", "Al"]), ["Si", "O", "Al"]),
        ((["O1", "Tl1"], "type_symbol", ["O-2", "Tl1+"]), ["O", "Tl"]),
    ],
)
def test_what_is_said_is_read(arguments, symbols):
    frame = read_one(*arguments)
    assert isinstance(frame, Frame), frame
    assert sorted(frame.atoms.get_chemical_symbols()) == sorted(symbols)


NO_POSITIONS = "hydrogen atoms that have no positions"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            (["CO1", "O1"],),
            "site 'CO1' may be Co or C: give _atom_site_type_symbol, or the formula",
        ),
        (
            (["O1", "PT1"],),
            "site 'PT1' may be Pt or P: give _atom_site_type_symbol, or the formula",
        ),
        ((["CO1", "O1"], "", (), "C O"), "sites of Co, O, but a formula of C, O"),
        ((["Ca1", "O1"], "", (), "Ca H2 O2"), "sites of Ca, O, but a formula of Ca, H, O"),
        ((["O1", "Ca1"], "attached_hydrogens", ["2", "0"]), NO_POSITIONS),
        ((["Wat1", "Ca1"],), NO_POSITIONS),
        ((["T1", "O1"],), "site 'T1' may be tritium or any tetrahedral site"),
        ((["RE1", "O1"],), "site 'RE1' may be Re or any rare earth"),
        ((["Vac1", "O1"],), "site 'Vac1' may be V or a vacancy"),
        ((["OH1", "H1"],), "site 'OH1' does not name one element: give _atom_site_type_symbol"),
        ((["1", "O1"],), "site '1' does not name one element"),
        *(
            ((["X1", "O1"], "type_symbol", [s, "O"]), f"site 'X1' is of type '{s}', which is no ")
            for s in ("Va", "Vac", "RE", "T", "NH4", "NH4+", "NO3-", "PO4", "Fe2+,Fe3+", "OH", "?")
        ),
    ],
)
def test_what_is_missing_or_open_is_told(arguments, reason):
    problem = read_one(*arguments)
    assert isinstance(problem, Problem)
    assert problem.reason.startswith(reason)


@pytest.mark.parametrize("value", ["?", "."])
def test_a_site_without_position_is_told(value):
    text = cif(["O1", "Ca1"]).replace(PLACES[1], f"0.6 {value} 0.3")
    [problem] = read_cif(io.StringIO(text), "x.cif")
    assert problem.reason == f"site 'Ca1' has no position: _atom_site_fract_y is '{value}'"


def test_dummies_are_left_out():
    frame = read_one(["O1", "Va1", "Ca1"], "calc_flag", ["d", "dum", "calc"])
    assert sorted(frame.atoms.symbols) == ["Ca", "O"]
    assert frame.remarks == ("left out 1 dummy site",)


def test_deuterium_is_told():
    frame = read_one(["O1", "D1", "D2"], "type_symbol", ["O", "D", "D"])
    assert sorted(frame.atoms.symbols) == ["H", "H", "O"]
    assert frame.remarks == ("D taken for H, mass included",)


def test_sites_of_occupancy_zero_are_left_out():
    frame = read_one(["O1", "Si1", "Ca1"], "occupancy", ["1", "0.0", "1.0(2)"])
    assert sorted(frame.atoms.symbols) == ["Ca", "O"]
    assert frame.remarks == ("left out 1 site of occupancy 0",)


def test_one_site_needs_no_loop():
    one = CELL + "_atom_site_label Si1\n"
    one += "".join(f"_atom_site_fract_{x} 0.{k}\n" for k, x in enumerate("xyz"))
    [frame] = read_cif(io.StringIO(one), "x.cif")
    assert frame.atoms.get_scaled_positions().tolist() == [pytest.approx([0.0, 0.1, 0.2])]


@pytest.mark.parametrize(
    ("formula", "n_units", "remark"),
    [
        ("Ca O", "1", ()),
        ("Ca2 O2", "?", ()),
        ("Ca0.9 O1.1", "1", ()),
        ("Ca O(1)", "1.0", ()),
        ("Ca O", "4", "1 Ca instead of 4, 1 O instead of 4, by the formula 'Ca O' and Z = 4"),
        ("Ca O2", "1", "1 O instead of 2, by the formula 'Ca O2' and Z = 1: are sites missing?"),
    ],
)
def test_a_cell_that_does_not_hold_its_formula_is_told(formula, n_units, remark):
    text = cif(["Ca1", "O1"], formula=formula) + f"_cell_formula_units_Z {n_units}\n"
    [frame] = read_cif(io.StringIO(text), "x.cif")
    assert "".join(frame.remarks).startswith(remark or "")
    assert bool(frame.remarks) == bool(remark)


def test_pymatgen_writes_the_formula_of_the_cell(rutile):
    [frame] = read_cif(io.StringIO(str(CifWriter(rutile, symprec=0.1))), "x.cif")
    assert (len(frame.atoms), frame.remarks) == (6, ())
