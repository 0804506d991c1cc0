"""POSCAR, CONTCAR and XDATCAR files of VASP."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import IO, NamedTuple

import numpy as np
from pymatgen.core import Element, Lattice, Structure
from pymatgen.io.vasp.inputs import Poscar

from a2c_ray.reading.frames import Found, Frame, Problem, atoms_of, attempt, isotopes

MOST = 2**27
"""Characters of a file, some million atoms."""

SCALING, VECTORS, OF_ELEMENTS = 1, slice(2, 5), 5
"""Lines of the factors, of the cell, and of the elements, from 0."""

MOST_OF_ELEMENTS = 10
"""Lines that pymatgen reads of them."""

HEAD = OF_ELEMENTS + 2 * MOST_OF_ELEMENTS + 2
"""Lines above the coordinates, at most."""

SHOWN = 40
"""Characters of a line that is not read."""

CONFIGURATION = re.compile(r"\s*direct\s+configuration", re.IGNORECASE)
"""Above the coordinates of each step of an XDATCAR."""

OF_MOTION = re.compile(r"\s*(lattice velocities.*|direct|cartesian)?\s*", re.IGNORECASE)
"""Lines above velocities."""


class _Part(NamedTuple):
    """A structure of a file.

    lines: of a POSCAR.
    unread: a line behind it that belongs to none; "" if there is none.
    """

    lines: list[str]
    unread: str


def read_poscar(file: IO[str], source: str) -> Iterator[Found]:
    """The structures of a file: one, several in a row, or the steps of an XDATCAR."""
    text, index = file.read(MOST + 1), 0
    try:
        if len(text) > MOST:
            raise ValueError(f"more than {MOST} characters")
        for part in _parts(text.split("\n")):
            yield attempt(_frame, source, index, part)
            index += 1
    except ValueError as error:
        yield Problem(source, index, str(error))


def _frame(source: str, index: int, part: _Part) -> Frame:
    factors, unscaled = _without_scaling(_with_elements("\n".join(part.lines)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        structure = Poscar.from_str(unscaled, read_velocities=False).structure
    remarks = (f"not read behind its coordinates: {part.unread!r}",) if part.unread else ()
    atoms = atoms_of(_scaled(structure, factors))
    return Frame(source, index, None, atoms, (*remarks, *isotopes(structure)))


def _parts(lines: Sequence[str]) -> Iterator[_Part]:
    """The structures of a file.

    Raises:
        ValueError: it is empty, or ends within a structure.
    """
    if not any(map(str.strip, lines)):
        raise ValueError("an empty file")
    at, head, n_atoms = 0, list[str](), 0
    while at < len(lines):
        if not CONFIGURATION.match(lines[at]):
            n_head, n_atoms = _layout(lines[at : at + HEAD])
            head, at = list(lines[at : at + n_head - 1]), at + n_head - 1
        coordinates = list(takewhile(str.strip, lines[at + 1 : at + 1 + n_atoms]))
        if len(coordinates) < n_atoms:
            raise ValueError(f"{n_atoms} atoms announced, {len(coordinates)} there")
        part = [*head, lines[at], *coordinates]
        at, unread = _next(lines, at + 1 + n_atoms)
        yield _Part(part, unread)


def _layout(head: Sequence[str]) -> tuple[int, int]:
    """Lines above the coordinates, and the number of atoms.

    Raises:
        ValueError: a line is missing.
    """
    words = [[*line.split(), ""] for line in head]
    possible = range(OF_ELEMENTS, min(len(words), OF_ELEMENTS + MOST_OF_ELEMENTS + 1))
    first = next((k for k in possible if words[k][0].isdecimal()), None)
    if first is None:
        raise ValueError("no line of numbers of atoms below those of the cell and the elements")
    mode = first + max(first - OF_ELEMENTS, 1)
    counts = [takewhile(str.isdecimal, line) for line in words[first:mode]]
    if mode < len(words) and words[mode][0][:1] in ("s", "S"):
        mode += 1
    if mode >= len(words) or not words[mode][0][:1].isalpha():
        raise ValueError("no line 'Direct' or 'Cartesian' above the coordinates")
    return mode + 1, sum(int(word) for line in counts for word in line)


def _next(lines: Sequence[str], at: int) -> tuple[int, str]:
    """Where another structure begins, and a line before it that says nothing of motion."""
    unread = ""
    while at < len(lines) and not (CONFIGURATION.match(lines[at]) or _begins(lines, at)):
        if not unread and not (OF_MOTION.fullmatch(lines[at]) or _is_of_numbers(lines[at])):
            unread = lines[at].strip()[:SHOWN]
        at += 1
    return at, unread


def _begins(lines: Sequence[str], at: int) -> bool:
    """Whether a POSCAR does; its title may be blank."""
    head = lines[at : at + HEAD]
    if len(head) <= OF_ELEMENTS or (_is_of_numbers(head[0]) and _is_of_numbers(head[OF_ELEMENTS])):
        return False
    if not any(_leading_numbers(head[SCALING])):
        return False
    if any(len(list(_leading_numbers(vector))) < 3 for vector in head[VECTORS]):
        return False
    try:
        _layout(head)
    except ValueError:
        return False
    return True


def _is_of_numbers(line: str) -> bool:
    return len(list(_leading_numbers(line))) == len(line.split())


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
