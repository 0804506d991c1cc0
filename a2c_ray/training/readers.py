"""Read labelled structures: extended XYZ, ASE databases, MPtrj and Alexandria JSON.

Structures without energy or forces are left out of mixed files, and counted; a file without any
is refused.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.stress import voigt_6_to_full_3x3_stress

from a2c_ray.cells import Cell, NoCellError
from a2c_ray.errors import InputError
from a2c_ray.reading.compressed import open_text
from a2c_ray.reading.files import InputFile, ending, read_file
from a2c_ray.reading.frames import Problem, place, reason_of
from a2c_ray.reading.json_members import json_members
from a2c_ray.reading.structure_json import structure_from_json
from a2c_ray.training.label_files import read_labels
from a2c_ray.training.labelled import DataError, Labelled, check_units

LOG = logging.getLogger(__name__)

KBAR_OF_VASP = -0.1 * units.GPa
"""VASP's kilobars, positive under compression, in eV/Å³ of dE/dstrain."""

VIRIALS = ("virial", "virials")
"""Names under which extended XYZ files hold them."""

STRESS_LIKE = re.compile("virial|stress", re.IGNORECASE)


def read_labelled(path: Path) -> list[Labelled]:
    """All labelled structures of a file.

    Args:
        path: `.xyz` or `.extxyz`, `.traj` or `.db` of ASE; `.json`, also with `.gz`, `.bz2` or
            `.xz`, of MPtrj
            (`{material: {frame: {structure, uncorrected_total_energy, force, stress}}}`) or
            Alexandria (`{material: [{steps: [{structure, energy, forces, stress}]}]}`), whose
            stresses are VASP's kilobars.

    Raises:
        DataError: there is no such file, it cannot be read, holds no labelled structure, or a
            stress that is none in eV/Å³.
    """
    if not path.exists():
        raise DataError(f"no data set {path}")
    reader = _READERS.get(ending(path))
    if reader is None:
        raise DataError(f"cannot read {path}: its ending must be one of {', '.join(_READERS)}")
    try:
        found = list(reader(path))
    except InputError:
        raise
    except Exception as error:  # libraries raise whatever they come upon
        raise DataError(f"cannot read {path}: {reason_of(error)}") from error
    structures = [labelled for labelled in found if labelled]
    check_units(structures)
    if not structures:
        raise DataError(
            f"{path} holds no structure with both energy and forces (under these names)"
        )
    if len(structures) < len(found):
        LOG.warning(
            "%s: left out %d of %d structures, which have no energy or no forces under these names",
            path,
            len(found) - len(structures),
            len(found),
        )
    return structures


def _read_frames(path: Path) -> Iterator[Labelled | None]:
    unread: set[str] = set()
    for found in read_file(InputFile(path, str(path))):
        if isinstance(found, Problem):
            raise DataError(f"cannot read {found}")
        labelled = _labelled(_from_atoms, found.atoms, place(found.file, found.index))
        unread |= _unread_stresses(labelled, found.atoms.info)
        yield labelled
    _tell_unread(path, unread)


def _unread_stresses(labelled: Labelled | None, info: Mapping[str, Any]) -> set[str]:
    """Names of what may be the stress of a structure that has none."""
    if labelled is None or labelled.stress is not None:
        return set()
    return {name for name in info if STRESS_LIKE.search(name) and np.size(info[name]) in (6, 9)}


def _tell_unread(path: Path, names: set[str]) -> None:
    if names:
        LOG.warning(
            "%s: no stress was read from %s: it must be called stress, in eV/Å³, or virial, in eV",
            path,
            ", ".join(sorted(names)),
        )


def _labelled(
    read: Callable[[Any, str], Labelled | None], given: Any, source: str
) -> Labelled | None:
    """What is read of one structure.

    Raises:
        DataError: names the structure if it cannot be read.
    """
    try:
        return read(given, source)
    except DataError:
        raise
    except Exception as error:  # libraries raise whatever they come upon
        raise DataError(f"cannot read {source}: {reason_of(error)}") from error


