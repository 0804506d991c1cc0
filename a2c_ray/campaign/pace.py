"""How much work makes a unit: measured rates, and what is left."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

REMEMBERED = 3
"""Units whose rates are remembered. The fastest counts: others had to compile first."""

FIRST_SUBCELLS = 24
"""Of a unit while no rate is known."""

FEWEST_SUBCELLS = 8
"""Of a unit when the end is near; with fewer, an actor's slots would be half empty."""

MOST_SUBCELLS = 20_000
"""Of a unit, whatever its rate: rows are kept in memory until it is done."""


class Pace:
    """Rates of relaxation, in atoms of subcells per second, by kind of actor and run.

    Args:
        unit_s: time that a unit should take, s.
    """

    def __init__(self, unit_s: float) -> None:
        self.unit_s = unit_s
        self._rates: dict[tuple[str, str], deque[float]] = {}

    def learn(self, kind: str, run_id: str, n_atoms: int, wall_s: float) -> None:
        """Take in how long a unit took."""
        rates = self._rates.setdefault((kind, run_id), deque(maxlen=REMEMBERED))
        rates.append(n_atoms / max(wall_s, 1e-6))

    def unit_atoms(self, kind: str, run_id: str) -> float | None:
        """Atoms of subcells that make a unit; None while no rate is known."""
        rates = self._rates.get((kind, run_id))
        return max(rates) * self.unit_s if rates else None

    def seconds(self, kind: str, run_id: str, n_atoms: int) -> float | None:
        """Time that subcells of so many atoms in all will take, s; None while no rate is known."""
        rates = self._rates.get((kind, run_id))
        return n_atoms / max(rates) if rates and n_atoms else None


def share(n_left: int, n_actors: int) -> int:
    """Most subcells of a unit, so that all actors end at about the same time.

    Each unit is half an actor's share of what is left ("guided self-scheduling", Polychronopoulos
    and Kuck, IEEE Trans. Comput. 36, 1425 (1987)).

    Args:
        n_left: subcells that no unit holds yet.
        n_actors: that work on them.
    """
    fair = math.ceil(n_left / (2 * n_actors))
    return min(MOST_SUBCELLS, max(FEWEST_SUBCELLS, fair))


def unit_size(n_atoms: np.ndarray, most_atoms: float | None) -> int:
    """How many of some cells make a unit, at least one.

    Args:
        n_atoms: of each cell, in order, `[n]`.
        most_atoms: of all of the unit; None while no rate is known.
    """
    if most_atoms is None:
        return min(len(n_atoms), FIRST_SUBCELLS)
    return max(1, int(np.searchsorted(np.cumsum(n_atoms), most_atoms, side="right")))
