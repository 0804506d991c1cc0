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
