"""CIF blocks whose sites are not all atoms, or may be others, are told."""

from __future__ import annotations

import io

import pytest

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


def read_one(labels, column="", values=(), formula=""):
    """A block with sites, and a column of theirs."""
    text = CELL + (f"_chemical_formula_sum '{formula}'\n" if formula else "")
    text += "loop_\n_atom_site_label\n"
    text += "".join(f"_atom_site_fract_{x}\n" for x in "xyz")
    text += f"_atom_site_{column}\n" if column else ""
    for k, label in enumerate(labels):
        text += " ".join([label, PLACES[k], *map(str, values[k : k + 1])]) + "\n"
    [found] = read_cif(io.StringIO(text), "x.cif")
    return found


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
    ],
)
def test_what_is_missing_or_open_is_told(arguments, reason):
    problem = read_one(*arguments)
    assert isinstance(problem, Problem)
    assert problem.reason.startswith(reason)
