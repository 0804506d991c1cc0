"""Whether two crystals are stacks of the same layers, such as c-BN and w-BN: polytypes.

A layer with a hexagonal net fits onto the next in more than one way, and stacks of different
sequences have nearly the same energy. What they have in common is the layer. It is compared as the
crystal in which it is repeated straight above itself, which does not depend on the sequence.

Source: on polytypes, A. Guinier et al., Acta Crystallogr. A 40, 399 (1984).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.polymorphs import ODD_CELL, Polymorph, polymorphs_of
from a2c_ray.analysis.symmetry import standard_primitive_cell

LOG = logging.getLogger(__name__)

LENGTH_TOL, ANGLE_TOL = 0.1, 5.0
"""Relative, and degrees: how far the cells of two layers may differ, and a net from a hexagonal
one."""

LARGEST_RMS = 0.1
"""Of (V/n)^(1/3); displacement of the atoms of one layer from those of another."""

DENSITY_TOL = 0.15
"""Relative difference of the volumes of two polytypes."""

SMALLEST_GAP = 0.5
"""Å; between the atoms on both sides of a cut."""

HEIGHT_TOL = 0.5
"""Å; by which the mean heights of an element in the layers of a crystal may differ. They differ by
more if layers are not evenly spaced, or if some are turned over and have unlike sides."""

STEPS = np.array([v for v in product(range(-2, 3), repeat=3) if any(v)])
"""Small lattice vectors, in units of a reduced cell's."""


class Net(NamedTuple):
    """A lattice seen as parallel nets, Å.

    first, second: of the net.
    up: to the next net.
    """

    first: np.ndarray
    second: np.ndarray
    up: np.ndarray


def are_polytypes(one: Structure, other: Structure) -> bool:
    """Whether two crystals stack the same layers in different sequences.

    Only layers with hexagonal nets are looked for, one kind in a crystal, all the same way up.

    Args:
        one, other: any cells.
    """
    return _difference(one, layers_of(one), other, layers_of(other)) is not None


def stacking_variant(structure: Structure) -> Polymorph | None:
    """The published polymorph that a crystal differs from in the stacking of its layers only.

    Of several, one that the paper names as a product, and of these the most similar.
    """
    known = _known(structure.composition.reduced_formula)
    if not known:
        return None
    try:
        layers = layers_of(structure)
        differences = [_difference(structure, layers, p.structure, its) for p, its in known]
    except ODD_CELL:
        LOG.warning("cannot be cut into layers: %s", structure, exc_info=True)
        return None
    variants = [
        (polymorph.role != "product", difference, polymorph)
        for (polymorph, _), difference in zip(known, differences, strict=True)
        if difference is not None
    ]
    return min(variants, key=lambda variant: variant[:2])[-1] if variants else None


def layers_of(structure: Structure) -> list[Structure]:
    """The thinnest layer that a crystal is a stack of, for each way in which it can be cut.

    Args:
        structure: any cell of a crystal.

    Returns:
        Crystals in which the layer is repeated straight above itself, along the third vector.
    """
    cell = standard_primitive_cell(structure).get_reduced_structure()
    _, n_formulas = cell.composition.get_reduced_composition_and_factor()
    divisors = [n for n in range(int(n_formulas), 0, -1) if n_formulas % n == 0]
    found = []
    for net in _hexagonal_nets(cell.lattice.matrix):
        by_number = (
            [cut[0] for cut in _cuts(cell, net, n) if _is_one_layer(cut)] for n in divisors
        )
        found += next(filter(None, by_number), [])
    return found


def _hexagonal_nets(matrix: np.ndarray) -> Iterator[Net]:
    """Nets of a reduced cell whose shortest vectors are equally long, 60° or 120° apart."""
    for across in product((-1, 0, 1), repeat=3):
        if across <= (0, 0, 0):
            continue
        nets_up = STEPS @ across
        first, *others = _by_length(STEPS[nets_up == 0] @ matrix)
        second = next(v for v in others if np.linalg.norm(np.cross(first, v)) > 1e-3)
        lengths = np.linalg.norm([first, second], axis=1)
        angle = np.degrees(np.arccos(abs(first @ second) / np.prod(lengths)))
        if lengths[1] / lengths[0] - 1 <= LENGTH_TOL and abs(angle - 60) <= ANGLE_TOL:
            yield Net(first, second, _by_length(STEPS[nets_up == 1] @ matrix)[0])


