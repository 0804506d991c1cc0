"""POSCAR and CONTCAR files of VASP."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import IO

from pymatgen.io.vasp.inputs import BadPoscarWarning, Poscar

from a2c_ray.reading.frames import Found, Frame, atoms_of, attempt

MOST = 2**27
"""Characters of a file, some million atoms."""

COUNTS = slice(5, 7)
"""Lines of which one counts the atoms."""


def read_poscar(file: IO[str], source: str) -> Iterator[Found]:
    """The one structure of a file."""
    yield attempt(_frame, source, 0, file.read(MOST + 1))


def _frame(source: str, index: int, text: str) -> Frame:
    if len(text) > MOST:
        raise ValueError(f"more than {MOST} characters")
    _check_count(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # pymatgen's way of saying that it takes the atoms of a file without elements for H.
        warnings.filterwarnings("error", ".*cannot be determined.*", BadPoscarWarning)
        poscar = Poscar.from_str(text, read_velocities=False)
    return Frame(source, index, None, atoms_of(poscar.structure))


def _check_count(text: str) -> None:
    """Refuse more atoms than there are lines: pymatgen would make room for them first."""
    lines = [line.split() for line in text.splitlines()]
    for line in lines[COUNTS]:
        n_atoms = sum(int(word) for word in line if word.isdecimal())
        if n_atoms > len(lines) and all(word.isdecimal() for word in line):
            raise ValueError(f"{n_atoms} atoms announced, in {len(lines)} lines")
