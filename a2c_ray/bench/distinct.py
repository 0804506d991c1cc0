"""Measure how fast distinct crystals are told apart, and whether StructureMatcher agrees."""

from __future__ import annotations

import math
import os
import resource
import time
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, overload

import numpy as np
from pymatgen.core import Structure

from a2c_ray.analysis.distinct import distinct
from a2c_ray.analysis.grouping import Candidate, group_alike
from a2c_ray.analysis.matching import matched_cell, matcher
from a2c_ray.analysis.polymorphs import polymorphs_of
from a2c_ray.analysis.twins import TWIN_ENERGY
from a2c_ray.bench.disguise import deformed, in_another_cell

FORMULAS = ("TiO2", "SiO2", "Al2O3", "BN")
CRYSTALS = 75
"""Of each formula: known ones first, then random ones."""

STRANGERS = 0.2
"""Share of cells that are like no other."""

MOST_ATOMS = 16
LEAST_RANDOM = 6
"""Atoms of random crystals: of fewer, all that are chemically alike match."""

DOUBLED = 0.1
"""Share of copies in a cell twice as large."""

ENERGIES = 0.5
"""eV/atom, over which crystals and strangers are spread."""

STRAIN, SHIFT, SCATTER = 1e-3, 5e-3, 1e-4
"""Of copies; the latter in Å and eV/atom."""

CLOSEST = 1.2
"""Å; of atoms of random crystals."""


def measure_distinct(n_cells: int, n_pairs: int, seed: int) -> dict[str, Any]:
    """Group cells whose crystals are known, and compare single verdicts with StructureMatcher's.

    Args:
        n_cells: copies of 300 crystals of four compositions, and strangers.
        n_pairs: of a crystal and what it is deformed to, from surely alike to surely not.
        seed: of all of them.
    """
    rng = np.random.default_rng(seed)
    crystals = [crystal for formula in FORMULAS for crystal in _crystals(formula, rng)]
    cells = Disguised(crystals, n_cells, rng)
    started = time.perf_counter()
    groups = distinct(cells, cells.energies.tolist())
    seconds = time.perf_counter() - started
    return {
        "what": "distinct",
        "cells": n_cells,
        "crystals_there": len(set(cells.origins) - {-1}) + int((cells.origins < 0).sum()),
        "crystals_found": len(groups),
        "cells_astray": _astray(groups, cells.origins),
        "seconds": seconds,
        "us_a_cell": 1e6 * seconds / n_cells,
        "peak_memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "verdicts": verdicts(crystals, n_pairs, rng),
        "processors": os.cpu_count(),
    }


class Disguised(Sequence[Structure]):
    """Copies of crystals in other cells, and strangers, made from arrays as they are asked for.

    Args:
        crystals: whose copies are made.
        n: how many structures in all.
        rng: of the draw.
    """

    def __init__(self, crystals: Sequence[Structure], n: int, rng: np.random.Generator) -> None:
        self.origins = np.where(rng.random(n) < STRANGERS, -1, rng.integers(len(crystals), size=n))
        of_crystals = -rng.random(len(crystals)) * ENERGIES
        self.energies = of_crystals[self.origins] + rng.normal(0, SCATTER, n)
        is_stranger = self.origins < 0
        self.energies[is_stranger] = -rng.random(int(is_stranger.sum())) * ENERGIES
        self._cells = [self._cell(crystals, int(origin), rng) for origin in self.origins]

    @staticmethod
    def _cell(
        crystals: Sequence[Structure], origin: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, list[Any], np.ndarray]:
        if origin < 0:
            made = in_another_cell(_random_crystal(crystals, rng), rng)
        else:
            crystal = crystals[origin]
            if 2 * len(crystal) <= MOST_ATOMS and rng.random() < DOUBLED:
                crystal = crystal * (1, 1, 2)
            made = in_another_cell(deformed(crystal, STRAIN, SHIFT, rng), rng)
        return made.lattice.matrix, list(made.atomic_numbers), made.frac_coords

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, place: int) -> Structure: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Structure]: ...
    def __getitem__(self, place: int | slice) -> Structure | Sequence[Structure]:
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        lattice, numbers, coords = self._cells[place]
        return Structure(lattice, numbers, coords)


def verdicts(
    crystals: Sequence[Structure], n_pairs: int, rng: np.random.Generator
) -> dict[str, int]:
    """How often two cells of equal volumes are one, here and for StructureMatcher.

    Args:
        crystals: that one cell of each pair is.
        n_pairs: to compare.
        rng: of the draw.
    """
    counts: Counter[str] = Counter(pairs=n_pairs, both_alike=0, both_apart=0, only_here=0)
    counts["only_there"] = 0
    compare = matcher()
    for _ in range(n_pairs):
        crystal = crystals[int(rng.integers(len(crystals)))]
        amount = 2 * rng.random()
        other = in_another_cell(deformed(crystal, 0.02 * amount, 0.25 * amount, rng), rng)
        other.scale_lattice(crystal.volume)
        there = compare.fit(other, crystal)
        # Energies so far apart that crystals are not taken for twins, which are symmetrized.
        pair = [Candidate(crystal, 0.0, 0), Candidate(other, 2 * TWIN_ENERGY, 1)]
        here = len(group_alike(pair)) == 1
        name = "both" if here == there else "only"
        kind = ("alike" if here else "apart") if here == there else ("here" if here else "there")
        counts[f"{name}_{kind}"] += 1
    return dict(counts)


def _crystals(formula: str, rng: np.random.Generator) -> list[Structure]:
    """Primitive cells of at most so many atoms."""
    known = [matched_cell(polymorph.structure) for polymorph in polymorphs_of(formula)]
    small = [crystal for crystal in known if len(crystal) <= MOST_ATOMS]
    while len(small) < CRYSTALS:
        small.append(_random_crystal(small, rng))
    return small


def _random_crystal(known: Sequence[Structure], rng: np.random.Generator) -> Structure:
    """Atoms anywhere, not too close, in a cell about as large as one of known crystals."""
    like = known[int(rng.integers(len(known)))]
    like = like * (1, 1, math.ceil(LEAST_RANDOM / len(like)))
    lattice = np.eye(3) + rng.normal(0, 0.2, (3, 3))
    lattice *= np.cbrt(like.volume * rng.uniform(0.9, 1.3) / abs(np.linalg.det(lattice)))
    while True:
        made = Structure(lattice, like.species, rng.random((len(like), 3)))
        distances = made.distance_matrix + 2 * CLOSEST * np.eye(len(made))
        if distances.min() > CLOSEST:
            return made
        lattice *= 1.01


def _astray(groups: Sequence[Sequence[int]], origins: np.ndarray) -> int:
    """Cells that are not with most copies of their crystal, and strangers that are not alone."""
    copies = Counter(
        (origin, k) for k, group in enumerate(groups) for origin in origins[list(group)].tolist()
    )
    home = {origin: k for (origin, k), _ in sorted(copies.items(), key=itemgetter(1))}
    return sum(
        n
        for (origin, k), n in copies.items()
        if (len(groups[k]) > 1 if origin < 0 else home[origin] != k)
    )
