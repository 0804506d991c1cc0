"""Twins: crystals of one energy and space group that are not one. In what do they differ?"""

from __future__ import annotations

from pymatgen.core import Structure

from a2c_ray.analysis.symmetry import conventional_cell

SAME_END = 0.005
"""eV/atom; two ends of one crystal under one potential are closer."""

TWIN_ENERGY = 0.0005
"""eV/atom; closer crystals of one space group are twins."""

PARAMETERS = dict.fromkeys("abc", "Å") | dict.fromkeys(("alpha", "beta", "gamma"), "°")
"""Of a cell, with their units."""

NOTICEABLE = 0.01
"""Relative difference of cells that is worth a word."""


def difference(one: Structure, other: Structure) -> str:
    """In what a crystal differs from its twin, in a few words."""
    cell, reference = conventional_cell(one), conventional_cell(other)
    if len(cell) != len(reference):
        return f"{len(cell)} atoms in the conventional cell, not {len(reference)}"
    pairs = {
        name: (getattr(cell.lattice, name), getattr(reference.lattice, name), unit)
        for name, unit in PARAMETERS.items()
    }
    name = max(pairs, key=lambda n: abs(pairs[n][0] / pairs[n][1] - 1))
    value, expected, unit = pairs[name]
    if abs(value / expected - 1) < NOTICEABLE:
        return "atoms elsewhere in the same cell"
    return f"{name} {value:.2f} {unit}, not {expected:.2f}"
