"""A structure as it was found in a file, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from ase import Atoms
from pymatgen.core import DummySpecies, Structure

from a2c_ray.cells import PARTIAL, with_whole_sites
from a2c_ray.units import counted

NAMES = ("name", "label", "id", "material_id", "mp_id", "entry_id")
"""Entries of a frame that may name it, the first of these that is there."""

INITIAL = {"magmom": "initial_magmoms", "charge": "initial_charges"}
"""What ASE calls properties of pymatgen's sites."""

MOVABLE = "selective_dynamics"
"""Property of sites of VASP and pymatgen: whether they may move along each vector of the cell."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A structure of a file.

    file: as it was named.
    index: place in the file, from 0.
    name: that the file gives it; None if it gives none.
    atoms: with all else that the file says of it.
    remarks: what a user should know of it, without a full stop.
    """

    file: str
    index: int
    name: str | None
    atoms: Atoms
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """What cannot be used.

    file: as it was named.
    index: place in the file, from 0; None for all of the file.
    reason: for people, without a full stop.
    """

    file: str
    index: int | None
    reason: str

    def __str__(self) -> str:
        return f"{place(self.file, self.index)}: {self.reason}"


Found: TypeAlias = Frame | Problem


def place(file: str, index: int | None) -> str:
    """Names a structure of a file, or the file."""
    return file if index is None else f"{file}, structure {index}"


def attempt(read: Callable[..., Frame], file: str, index: int, *rest: Any) -> Found:
    """A frame, or what went wrong: libraries raise whatever they like where a file is broken.

    Args:
        read: called with the others.
        file, index: that are read.
        rest: what else it takes.
    """
    try:
        return read(file, index, *rest)
    except Exception as error:
        return Problem(file, index, reason_of(error))


def reason_of(error: Exception) -> str:
    """An error in one line."""
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, KeyError):  # which says no more than the key
        return f"{text} is missing or unknown"
    return text or type(error).__name__


def name_in(entries: Mapping[str, Any]) -> str | None:
    """What a frame is called by what its file says of it."""
    named = (entries.get(key) for key in NAMES)
    return next((str(value) for value in named if _is_name(value)), None)


def _is_name(value: object) -> bool:
    is_kind = isinstance(value, str | int | np.integer) and not isinstance(value, bool)
    return is_kind and value != ""


def holds_fixed(structure: Structure | Atoms) -> bool:
    """Whether any of its atoms must not move, as ASE, VASP or pymatgen say it."""
    if isinstance(structure, Structure):
        movable = structure.site_properties.get(MOVABLE, [])
        return not all(np.all(axes) for axes in movable if axes is not None)
    return bool(structure.constraints) or not np.all(structure.arrays.get(MOVABLE, True))


def constraints_not_kept(n_fixed: int) -> str:
    """What a user is told of cells that hold fixed atoms."""
    return f"constraints are not kept: atoms are fixed in {counted(n_fixed, 'cell')}, and move"


def atoms_of(structure: Structure) -> Atoms:
    """A structure of pymatgen, with its properties, in the order of its sites.

    Raises:
        ValueError: sites that are occupied in part, or by what is no element.
    """
    whole = with_whole_sites(structure)
    if whole is None:
        raise ValueError(PARTIAL)
    dummies = [str(species) for species in whole.species if isinstance(species, DummySpecies)]
    if dummies:
        raise ValueError(f"{dummies[0]} is no element")
    atoms = Atoms(
        numbers=whole.atomic_numbers,
        positions=structure.cart_coords,
        cell=structure.lattice.matrix,
        pbc=structure.pbc,
        info=dict(structure.properties),
    )
    for name, values in structure.site_properties.items():
        array = _as_array(values)
        if array is not None and name not in atoms.arrays:
            atoms.set_array(INITIAL.get(name, name), array)
    return atoms


def isotopes(structure: Structure) -> tuple[str, ...]:
    """A remark where deuterium or tritium has become hydrogen."""
    names = {element.name for element in structure.composition.elements if element.Z == 1} - {"H"}
    return (f"{' and '.join(sorted(names))} taken for H, mass included",) if names else ()


def _as_array(values: Sequence[Any]) -> np.ndarray | None:
    """Values of all sites; None where some have none, or they are no numbers or texts."""
    try:
        array = np.array([getattr(value, "moment", value) for value in values])
    except ValueError:
        return None
    return array if array.dtype.kind in "biufU" else None
