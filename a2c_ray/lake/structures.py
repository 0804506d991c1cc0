"""Structures as columns of the lake, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from a2c_ray.errors import InputError
from a2c_ray.lake.schemas import STRUCTURE

if TYPE_CHECKING:
    from pymatgen.core import Structure

NEEDED = ("lattice", "species", "frac_coords")
"""Columns that make a structure."""


class NoStructureError(InputError):
    """Rows without the columns of a structure."""


def structure_columns(structure: Structure) -> dict[str, Any]:
    """Columns that describe a structure, see `schemas.STRUCTURE`."""
    return {
        "formula": structure.composition.reduced_formula,
        "n_atoms": len(structure),
        "lattice": structure.lattice.matrix.ravel().tolist(),
        "species": [site.specie.symbol for site in structure],
        "frac_coords": structure.frac_coords.ravel().tolist(),
    }


def structure_from_row(row: Mapping[str, Any]) -> Structure:
    """Structure of a row; its other columns become the structure's properties.

    Raises:
        NoStructureError: the row lacks a column that a structure needs, or has null there, or
            what is there is no crystal.
    """
    from pymatgen.core import Structure  # counting and listing need none

    missing = [name for name in NEEDED if row.get(name) is None]
    if missing:
        raise NoStructureError(
            f"no structure without {', '.join(missing)}: select {', '.join(NEEDED)} too"
        )
    species = row["species"]
    _check_species(species)
    lattice, coords = _rows(row, "lattice", 3), _rows(row, "frac_coords", len(species))
    if not np.linalg.det(lattice):
        raise NoStructureError("no structure: lattice has no volume")
    described = {column.name for column in STRUCTURE}
    return Structure(
        lattice,
        species,
        coords,
        properties={name: value for name, value in row.items() if name not in described},
    )


def _check_species(species: Any) -> None:
    from pymatgen.core import Element

    if isinstance(species, str) or not hasattr(species, "__len__"):
        raise NoStructureError(f"no structure: species is {species!r}, not a list of symbols")
    for symbol in species:
        if not Element.is_valid_symbol(str(symbol)):
            raise NoStructureError(f"no structure: species holds {symbol!r}, which is no element")


def _rows(row: Mapping[str, Any], name: str, n: int) -> np.ndarray:
    """A column as rows of three, `[n, 3]`."""
    try:
        values = np.asarray(row[name], np.float64)
    except (TypeError, ValueError) as error:
        raise NoStructureError(f"no structure: {name} is not a list of numbers") from error
    if values.size != 3 * n:
        raise NoStructureError(f"no structure: {name} has {values.size} numbers, expected {3 * n}")
    if not np.all(np.isfinite(values)):
        raise NoStructureError(f"no structure: {name} holds a number that is not finite")
    return values.reshape(n, 3)


def right_handed(structure: Structure) -> Structure:
    """The same crystal in a cell that is right-handed: all edges are turned round if need be.

    Lengths and angles, which are all that CIF knows of a cell, make a right-handed one; with the
    fractional coordinates of a left-handed one that is the mirror image.
    """
    if np.linalg.det(structure.lattice.matrix) > 0:
        return structure
    return type(structure)(
        -structure.lattice.matrix,
        structure.species,
        -structure.frac_coords,
        properties=structure.properties,
    )