def _from_atoms(atoms: Atoms, source: str) -> Labelled | None:
    """A structure if it has energy and forces.

    The energy is the one that forces derive from: the free energy, where a file has both.

    Raises:
        DataError: it is not periodic, or its virial is no matrix.
    """
    if atoms.calc is None:
        return None
    energy = _label(atoms, "free_energy")
    energy = _label(atoms, "energy") if energy is None else energy
    forces = _label(atoms, "forces")
    if energy is None or forces is None:
        return None
    if not atoms.pbc.all():
        raise DataError(f"{source}: not periodic in all directions (pbc {atoms.pbc.tolist()})")
    cell = Cell(np.array(atoms.cell), atoms.get_positions(), np.array(atoms.numbers, np.int32))
    stress = _stress(atoms, source)
    return Labelled(cell, float(energy), np.asarray(forces, np.float64), stress, source)


def _label(atoms: Atoms, name: str) -> Any:
    """What a file says of a property, None if it says nothing.

    Not through ASE's getters, which set the forces of constrained atoms to zero, project the
    stress onto the symmetry that a constraint keeps, and know nothing where a position is NaN.
    """
    return atoms.calc.results.get(name)


def _stress(atoms: Atoms, source: str) -> np.ndarray | None:
    """(1/V) dE/dstrain, eV/Å³: a stress, or a virial over -V, which QUIP and NEP write."""
    stress = _label(atoms, "stress")
    if stress is not None:
        stress = np.asarray(stress, np.float64)
        return stress if stress.shape == (3, 3) else voigt_6_to_full_3x3_stress(stress)
    for name in VIRIALS:
        if name in atoms.info:
            virial = np.asarray(atoms.info[name], np.float64)
            if virial.size != 9:
                raise DataError(f"{source}: {name} has {virial.size} numbers, expected 9")
            return -virial.reshape(3, 3) / atoms.get_volume()
    return None


def _read_json(path: Path) -> Iterator[Labelled | None]:
    with open_text(path) as file:
        for material, value in json_members(file):
            for name, frame in _frames(value):
                yield _labelled(_from_frame, frame, f"{path}, {material} {name}".rstrip())


def _frames(material: Any) -> Iterator[tuple[str, Any]]:
    """Frames of a material with their names."""
    if not isinstance(material, list):
        yield from material.items() if isinstance(material, dict) else [("", material)]
        return
    for k, calculation in enumerate(material):
        steps = calculation.get("steps") if isinstance(calculation, dict) else None
        for n, step in enumerate(steps if isinstance(steps, list) else [calculation]):
            yield f"calculation {k}, step {n}", step


def _from_frame(frame: Any, source: str) -> Labelled | None:
    if not isinstance(frame, dict):
        raise DataError(
            f"{source}: no structure with energy and forces, as in the JSON of MPtrj or Alexandria"
        )
    # Corrections to formation energies are no part of the energy that forces derive from.
    energy = frame.get("uncorrected_total_energy", frame.get("energy"))
    forces = frame.get("force", frame.get("forces"))
    if energy is None or forces is None:
        return None
    stress = frame.get("stress")
    return Labelled(
        _cell_of(frame["structure"], source),
        float(energy),
        np.array(forces, np.float64),
        None if stress is None else KBAR_OF_VASP * np.array(stress, np.float64),
        source,
    )


def _cell_of(structure: dict[str, Any], source: str) -> Cell:
    try:
        return Cell.from_structure(structure_from_json(structure))
    except NoCellError as error:
        raise DataError(f"{source}: {error}") from error


_READERS: dict[str, Callable[[Path], Iterator[Labelled | None]]] = {
    ".xyz": _read_frames,
    ".extxyz": _read_frames,
    ".traj": _read_frames,
    ".db": _read_frames,
    ".json": _read_json,
}


def read_data_sets(paths: Sequence[str | Path]) -> list[Labelled]:
    """All labelled structures of some files; a folder is one of Parquet files.

    Raises:
        DataError: one is missing, damaged, or holds no labelled structure.
    """
    structures: list[Labelled] = []
    for path in map(Path, paths):
        if path.suffix == ".parquet" or path.is_dir():
            found = read_labels(path)
            check_units(found)
        else:
            found = read_labelled(path)
        structures += found
    return structures
