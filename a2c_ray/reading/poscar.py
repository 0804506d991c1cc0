"""POSCAR and CONTCAR files of VASP."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import IO

import numpy as np
from pymatgen.core import Element, Lattice, Structure
from pymatgen.io.vasp.inputs import Poscar

from a2c_ray.reading.frames import Found, Frame, atoms_of, attempt

MOST = 2**27
"""Characters of a file, some million atoms."""

OF_ELEMENTS = 5
"""The line of the elements, from 0."""

COUNTS = slice(5, 7)
"""Lines of which one counts the atoms."""


def read_poscar(file: IO[str], source: str) -> Iterator[Found]:
    """The one structure of a file."""
    yield attempt(_frame, source, 0, file.read(MOST + 1))


def _frame(source: str, index: int, text: str) -> Frame:
    if len(text) > MOST:
        raise ValueError(f"more than {MOST} characters")
    _check_count(text)
    factors, unscaled = _without_scaling(_with_elements(text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        structure = Poscar.from_str(unscaled, read_velocities=False).structure
    return Frame(source, index, None, atoms_of(_scaled(structure, factors)))


def _without_scaling(text: str) -> tuple[list[float], str]:
    """Scaling factors, and the text as if there were none.

    pymatgen takes one factor only, and multiplies Cartesian coordinates by a negative one, which
    stands for the volume.

    Raises:
        ValueError: the line is not of one number, or of three positive ones.
    """
    title, line, *rest = [*text.split("\n", 2), ""][:3]
    factors = list(_leading_numbers(line))
    if len(factors) not in (1, 3) or not all(map(math.isfinite, factors)) or 0.0 in factors:
        raise ValueError(f"scaling factors {line.strip()!r}: there must be one, or three")
    if len(factors) == 3 and min(factors) < 0:
        raise ValueError(f"scaling factors {line.strip()!r}: of three, all must be positive")
    return factors, "\n".join([title, "1.0", *rest])


def _leading_numbers(line: str) -> Iterator[float]:
    """Those before what may be a remark."""
    for word in line.split():
        try:
            yield float(word)
        except ValueError:
            return


def _with_elements(text: str) -> str:
    """The text with a line of elements: before VASP 5 they were in the title, or nowhere.

    Raises:
        ValueError: they are nowhere.
    """
    lines = text.split("\n")
    counts = lines[OF_ELEMENTS].split() if len(lines) > OF_ELEMENTS else []
    if not counts or not all(word.isdecimal() for word in counts):
        return text
    title = lines[0].split()
    if len(title) != len(counts) or not all(map(Element.is_valid_symbol, title)):
        raise ValueError("no line of elements above their numbers, nor are they the title")
    return "\n".join([*lines[:OF_ELEMENTS], lines[0], *lines[OF_ELEMENTS:]])


def _scaled(structure: Structure, factors: list[float]) -> Structure:
    """Vectors, and with them atoms, scaled along x, y and z, or to a volume.

    Source: https://vasp.at/wiki/POSCAR.
    """
    first = factors[0]
    if first < 0:
        factors = [math.cbrt(-first / structure.volume)] if structure.volume else [1.0]
    structure.lattice = Lattice(structure.lattice.matrix * np.array(factors))
    return structure


def _check_count(text: str) -> None:
    """Refuse more atoms than there are lines: pymatgen would make room for them first."""
    lines = [line.split() for line in text.splitlines()]
    for line in lines[COUNTS]:
        n_atoms = sum(int(word) for word in line if word.isdecimal())
        if n_atoms > len(lines) and all(word.isdecimal() for word in line):
            raise ValueError(f"{n_atoms} atoms announced, in {len(lines)} lines")
