"""How many atoms, and how much room: the cubic box a glass is made in."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Composition, Structure

from a2c_ray.cells import Cell
from a2c_ray.compositions import is_metallic
from a2c_ray.errors import InputError
from a2c_ray.units import AMU_PER_A3_IN_G_CM3, LEAST_VOLUME

GLASS_EXPANSION = 1.15
"""Volume of a glass over that of its stable crystal (a²c paper, Methods)."""

METALLIC_EXPANSION = 1.05
"""The same of metals, whose glasses take some 2 % more room than their crystals, and their melts
some 10 %. The paper's Fe80B20 is not expanded by 15 %, either."""


def glass_expansion(composition: Composition) -> float:
    """Volume of a glass over that of its stable crystal: 1.15, or 1.05 of a metal."""
    return METALLIC_EXPANSION if is_metallic(composition) else GLASS_EXPANSION


def atomic_volume(
    composition: Composition,
    volume_per_atom: float | None = None,
    density: float | None = None,
    stable_structure: Structure | None = None,
) -> float:
    """Volume of an atom in the box, Å³, from exactly one of three sources.

    Args:
        composition: of the glass.
        volume_per_atom: Å³.
        density: g/cm³.
        stable_structure: known stable crystal, see `glass_expansion`.

    Raises:
        InputError: none or several are given, one is not positive, or an atom gets no room.
    """
    given = [x for x in (volume_per_atom, density, stable_structure) if x is not None]
    if len(given) == 1:
        if stable_structure is not None:
            expansion = glass_expansion(composition)
            return expansion * stable_structure.volume / len(stable_structure)
        if density is not None:
            mass = float(composition.weight / composition.num_atoms) * AMU_PER_A3_IN_G_CM3
            return _roomy(mass / _positive("density", density), f"density={density:g} g/cm³")
        if volume_per_atom is not None:
            volume = _positive("volume_per_atom", volume_per_atom)
            return _roomy(volume, f"volume_per_atom={volume:g} Å³")
    raise InputError(
        "give exactly one of volume_per_atom, density and stable_structure, "
        f"not {len(given)} of them"
    )


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise InputError(f"{name} must be positive, not {value}")
    return value


def _roomy(volume: float, given: str) -> float:
    if volume < LEAST_VOLUME:
        raise InputError(
            f"{given}: an atom would have {volume:.3g} Å³, and needs at least {LEAST_VOLUME:g} Å³"
        )
    return volume


def random_cell(composition: Composition, volume_per_atom: float, seed: int) -> Cell:
    """Atoms at random positions in a cubic box.

    Args:
        composition: of the whole box.
        volume_per_atom: Å³.
        seed: of the positions.
    """
    numbers = np.repeat(
        [element.Z for element in composition], [round(n) for n in composition.values()]
    ).astype(np.int32)
    edge = (volume_per_atom * len(numbers)) ** (1 / 3)
    positions = np.random.default_rng(seed).random((len(numbers), 3)) * edge
    return Cell(np.eye(3) * edge, positions, numbers)
