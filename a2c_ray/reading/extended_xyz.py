"""Extended XYZ, frame by frame, so that a broken one spoils no other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import numpy as np
from ase.io.extxyz import read_xyz

from a2c_ray.reading.frames import NAMES, Found, Frame, Problem, attempt, name_in

LONGEST_LINE = 2**24
"""Characters. What has no line ends is no text, and would be kept in memory as one line."""

LONGEST_COUNT = 18
"""Digits of a number of atoms."""

_PROPERTIES = re.compile(r'Properties="?(?P<text>[^\s"]+)', re.IGNORECASE)

_ENTRY = r"""(?<!\S){key}\s*=[\s"'{{\[]*([^\s"'}}\]]+)"""
"""Of a key whose value is one word, quoted or not."""

_NUMBERS = re.compile(r"\bspecies:[IR]:", re.IGNORECASE)


class LongLineError(OSError):
    """A line without end."""


class _Lines(NamedTuple):
    """The lines of a frame, or why they are none."""

    text: str
    fault: str = ""


def read_extended_xyz(file: IO[str], source: str) -> Iterator[Found]:
    """All frames of a stream.

    Unlike ASE, which stops there, this reads on after a blank line, and after a frame whose number
    of atoms is wrong.

    Args:
        file: that is read once, from where it is.
        source: its name.

    Raises:
        LongLineError: it is no text of lines.
    """
    for index, lines in enumerate(_frames(file)):
        if lines.fault:
            yield Problem(source, index, lines.fault)
        else:
            yield attempt(_frame, source, index, lines.text)


def _frame(source: str, index: int, text: str) -> Frame:
    _, comment, first, *_ = *text.split("\n", 3), "", ""
    n_columns, n_fields = _n_columns(comment), len(first.split())
    if n_columns > n_fields > 0:  # ASE would make room for them first
        raise ValueError(f"{n_columns} columns announced, {n_fields} there")
    if _NUMBERS.search(comment) and n_fields:
        raise ValueError("species that are numbers: name their column Z, or give symbols")
    try:
        atoms = next(iter(read_xyz(io.StringIO(text), 0)))
    except KeyError as error:
        unknown = re.search(rf"(?<!\S){re.escape(str(error.args[0]))}(?!\S)", text, re.IGNORECASE)
        if unknown is None:  # as a word, of whose letters ASE has changed the case
            raise
        raise ValueError(f"{unknown[0]!r} is not the symbol of an element") from None
    atoms.info |= _names_as_written(atoms.info, comment)
    return Frame(source, index, name_in(atoms.info), atoms)


def _names_as_written(info: dict[str, Any], comment: str) -> dict[str, str]:
    """Names that ASE has read as other numbers or truth values than their texts: 0012, 1e5, InF."""
    found = {}
    for key in NAMES:
        if np.isscalar(value := info.get(key)) and not isinstance(value, str):
            written = re.findall(_ENTRY.format(key=key), comment)
            if written and not (isinstance(value, np.integer) and str(value) == written[-1]):
                found[key] = written[-1]
    return found


def _frames(file: IO[str]) -> Iterator[_Lines]:
    number, header = 1, _line(file)
    while header:
        if not header.strip():
            number, header = number + 1, _line(file)
            continue
        first = number
        if not _is_count(header):
            found = header.strip()[:40]
            while header and not _is_count(header):
                number, header = number + 1, _line(file)
            yield _Lines("", f"line {first}: expected a number of atoms, found {found!r}")
            continue
        n_atoms, lines = int(header), [header, _line(file)]
        number, header = number + 2, _line(file)
        while header and len(lines) < n_atoms + 2 and not _is_count(header):
            lines.append(header)
            number, header = number + 1, _line(file)
        if len(lines) < n_atoms + 2:
            yield _Lines("", f"line {first}: {n_atoms} atoms announced, {len(lines) - 2} there")
        else:
            yield _Lines("".join(lines))


def _line(file: IO[str]) -> str:
    line = file.readline(LONGEST_LINE)
    if len(line) == LONGEST_LINE:
        raise LongLineError(f"a line of more than {LONGEST_LINE} characters")
    return line


def _n_columns(comment: str) -> int:
    """Columns that the comment of a frame describes; 0 if it says nothing of them."""
    match = _PROPERTIES.search(comment)
    counts = match["text"].split(":")[2::3] if match else []
    return sum(int(count) for count in counts)


def _is_count(line: str) -> bool:
    """Whether it can begin a frame: no line of an atom is a whole number alone."""
    text = line.strip()
    return text.isdecimal() and len(text) <= LONGEST_COUNT
