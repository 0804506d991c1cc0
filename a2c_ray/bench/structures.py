"""Read structures to be benchmarked, from any of the usual formats."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

from ase.neighborlist import primitive_neighbor_list
from monty.io import zopen
from pymatgen.core import DummySpecies, Structure
from pymatgen.io.cif import CifParser
from pymatgen.io.vasp.inputs import BadPoscarWarning

from a2c_ray.cells import Cell
from a2c_ray.errors import InputError
from a2c_ray.reading import (
    FRAME_FORMATS,
    ending,
    problem_of,
    read_frames,
    reason,
    structure_from_json,
)

CIF_ENDINGS = (".cif", ".mcif")

POSCAR_COUNTS = slice(5, 7)
"""Lines of which one counts the atoms."""


def read_structures(path: Path) -> list[Structure]:
    """All structures of a file or folder, in the order of names.

    Args:
        path: CIF (all blocks), POSCAR and whatever else pymatgen reads; extended XYZ; JSON of
            `{"structures": [{"lattice", "species", "frac_coords"}, ...]}` or of one structure as
            pymatgen writes it; or a folder of such.

    Raises:
        InputError: nothing there can be read, or a structure is no cell of atoms.
    """
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
        structures = [structure for file in files for structure in read_structures(file)]
    elif not path.exists():
        raise InputError(f"no file or folder {path}")
    else:
        structures = _read_file(path)
    if not structures:
        raise InputError(f"no structures in {path}")
    return structures


def n_edges(structure: Structure, radius: float) -> int:
    """Directed edges shorter than `radius` (Å), periodic images included."""
    lattice, positions = structure.lattice.matrix, structure.cart_coords
    return len(primitive_neighbor_list("i", [True] * 3, lattice, positions, radius))


def _read_file(path: Path) -> list[Structure]:
    try:
        with warnings.catch_warnings():
            # pymatgen's way of saying that it takes the atoms of a POSCAR without elements for H.
            warnings.filterwarnings("error", ".*cannot be determined.*", BadPoscarWarning)
            structures = _structures_in(path)
    except InputError:
        raise
    except Exception as error:  # libraries raise whatever they come upon
        raise InputError(f"cannot read structures from {path}: {reason(error)}") from error
    for number, structure in enumerate(structures):
        problem = _problem(structure)
        if problem:
            raise InputError(f"{path}, structure {number}: {problem}")
    return structures


def _structures_in(path: Path) -> list[Structure]:
    if ending(path) == ".json":
        content = json.loads(path.read_text())
        if "lattice" in content:  # one structure, as pymatgen writes it
            return [structure_from_json(content)]
        records = content["structures"]
        return [Structure(r["lattice"], r["species"], r["frac_coords"]) for r in records]
    if ending(path) in FRAME_FORMATS:
        return _read_with_ase(path)
    if ending(path) in CIF_ENDINGS:
        # Its check holds the composition of the first block against the structure of each.
        parser = CifParser(path, check_cif=False)
        return parser.parse_structures(primitive=False, on_error="raise")
    _check_poscar(path)
    return [Structure.from_file(path)]


def _check_poscar(path: Path) -> None:
    """Refuse more atoms than a file has lines: pymatgen would make room for them first."""
    with zopen(path, "rt") as file:
        lines = [str(line).split() for line in file]
    for line in lines[POSCAR_COUNTS]:
        n_atoms = sum(int(word) for word in line if word.isdecimal())
        if n_atoms > len(lines) and all(word.isdecimal() for word in line):
            raise InputError(f"{path} says that it has {n_atoms} atoms, in {len(lines)} lines")


def _problem(structure: Structure) -> str | None:
    """Why it is no cell of atoms that could be computed."""
    if not structure.is_ordered:
        return "sites that are occupied in part, or by several elements"
    dummies = [str(species) for species in structure.species if isinstance(species, DummySpecies)]
    if dummies:
        return f"{dummies[0]} is no element"
    return problem_of(Cell.from_structure(structure))


def _read_with_ase(path: Path) -> list[Structure]:
    from pymatgen.io.ase import AseAtomsAdaptor

    structures = []
    for number, atoms in enumerate(read_frames(path)):
        if not atoms.cell.rank == 3:
            raise InputError(f"{path}, structure {number}: it has no periodic cell")
        structures.append(AseAtomsAdaptor.get_structure(atoms))
    return structures
