"""One plan of a campaign, in progress: what is done of it, and what has become possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pymatgen.core import Structure

from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.plan import GlassPlan, Plan
from a2c_ray.campaign.selection import Selected
from a2c_ray.campaign.status import PointStatus
from a2c_ray.cluster.unit import SharedPotential
from a2c_ray.crystallize.settings import Cascade
from a2c_ray.lake import Lake
from a2c_ray.potentials.catalogue import PotentialChoice


@dataclass(frozen=True)
class Shared:
    """A potential that actors can take out of the object store.

    potential: reference to it.
    fingerprint: hash of its weights and architecture.
    cutoff: Å.
    """

    potential: SharedPotential
    fingerprint: str
    cutoff: float


@dataclass
class Point:
    """One plan of a campaign, in progress; units count here what they have done.

    plan: what to do.
    status: what is done.
    potentials: of its units, and their cutoffs.
    destination, lake: of its rows.
    melts_left: glasses that are neither made nor given up.
    subcells_left: of each glass under way, those that are neither relaxed nor given up.
    crystals_left: of those that a cascade refines; None before they are chosen.
    new_glasses: made, with their ids, whose subcells are not queued yet.
    whole_glasses: ids of those that are crystallized, whose parts are not merged yet.
    selected: crystals to refine that are not queued yet.
    is_selecting: whether it has been decided, or is being, what a cascade refines.
    is_ranking: whether its last unit has been queued.
    """

    plan: Plan
    status: PointStatus
    potentials: Mapping[PotentialChoice, Shared]
    destination: Destination
    lake: Lake
    melts_left: int = 0
    subcells_left: dict[str, int] = field(default_factory=dict)
    crystals_left: int | None = None
    new_glasses: list[tuple[str, Structure]] = field(default_factory=list)
    whole_glasses: list[str] = field(default_factory=list)
    selected: list[Selected] = field(default_factory=list)
    is_selecting: bool = False
    is_ranking: bool = False

    @property
    def is_crystallized(self) -> bool:
        """Whether all subcells of all glasses are relaxed or have failed."""
        return not (self.melts_left or self.new_glasses or self.subcells_left)

    @property
    def is_refined(self) -> bool:
        """Whether nothing is left to relax again; without a given cascade nothing ever is."""
        given = isinstance(self.plan.crystallization.cascade, Cascade)
        return not given or self.crystals_left == 0

    @property
    def lessons_left(self) -> int:
        """Units of the step of a self-taught cascade under way that are not done yet."""
        return self.status.lessons_total - self.status.lessons_done

    @property
    def is_idle(self) -> bool:
        """Whether all is done that the next step of a self-taught cascade waits for."""
        return self.is_crystallized and not (self.lessons_left or self.crystals_left)

    def close_melt(self, glass: GlassPlan, structure: Structure | None, reason: str) -> None:
        """Note that a glass is made, or why it could not be."""
        self.melts_left -= 1
        self.status.glasses_done += 1
        if structure is None:
            self.status.failures.append(f"{glass.glass_id}: {reason}")
        elif glass.crystallize:
            self.new_glasses.append((glass.glass_id, structure))

    def open_lessons(self, names: Sequence[str]) -> None:
        """Note the units of the next step of a self-taught cascade, by what each is part of."""
        self.status.lessons_total, self.status.lessons_done = len(names), 0
        self.status.lesson = max(names, key=names.count, default="")

    def close_lesson(self) -> None:
        """Note that one of them is done or given up."""
        self.status.lessons_done += 1

    def close_subcells(self, glass_id: str, n: int, n_atoms: int) -> None:
        """Note that so many more subcells of a glass, and their atoms, are done or given up."""
        self.status.finish(n, n_atoms)
        self.subcells_left[glass_id] -= n
        if not self.subcells_left[glass_id]:
            del self.subcells_left[glass_id]
            self.whole_glasses.append(glass_id)

    def close_crystals(self, n: int) -> None:
        """The same for crystals that a cascade refines."""
        self.crystals_left = (self.crystals_left or 0) - n

    def note(self, outcomes: Counter[str], lowest: Mapping[str, float]) -> None:
        """Take in outcomes of relaxations, and the lowest energy of each formula, eV/atom."""
        self.status.outcomes += outcomes
        self.note_lowest(lowest)

    def note_lowest(self, lowest: Mapping[str, float]) -> None:
        """Take in the lowest energy of each formula, eV/atom."""
        known = self.status.lowest
        for formula, energy in lowest.items():
            known[formula] = min(energy, known.get(formula, np.inf))