def _cuts(cell: Structure, net: Net, n_layers: int) -> Iterator[list[Structure]]:
    """All ways to cut a crystal into layers of one composition at even distances.

    Yields:
        The layers of one period, each repeated straight above itself.
    """
    normal = np.cross(net.first, net.second)
    normal *= np.sign(normal @ net.up) / np.linalg.norm(normal)
    period = net.up @ normal
    lattice = Lattice([net.first, net.second, normal * period / n_layers])
    coords = cell.cart_coords - np.outer(np.floor(cell.cart_coords @ normal / period), net.up)
    order = np.argsort(coords @ normal)
    coords, numbers = coords[order], np.array(cell.atomic_numbers)[order]
    for _ in range(len(cell) // n_layers):
        coords = np.concatenate([coords[1:], coords[:1] + net.up])  # the lowest atom goes up
        numbers = np.roll(numbers, -1)
        layers, contents = coords.reshape(n_layers, -1, 3), numbers.reshape(n_layers, -1)
        heights = layers @ normal
        gaps = np.append(heights[1:, 0], heights[0, 0] + period) - heights[:, -1]
        levels = np.arange(n_layers)[:, None] * lattice.c
        if gaps.min() >= SMALLEST_GAP and _have_equal_heights(heights - levels, contents):
            yield [
                Structure(lattice, species.tolist(), places, coords_are_cartesian=True)
                for species, places in zip(contents, layers, strict=True)
            ]


def _have_equal_heights(heights: np.ndarray, contents: np.ndarray) -> bool:
    """Whether layers consist of the same atoms, those of each element in the same places.

    Args:
        heights: of atoms in their layers, Å, `[n_layers, n_atoms]`.
        contents: atomic numbers, `[n_layers, n_atoms]`.
    """
    if np.ptp(np.sort(contents), axis=0).any():
        return False
    means = [
        [height[content == element].mean() for element in np.unique(contents)]
        for height, content in zip(heights, contents, strict=True)
    ]
    return np.ptp(means, axis=0).max() <= HEIGHT_TOL


def _is_one_layer(layers: Sequence[Structure]) -> bool:
    """Whether all layers are the same, in whatever directions they are turned."""
    return all(_rms(layers[0], layer) is not None for layer in layers[1:])


def _difference(
    one: Structure, layers: Sequence[Structure], other: Structure, its_layers: Sequence[Structure]
) -> float | None:
    """Rms displacement over (V/n)^(1/3) between the layers of two polytypes; None if they are not.

    Args:
        one, other: crystals.
        layers, its_layers: of each, from `layers_of`.
    """
    volumes = [crystal.volume / len(crystal) for crystal in (one, other)]
    if max(volumes) / min(volumes) - 1 > DENSITY_TOL:
        return None
    differences = [_rms(a, b) for a, b in product(layers, its_layers) if _are_as_thick(a, b)]
    least = min((d for d in differences if d is not None), default=None)
    is_one_crystal = least is not None and StructureMatcher(attempt_supercell=True).fit(one, other)
    return None if is_one_crystal else least


def _are_as_thick(one: Structure, other: Structure) -> bool:
    """At equal volumes per atom; cheaper than comparing atoms."""
    thickness = [layer.lattice.c / (layer.volume / len(layer)) ** (1 / 3) for layer in (one, other)]
    return max(thickness) / min(thickness) - 1 <= LENGTH_TOL


def _rms(one: Structure, other: Structure) -> float | None:
    """Displacement of the atoms of two layers over (V/n)^(1/3); None if they are not alike."""
    # a lower stol would miss some of the matches that are well within it
    compare = StructureMatcher(
        LENGTH_TOL, angle_tol=ANGLE_TOL, primitive_cell=False, attempt_supercell=True
    )
    found = compare.get_rms_dist(one, other)
    return float(found[0]) if found is not None and found[0] <= LARGEST_RMS else None


@cache
def _known(formula: str) -> tuple[tuple[Polymorph, list[Structure]], ...]:
    return tuple((p, layers_of(p.structure)) for p in polymorphs_of(formula))


def _by_length(vectors: np.ndarray) -> np.ndarray:
    """Shortest first, `[n, 3]`."""
    return vectors[np.argsort(np.linalg.norm(vectors, axis=1), kind="stable")]
