"""Whether a melt has forgotten where its atoms began.

Source: the overlap function of Lačević, Starr, Schrøder and Glotzer, J. Chem. Phys. 119, 7372
(2003), of each atom with itself. In a liquid it falls to zero; its relaxation time is where it
passes 1/e.
"""

from __future__ import annotations

import math

import numpy as np

from a2c_ray.cells import Cell

RADIUS = 0.3
"""Of the mean spacing (V/N)^(1/3); the source takes 0.3 particle diameters: atoms in a solid
vibrate within it."""

FORGOTTEN = 1 / math.e
"""Overlap below which the start is forgotten."""


def overlap(start: np.ndarray, end: np.ndarray, box: Cell) -> float:
    """Share of the atoms of the slowest element that are still where they began, 0 to 1.

    Args:
        start, end: unwrapped fractional coordinates, `[N, 3]`.
        box: their lattice and atomic numbers.
    """
    spacing = (abs(np.linalg.det(box.lattice)) / len(box.numbers)) ** (1 / 3)
    displacement = np.linalg.norm((end - start) @ box.lattice, axis=-1)
    stayed = displacement < RADIUS * spacing
    return max(float(np.mean(stayed[box.numbers == z])) for z in np.unique(box.numbers))
