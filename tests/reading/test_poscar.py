"""POSCAR files whose second line is not one positive factor, beside what ASE reads."""

from __future__ import annotations

import io

import numpy as np
import pytest
from ase.io.vasp import read_vasp

from a2c_ray.reading.frames import Frame, Problem
from a2c_ray.reading.poscar import read_poscar

POSCAR = """zinc oxide
{scale}
  3.25  0.10  0.00
 -1.62  2.81  0.20
  0.30  0.00  5.20
Zn O
1 1
{mode}
0.10 0.20 0.30
{second}
"""
SECOND = {"Direct": "0.6 0.5 0.4", "Cartesian": "1.2 1.4 2.5"}


@pytest.mark.parametrize("mode", SECOND)
@pytest.mark.parametrize("scale", ["1.0", " 1.07", "-52.5", "1.1 0.9 1.3"])
def test_cells_and_coordinates_are_scaled(scale, mode):
    text = POSCAR.format(scale=scale, mode=mode, second=SECOND[mode])
    [frame] = read_poscar(io.StringIO(text), "POSCAR")
    assert isinstance(frame, Frame)
    asked = read_vasp(io.StringIO(text))
    assert frame.atoms.get_chemical_formula() == asked.get_chemical_formula()
    np.testing.assert_allclose(frame.atoms.cell.array, asked.cell.array, atol=1e-9)
    np.testing.assert_allclose(frame.atoms.positions, asked.positions, atol=1e-9)
    if scale.startswith("-"):
        assert frame.atoms.get_volume() == pytest.approx(52.5)


def test_a_remark_may_follow_the_factor():
    text = POSCAR.format(scale="1.1 ! from a=3.25", mode="Direct", second=SECOND["Direct"])
    [frame] = read_poscar(io.StringIO(text), "POSCAR")
    assert frame.atoms.cell[0, 0] == pytest.approx(1.1 * 3.25)


def test_elements_may_be_the_title():
    text = POSCAR.format(scale="1.0", mode="Direct", second=SECOND["Direct"])
    of_vasp_4 = text.replace("zinc oxide", "Zn O").replace("Zn O\n1 1", "1 1")
    [frame] = read_poscar(io.StringIO(of_vasp_4), "POSCAR")
    assert frame.atoms.get_chemical_symbols() == ["Zn", "O"]
    [problem] = read_poscar(io.StringIO(text.replace("Zn O\n1 1", "1 1")), "POSCAR")
    assert problem.reason == "no line of elements above their numbers, nor are they the title"


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ("1.0 2.0", "scaling factors '1.0 2.0': there must be one, or three"),
        ("0.0", "scaling factors '0.0': there must be one, or three"),
        ("nan", "scaling factors 'nan': there must be one, or three"),
        ("1.1 -0.9 1.3", "scaling factors '1.1 -0.9 1.3': of three, all must be positive"),
        ("large", "scaling factors 'large': there must be one, or three"),
    ],
)
def test_factors_that_say_nothing_are_told(scale, message):
    text = POSCAR.format(scale=scale, mode="Direct", second=SECOND["Direct"])
    [problem] = read_poscar(io.StringIO(text), "POSCAR")
    assert isinstance(problem, Problem)
    assert problem.reason == message


WHOLE = POSCAR.format(scale="1.0", mode="Direct", second=SECOND["Direct"])
VELOCITIES = "\n" + "0.1 0.2 0.3\n" * 2
PREDICTOR = "\n1\n0.5\n0.1 0.2 0.3 0.4\n" + "0.1 0.2 0.3\n" * 6
LATTICE_VELOCITIES = "Lattice velocities and vectors\n 1\n" + " 0 0 0\n" * 6


@pytest.mark.parametrize("mode", ["", "Cartesian"])
@pytest.mark.parametrize("behind", ["", VELOCITIES, LATTICE_VELOCITIES, VELOCITIES + PREDICTOR])
def test_poscars_in_a_row(behind, mode):
    behind = behind.replace("\n", f"{mode}\n", 1)
    [alone] = read_poscar(io.StringIO(WHOLE + behind), "CONTCAR")
    assert alone.remarks == ()
    others = WHOLE.replace("0.6", "0.7"), WHOLE.replace("zinc oxide", "").replace("0.6", "0.8")
    frames = list(read_poscar(io.StringIO((WHOLE + behind) + "".join(others)), "POSCARS"))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.atoms.get_scaled_positions()[1, 0] for frame in frames] == pytest.approx(
        [0.6, 0.7, 0.8]
    )
    assert [frame.remarks for frame in frames] == [()] * 3


def test_potentials_beside_symbols():
    """As VASP 6.4.2 and later may write them: a variant, and the beginning of a hash."""
    [frame] = read_poscar(
        io.StringIO(WHOLE.replace("Zn O", "Zn_sv/6a2f546d O/7c1e0b52")), "CONTCAR"
    )
    assert frame.atoms.get_chemical_formula() == "OZn"
    assert frame.remarks == ()


def test_steps_of_an_xdatcar():
    steps = [
        f"Direct configuration= {k}\n0.1 0.2 0.3\n0.{k} 0.5 0.4\n".replace("= 1", "=     1")
        for k in (1, 2, 3)
    ]
    text = WHOLE.partition("Direct")[0] + "".join(steps)
    frames = list(read_poscar(io.StringIO(text), "XDATCAR.vasp"))
    assert [frame.atoms.get_scaled_positions()[1, 0] for frame in frames] == pytest.approx(
        [0.1, 0.2, 0.3]
    )


def test_what_else_is_behind_the_coordinates_is_told():
    [frame] = read_poscar(io.StringIO(WHOLE + "\nlast\nof all\n"), "POSCAR")
    assert frame.remarks == ("not read behind its coordinates: 'last'",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        ("\n \n", "an empty file"),
        (WHOLE.partition("Zn O")[0], "no line of numbers of atoms below those of the cell and"),
        (WHOLE.partition("0.6")[0], "2 atoms announced, 1 there"),
        (WHOLE.replace("0.6", "\n0.6"), "2 atoms announced, 1 there"),
        (WHOLE.replace("Direct\n", ""), "no line 'Direct' or 'Cartesian' above the coordinates"),
        (WHOLE.replace("Direct\n", "\n"), "no line 'Direct' or 'Cartesian' above the"),
    ],
)
def test_what_is_missing_is_told(text, message):
    [problem] = read_poscar(io.StringIO(text), "POSCAR")
    assert (problem.index, problem.reason[: len(message)]) == (0, message)


def test_one_that_is_cut_off_harms_none_before_it():
    _, second = read_poscar(io.StringIO(WHOLE + WHOLE.partition("0.6")[0]), "POSCARS")
    assert (second.index, second.reason) == (1, "2 atoms announced, 1 there")
