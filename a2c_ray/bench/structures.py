"""Read structures to be benchmarked, from any of the usual formats."""

from __future__ import annotations

import json
from pathlib import Path

from ase.neighborlist import primitive_neighbor_list
from pymatgen.core import Structure

from a2c_ray.errors import InputError

ASE_SUFFIXES = (".xyz", ".extxyz", ".traj")


def read_structures(path: Path) -> list[Structure]:
    """All structures of a file or folder, in the order of names.

    Args:
        path: CIF, POSCAR and whatever else pymatgen reads; extended XYZ; JSON of
            `{"structures": [{"lattice", "species", "frac_coords"}, ...]}`; or a folder of such.

    Raises:
        InputError: nothing there can be read.
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
        if path.suffix == ".json":
            records = json.loads(path.read_text())["structures"]
            return [Structure(r["lattice"], r["species"], r["frac_coords"]) for r in records]
        if path.suffix in ASE_SUFFIXES:
            return _read_with_ase(path)
        return [Structure.from_file(path)]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"cannot read structures from {path}: {error}") from error


def _read_with_ase(path: Path) -> list[Structure]:
    from ase.io import iread
    from pymatgen.io.ase import AseAtomsAdaptor

    return [AseAtomsAdaptor.get_structure(atoms) for atoms in iread(path, index=":")]
