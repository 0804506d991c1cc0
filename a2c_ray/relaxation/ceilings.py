"""How low a relaxation must get to be worth its end, by composition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Kind = tuple[int, ...]
"""A composition: atomic numbers, and then how many atoms of each, in smallest whole numbers."""


@dataclass(frozen=True)
class Ceilings:
    """Enthalpies above which a relaxation that has become quiet is given up.

    per_atom: by composition, eV/atom.
    """

    per_atom: Mapping[Kind, float]

    def of(self, numbers: Sequence[int] | np.ndarray) -> float:
        """That of a cell with such atoms, eV; infinite where there is none."""
        return len(numbers) * self.per_atom.get(kind_of(numbers), math.inf)


def kind_of(numbers: Sequence[int] | np.ndarray) -> Kind:
    """The composition of some atoms, the same for every multiple of a formula."""
    elements, counts = np.unique(numbers, return_counts=True)
    return (*elements.tolist(), *(counts // np.gcd.reduce(counts)).tolist())
