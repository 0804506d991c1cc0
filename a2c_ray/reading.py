"""Structures out of files that others have written, which may claim anything.

Libraries that read them guess formats by content, import the modules that a JSON file names, and
make room for as many atoms as a header promises. Here the ending decides, nothing is imported, and
what a header promises is counted first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from a2c_ray.cells import Cell

if TYPE_CHECKING:
    from ase import Atoms
    from pymatgen.core import Structure

FRAME_FORMATS = {".xyz": "extxyz", ".extxyz": "extxyz", ".traj": "traj"}
"""ASE's name of the format of each ending."""

COMPRESSED = (".gz", ".bz2", ".xz")

LONGEST = 1e4
"""Å; of cells and coordinates. Single precision resolves 0.001 Å there."""

NEAR, MOST_IMAGES = 6.0, 10_000
"""Periodic images of an atom whose cells lie within so many Å, at most."""

_PROPERTIES = re.compile(r'Properties="?(?P<text>[^\s"]+)', re.IGNORECASE)


def ending(path: Path) -> str:
    """Of a file's name, in lower case, without that of a compressed file."""
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in COMPRESSED]
    return suffixes[-1] if suffixes else ""


def reason(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def read_frames(path: Path) -> Iterator[Atoms]:
    """Structures of an extended XYZ file or of one of ASE's trajectories.

    Raises:
        ValueError: an extended XYZ file that promises more than there is.
        Exception: whatever ASE raises for files that it cannot read.
    """
    from ase.io import iread
    from ase.io.formats import open_with_compression

    format = FRAME_FORMATS[ending(path)]
    if format == "extxyz":
        with open_with_compression(str(path), "rt") as file:
            _check_frames(file)
    yield from iread(str(path), index=":", format=format)


def structure_from_json(content: dict[str, Any]) -> Structure:
    """The lattice and sites of a structure as pymatgen writes it; nothing else is looked at.

    Raises:
        KeyError, TypeError, ValueError: it is no such structure.
    """
    from pymatgen.core import Lattice, Structure

    sites = content["sites"]
    return Structure(
        Lattice.from_dict(content["lattice"]),
        [{s["element"]: s["occu"] for s in site["species"]} for site in sites],
        [site["abc"] for site in sites],
    )


def problem_of(cell: Cell) -> str | None:
    """Why a cell cannot be computed, or not in reasonable time and memory; None if it can."""
    lattice, positions = np.asarray(cell.lattice), np.asarray(cell.positions)
    if not np.all(np.isfinite(lattice)):
        return "lattice not finite"
    if not np.all(np.isfinite(positions)):
        return "positions not finite"
    if max(np.max(np.abs(lattice)), np.max(np.abs(positions), initial=0.0)) > LONGEST:
        return f"a cell or coordinates beyond {LONGEST:g} Å"
    if cell.volume < 1e-6:
        return "a cell without volume"
    heights = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    images = np.prod(2 * np.ceil(NEAR / heights) + 1)
    if images > MOST_IMAGES:
        return f"a cell so flat that {images:.3g} of its images lie within {NEAR:g} Å"
    return None


def _check_frames(file: IO[str]) -> None:
    """Refuse a frame with fewer atoms or columns than it says: ASE would look for them for long."""
    number = -1
    while (header := file.readline()).strip():
        if header.lstrip().startswith("VEC"):  # lattice vectors after the atoms
            continue
        n_atoms, comment = int(header), file.readline()
        number += 1
        if n_atoms < 1:
            continue
        n_columns, n_fields = _n_columns(comment), len(file.readline().split())
        if n_columns > n_fields:
            raise ValueError(
                f"frame {number} says that it has {n_columns} columns, and has {n_fields}"
            )
        for there in range(1, n_atoms):
            if not file.readline():
                raise ValueError(f"frame {number} says that it has {n_atoms} atoms, not {there}")


def _n_columns(comment: str) -> int:
    """Columns that the comment of a frame describes; 0 if it says nothing of them."""
    match = _PROPERTIES.search(comment)
    counts = match["text"].split(":")[2::3] if match else []
    return sum(int(count) for count in counts)
