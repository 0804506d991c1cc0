"""How long a campaign will still take, from what its finished units have cost.

Glasses that are still to be melted bring subcells: as many as those of their point that are there,
or as those of other points. Subcells count by their atoms, since the largest are relaxed first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple


class TimeLeft(NamedTuple):
    """Bounds of an estimate, s; `most` is None where nothing is known about a part of the work."""

    least: float
    most: float | None


@dataclass
class Cost:
    """What work of one kind has taken.

    n_units: that are finished.
    amount: of work in them: glasses, or atoms of subcells.
    actor_s: time that actors had them, s.
    """

    n_units: int = 0
    amount: int = 0
    actor_s: float = 0.0

    def add(self, amount: int, actor_s: float) -> None:
        """Take in a finished unit."""
        self.n_units += 1
        self.amount += amount
        self.actor_s += actor_s

    @property
    def of_one(self) -> float | None:
        """Actor-seconds for a glass, or an atom of subcells; None while nothing is finished."""
        return self.actor_s / self.amount if self.amount else None


class MeltAhead(NamedTuple):
    """A unit of melt-quenches that waits or is in flight.

    run_id: whose it is.
    n_glasses, n_crystallized: that it makes; whose subcells will be relaxed.
    share: of its steps that is left.
    share_gone, going_s: of its steps, those whose time is known, and that time, s.
    """

    run_id: str
    n_glasses: int
    n_crystallized: int
    share: float = 1.0
    share_gone: float = 0.0
    going_s: float = 0.0


def estimate(
    melts: Sequence[MeltAhead],
    n_atoms: int,
    atoms_of_glass: Mapping[str, float],
    melting: Cost,
    relaxing: Cost,
    n_actors: int,
) -> TimeLeft | None:
    """Time until all subcells are relaxed; None while nothing can be said.

    Args:
        melts: that are not finished.
        n_atoms: of all subcells that are known and not relaxed.
        atoms_of_glass: of all subcells of one glass, mean of the glasses that are there, by run.
        melting, relaxing: what finished units have cost.
        n_actors: that share the work.
    """
    to_come = _to_come(melts, atoms_of_glass)
    atoms = n_atoms + (to_come or 0.0)
    glass_s, atom_s = melting.of_one or _glass_s(melts), relaxing.of_one
    unit_s = [melt.share * melt.n_glasses * (glass_s or 0.0) for melt in melts]
    known_s = sum(unit_s) + atoms * (atom_s or 0.0)
    is_known = (
        (glass_s is not None or not melts)
        and (atom_s is not None or not atoms)
        and to_come is not None
    )
    if not n_actors or not (is_known or known_s):
        return None
    # A unit of melt-quenches is done by one actor, however many there are.
    seconds = max(known_s / n_actors, max(unit_s, default=0.0))
    spread = 1 + 1 / math.sqrt(1 + melting.n_units + relaxing.n_units)
    return TimeLeft(seconds / spread, seconds * spread if is_known else None)


def _to_come(melts: Sequence[MeltAhead], atoms_of_glass: Mapping[str, float]) -> float | None:
    """Atoms of subcells of glasses that are to be made; None if there is none to judge from."""
    crystallized = [melt for melt in melts if melt.n_crystallized]
    if crystallized and not atoms_of_glass:
        return None
    usual = fmean(atoms_of_glass.values()) if atoms_of_glass else 0.0
    return sum(m.n_crystallized * atoms_of_glass.get(m.run_id, usual) for m in crystallized)


def _glass_s(melts: Sequence[MeltAhead]) -> float | None:
    """Actor-seconds for a glass, as those in flight go on."""
    begun = [m.going_s / m.share_gone / m.n_glasses for m in melts if m.share_gone]
    return fmean(begun) if begun else None
