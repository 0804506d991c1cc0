"""What a campaign has to do: for each point, glasses to make and how to crystallize them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pymatgen.core import Structure

from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.crystallize.cutting import unit_shapes
from a2c_ray.crystallize.settings import Cascade, Crystallization, SelfTaught
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.relaxation.shapes import Shape

FIRST_ONE_IN, MOST_FIRST = 3, 16
"""One in so many glasses is melted first, for a student to learn from while the others melt; and at
most."""


@dataclass(frozen=True)
class GlassPlan:
    """One glass.

    glass_id: identifies it in the lake.
    condition: temperatures, volume and seed.
    crystallize: whether its subcells are relaxed.
    """

    glass_id: str
    condition: Condition
    crystallize: bool


@dataclass(frozen=True)
class Ranking:
    """Which relaxed subcells become products.

    window: above the lowest of a composition, eV/atom.
    max_products: distinct crystals of a composition.
    """

    window: float
    max_products: int


@dataclass(frozen=True)
class Plan:
    """One point of a campaign, which is one run in the lake.

    run_id: the same for the same settings, so that a run can be resumed by repeating it.
    system: name, as in the lake.
    composition: of a glass's cell, formula; "" for a pile of given cells, which may have many.
    expected: names of the polymorphs that should emerge.
    potential: of the melt-quench, and of all else without a cascade.
    protocol: of the melt-quench; None if there is none.
    glasses: to make; none if cells are given.
    crystallization, ranking: settings.
    lake: address.
    config: resolved configuration, JSON, for the record.
    label: what distinguishes the point from others, for people; "" if it is the only one.
    """

    run_id: str
    system: str
    composition: str
    expected: tuple[str, ...]
    potential: PotentialChoice
    protocol: Protocol | None
    glasses: tuple[GlassPlan, ...]
    crystallization: Crystallization
    ranking: Ranking
    lake: str
    config: str
    label: str = ""

    @property
    def pressure(self) -> float:
        """Of the surroundings of all relaxations, eV/Å³."""
        return self.crystallization.relaxation.pressure

    @property
    def screening(self) -> PotentialChoice:
        """Potential that relaxes all subcells; of a self-taught cascade, the teacher."""
        cascade = self.crystallization.cascade
        return cascade.screening if isinstance(cascade, Cascade) else self.potential

    @property
    def refinement(self) -> PotentialChoice:
        """Potential whose energies are ranked."""
        cascade = self.crystallization.cascade
        return cascade.refinement if isinstance(cascade, Cascade) else self.potential

    @property
    def self_taught(self) -> SelfTaught | None:
        """How the run trains a potential of its own; None if it does not."""
        cascade = self.crystallization.cascade
        return cascade if isinstance(cascade, SelfTaught) else None

    @property
    def has_course(self) -> bool:
        """Whether what is done with some subcells depends on what has become of others."""
        waits = self.self_taught is not None or self.crystallization.hopeless is not None
        return bool(self.glasses) and waits

    @property
    def screening_table(self) -> str:
        """Table of the lake that holds what becomes of all subcells under that potential."""
        return "screened" if isinstance(self.crystallization.cascade, Cascade) else "relaxed"

    @property
    def crystallized_glasses(self) -> tuple[str, ...]:
        """Ids of the glasses whose subcells are relaxed."""
        return tuple(glass.glass_id for glass in self.glasses if glass.crystallize)

    @property
    def first_glasses(self) -> tuple[str, ...]:
        """Ids of those that are melted first: all, but where a student can learn from some."""
        all_ = self.crystallized_glasses
        if self.self_taught is None or len(all_) < FIRST_ONE_IN:
            return all_
        n = min(math.ceil(len(all_) / FIRST_ONE_IN), MOST_FIRST)
        # From the middles of equal stretches: of a grid not all at the same temperature.
        return tuple(all_[(2 * k + 1) * len(all_) // (2 * n)] for k in range(n))

    def shapes(self, cutoff: float, volume_per_atom: float) -> tuple[Shape, ...]:
        """Array shapes for the subcells of a glass.

        Args:
            cutoff: of the potential, Å.
            volume_per_atom: of the glass, Å³.
        """
        return unit_shapes(self.crystallization, self.composition, cutoff, volume_per_atom)

    def glass_shapes(self, glass: Structure, cutoff: float) -> tuple[Shape, ...]:
        """The same for a glass that is made."""
        return self.shapes(cutoff, glass.volume / len(glass))
