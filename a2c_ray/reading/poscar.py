"""POSCAR and CONTCAR files of VASP."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import IO

from pymatgen.io.vasp.inputs import BadPoscarWarning, Poscar

from a2c_ray.reading.frames import Found, Frame, atoms_of, attempt


def read_poscar(file: IO[str], source: str) -> Iterator[Found]:
    """The one structure of a file."""
    yield attempt(_frame, source, 0, file.read())


def _frame(source: str, index: int, text: str) -> Frame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # pymatgen's way of saying that it takes the atoms of a file without elements for H.
        warnings.filterwarnings("error", ".*cannot be determined.*", BadPoscarWarning)
        poscar = Poscar.from_str(text, read_velocities=False)
    return Frame(source, index, None, atoms_of(poscar.structure))
