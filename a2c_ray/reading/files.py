"""Files of structures: found, told apart by their names, and read.

Whatever is wrong with one file or structure is told of it, and harms no other.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from a2c_ray.lake import Lake
from a2c_ray.lake.parts import SUFFIX, all_parts, current_parts, without_superseded
from a2c_ray.lake.version import FILE as OF_LAKE
from a2c_ray.reading.ase_files import read_database, read_trajectory
from a2c_ray.reading.checks import fault
from a2c_ray.reading.cif import read_cif
from a2c_ray.reading.compressed import FAULTS, OPENERS, open_text
from a2c_ray.reading.extended_xyz import read_extended_xyz
from a2c_ray.reading.frames import Found, Problem, reason_of
from a2c_ray.reading.parquet import read_parquet
from a2c_ray.reading.poscar import read_poscar
from a2c_ray.reading.structure_json import read_json

PIPE = "-"
"""Stands for extended XYZ from standard input."""

TEXTS: dict[str, Callable[[IO[str], str], Iterator[Found]]] = {
    ".cif": read_cif,
    ".mcif": read_cif,
    ".xyz": read_extended_xyz,
    ".extxyz": read_extended_xyz,
    ".vasp": read_poscar,
    ".poscar": read_poscar,
    ".json": read_json,
}

BINARIES: dict[str, Callable[[Path, str], Iterator[Found]]] = {
    ".traj": read_trajectory,
    ".db": read_database,
    SUFFIX: read_parquet,
}

OF_VASP = ("POSCAR", "CONTCAR")
"""Beginnings of names without a telling ending."""

CUT_FROM_GLASSES = "SELECT DISTINCT run_id FROM relaxed WHERE source_file IS NULL"

KINDS = f"{', '.join([*TEXTS, *BINARIES])}, POSCAR* and CONTCAR*, texts also with .gz, .bz2 or .xz"


class InputFile(NamedTuple):
    """A file to read, and how it is named to people."""

    path: Path
    name: str


@dataclass(frozen=True)
class FoundFiles:
    """What arguments have led to.

    files: to read, in order, each once.
    problems: arguments that lead to none.
    left_out: files of other kinds in folders.
    n_again: arguments and files of folders that are among the files already.
    """

    files: tuple[InputFile, ...]
    problems: tuple[Problem, ...]
    left_out: tuple[Path, ...]
    n_again: int = 0


def find_files(arguments: Iterable[str], pipe: Path | None = None) -> FoundFiles:
    """Files that are named, and those in folders that are named, by name.

    Of a lake, these are the parts of its table `relaxed` that hold subcells of glasses.

    Args:
        arguments: paths, or `PIPE`.
        pipe: where what comes from there has been put.
    """
    files: dict[Path, InputFile] = {}
    problems: list[Problem] = []
    left_out: list[Path] = []
    n_found = 0
    for argument in arguments:
        path = pipe if argument == PIPE and pipe else Path(argument)
        if path.is_dir():
            inside = _of_lake(path) if (path / OF_LAKE).is_file() else list(_walk(path))
            known = without_superseded(p for p in inside if _kind(p))
            left_out += [p for p in inside if not _kind(p)]
            if not known:
                problems.append(Problem(argument, None, _why_none(path)))
            n_found += len(known)
            for file in known:
                files.setdefault(file.resolve(), InputFile(file, str(file)))
        elif not path.exists():
            problems.append(Problem(argument, None, "no such file or folder"))
        elif argument != PIPE and not _kind(path):
            problems.append(Problem(argument, None, f"not of a known kind: {KINDS}"))
        else:
            n_found += 1
            files.setdefault(path.resolve(), InputFile(path, argument))
    n_again = n_found - len(files)
    return FoundFiles(tuple(files.values()), tuple(problems), tuple(left_out), n_again)


def _why_none(folder: Path) -> str:
    """Why a folder leads to no file."""
    if not (folder / OF_LAKE).is_file():
        return f"a folder without files of {KINDS}"
    given = sorted(folder.glob("relaxed/system=*/run=*"))
    hint = f"; for given cells give the folder of their run, such as {given[-1]}" if given else ""
    return f"a lake without relaxed subcells of glasses{hint}"


def read_files(files: Iterable[InputFile]) -> Iterator[Found]:
    """All structures of files that are cells which can be computed, and why others are not."""
    for file in files:
        n_found = 0
        for found in read_file(file):
            n_found += 1
            yield checked(found)
        if not n_found:
            yield Problem(file.name, None, "no structures")


def read_file(file: InputFile) -> Iterator[Found]:
    """All structures of a file as they are.

    Args:
        file: of a known kind, or extended XYZ.
    """
    suffix = _kind(file.path) or ".extxyz"
    if suffix in BINARIES:
        yield from BINARIES[suffix](file.path, file.name)
        return
    try:
        with open_text(file.path, errors="replace") as text:
            yield from TEXTS[suffix](text, file.name)
    except FAULTS as error:
        yield Problem(file.name, None, reason_of(error))


def checked(found: Found) -> Found:
    """The frame, or what is wrong with it."""
    if isinstance(found, Problem):
        return found
    wrong = fault(found.atoms)
    return Problem(found.file, found.index, wrong) if wrong else found


def other_kinds(paths: Iterable[Path]) -> str:
    """Endings of files and how many there are of each, the most frequent first."""
    counts = Counter(path.suffix or path.name for path in paths)
    return ", ".join(f"{n} {suffix}" for suffix, n in counts.most_common(5))


def ending(path: Path) -> str:
    """Of a file's name, in lower case, without that of a compressed file."""
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in OPENERS]
    return suffixes[-1] if suffixes else ""


def _kind(path: Path) -> str | None:
    """The ending by which a file is read; None if it is not of a known kind."""
    suffix, is_packed = ending(path), path.suffix.lower() in OPENERS
    if suffix in TEXTS or (suffix in BINARIES and not is_packed):
        return suffix
    return ".vasp" if path.name.startswith(OF_VASP) else None


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder, by name, but those that are hidden, or in a lake.

    The lake may be the one that is written to: repeating the command must find the same.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (Path(place) / name / OF_LAKE).is_file()
        )
        yield from (Path(place) / name for name in sorted(names) if not name.startswith("."))


def _of_lake(folder: Path) -> list[Path]:
    """Parts of the relaxed subcells of a lake; not of given cells, for the same reason."""
    lake = Lake(folder)
    runs = {row[0] for row in lake.sql(CUT_FROM_GLASSES).fetchall()}
    parts = current_parts(all_parts(lake.store, "relaxed"))
    return [folder / part.file.path for part in parts if part.run_id in runs]
