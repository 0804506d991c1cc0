"""Whether two crystals are one.

pymatgen's StructureMatcher, and the same measure against known crystals in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import spglib
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure
from pymatgen.util.coord import is_coord_subset_pbc, pbc_shortest_vectors
from scipy.optimize import linear_sum_assignment

from a2c_ray.analysis.symmetry import check_finite, spglib_cell

LENGTH_TOL, SITE_TOL, ANGLE_TOL = 0.2, 0.3, 5.0
"""pymatgen's defaults: fractional length, fraction of (V/n)^(1/3), degrees. Volumes are scaled to
be equal, since a potential's lattice constants are not the experiment's."""

PRIMITIVE_TOL = 0.25
"""Å; how far atoms may be from where a smaller cell has them. StructureMatcher's own."""


class Template(NamedTuple):
    """A known crystal, prepared for comparisons.

    structure: reduced primitive cell.
    rotations: of its space group, on fractional coordinates, int64 `[n_operations, 3, 3]`.
    """

    structure: Structure
    rotations: np.ndarray


def matcher() -> StructureMatcher:
    """Compares crystal structures whatever their cell, scale and orientation."""
    return StructureMatcher(ltol=LENGTH_TOL, stol=SITE_TOL, angle_tol=ANGLE_TOL)


def template(structure: Structure) -> Template:
    """Prepare a crystal whose symmetry is exact."""
    primitive = structure.get_reduced_structure().get_primitive_structure(PRIMITIVE_TOL)
    operations = spglib.get_symmetry(spglib_cell(primitive), symprec=0.01)
    if operations is None:
        raise ValueError(f"spglib finds no symmetry in {primitive.formula}")
    return Template(primitive, operations["rotations"].astype(np.int64))


def compared_cell(structure: Structure) -> Structure:
    """The cell that StructureMatcher compares; the structure itself if no smaller one is near.

    Raises:
        LostAtomsError: a position or the cell is not finite.
    """
    check_finite(structure)
    if _is_surely_primitive(structure):
        return structure
    return structure.get_reduced_structure().get_primitive_structure(PRIMITIVE_TOL)


def matched_cell(structure: Structure) -> Structure:
    """What `matcher().fit` makes of a structure first, for `skip_structure_reduction`.

    Most of the time of a comparison goes there, so that each structure is reduced once.
    """
    reduced = structure.get_reduced_structure()
    if _is_surely_primitive(reduced):
        return reduced
    return reduced.get_primitive_structure(PRIMITIVE_TOL)


def rms_displacement(primitive: Structure, known: Template) -> float | None:
    """What `matcher().get_rms_dist` gives first: the least rms displacement over (V/n)^(1/3).

    Args:
        primitive: from `compared_cell`.
        known: of the same composition.

    Returns:
        None if the structures do not match.
    """
    target, n = known.structure, len(known.structure)
    if len(primitive) != n:
        return None
    unlike = _unlike(target, primitive)
    cart_coords = primitive.frac_coords @ primitive.lattice.scale(target.volume).matrix
    (pinned, *_), candidates = _rarest(target), _rarest(primitive)
    least = np.inf
    for cell in _cells_like(known, primitive.lattice):
        coords = cell.get_fractional_coords(cart_coords)
        average = Lattice.from_parameters(*np.add(cell.parameters, target.lattice.parameters) / 2)
        spacing = (average.volume / n) ** (1 / 3)
        reach = 2 * SITE_TOL * spacing / _heights(average)
        for candidate in candidates:
            moved = target.frac_coords + coords[candidate] - target.frac_coords[pinned]
            if is_coord_subset_pbc(moved, coords, reach, unlike):
                least = min(least, _rms_of_best_pairs(average, moved, coords, unlike) / spacing)
    return least if least < SITE_TOL else None


def _is_surely_primitive(structure: Structure) -> bool:
    """Whether no translation within the cell comes near to mapping the atoms onto each other.

    The test with which pymatgen's `get_primitive_structure` begins, without the rest of it.
    """
    reduced = spglib.niggli_reduce(structure.lattice.matrix)
    if reduced is None:
        return False
    lattice = Lattice(reduced)
    coords = lattice.get_fractional_coords(structure.cart_coords)
    first, *others = _rarest(structure)
    reach: Any = 2 * PRIMITIVE_TOL / np.array(lattice.abc)  # pymatgen's types know one number
    unlike = _unlike(structure, structure)
    return not any(
        is_coord_subset_pbc(coords + coords[other] - coords[first], coords, reach, unlike)
        for other in others
    )


def _cells_like(known: Template, lattice: Lattice) -> Iterator[Lattice]:
    """Cells of a lattice that have a crystal's shape, up to its symmetry; volumes are equal."""
    target = known.structure.lattice
    seen: set[bytes] = set()
    for cell, _, multiples in lattice.scale(target.volume).find_all_mappings(
        target, ltol=LENGTH_TOL, atol=ANGLE_TOL, skip_rotation_matrix=True
    ):
        if multiples.tobytes() in seen or round(abs(np.linalg.det(multiples))) != 1:
            continue
        equivalent = known.rotations.transpose(0, 2, 1) @ multiples
        seen.update(matrix.tobytes() for matrix in equivalent)
        yield cell


def _rms_of_best_pairs(
    lattice: Lattice, coords: np.ndarray, others: np.ndarray, unlike: np.ndarray
) -> float:
    """Least rms distance of atoms from their partners, Å, after the mean shift is taken out.

    Args:
        lattice: of both.
        coords, others: fractional coordinates, `[n, 3]`.
        unlike: pairs that may not be formed, 0 or 1, `[n, n]`.
    """
    vectors, squares = pbc_shortest_vectors(lattice, coords, others, unlike, return_d2=True)
    shifts = vectors[linear_sum_assignment(squares)]
    return float(np.sqrt(np.mean(np.sum((shifts - shifts.mean(axis=0)) ** 2, axis=1))))


def _rarest(structure: Structure) -> np.ndarray:
    """Indices of the atoms of the rarest element."""
    numbers = np.array(structure.atomic_numbers)
    elements, counts = np.unique(numbers, return_counts=True)
    return np.flatnonzero(numbers == elements[np.argmin(counts)])


def _unlike(rows: Structure, columns: Structure) -> np.ndarray:
    """Which atoms of two structures are of different elements, int64 `[n_rows, n_columns]`."""
    return np.not_equal.outer(rows.atomic_numbers, columns.atomic_numbers).astype(np.int64)


def _heights(lattice: Lattice) -> np.ndarray:
    """Distances between opposite faces, Å, `[3]`."""
    return 1 / np.linalg.norm(lattice.inv_matrix, axis=0)
