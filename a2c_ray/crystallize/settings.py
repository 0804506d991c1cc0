"""How glasses are crystallized."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.relaxation.slots import RelaxSettings


@dataclass(frozen=True)
class Cascade:
    """A cheap potential screens all subcells, an accurate one refines the lowest that are distinct.

    screening, refinement: the potentials.
    window: above the lowest of a composition under the screening potential, eV/atom.
    max_products: distinct crystals of a composition that are refined.
    """

    screening: PotentialChoice
    refinement: PotentialChoice
    window: float
    max_products: int


@dataclass(frozen=True)
class SelfTaught:
    """A cascade whose cheap potential, the student, the run trains itself and checks.

    least_pool: subcells below which the accurate potential, the teacher, does all alone.
    least_work: evaluations of atoms under the teacher below which, likewise.
    control: subcells that the teacher relaxes from the glass, to see what the student loses; None
        to let their number follow from the pool.
    training: subcells whose relaxations under the teacher are learnt from.
    rounds: of training; before each but the first the student relaxes some subcells, and the
        teacher says what it thinks of their ways.
    steps: gradient steps of a round; None to let them follow from the pool.
    confidence: with which the lowest crystals are to be among those that are refined.
    max_products: distinct crystals of a composition that are refined.
    """

    least_pool: int
    least_work: float
    control: int | None
    training: int
    rounds: int
    steps: int | None
    confidence: float
    max_products: int


@dataclass(frozen=True)
class Crystallization:
    """How glasses are crystallized.

    n_grid: grid points an axis.
    max_atoms: of a subcell.
    composition: that subcells must have; None for any.
    min_distance: Å; subcells with closer atoms are dropped.
    max_subcells: of a glass, drawn at random; None for all.
    relaxation: when a relaxation stops.
    max_shapes: numbers of atoms that subcells are padded to.
    cascade: of two potentials, given or self-taught; None if one does everything.
    hopeless: how far above the lowest of some subcells that are relaxed first a relaxation that has
        become quiet is given up, eV/atom; None for never.
    """

    n_grid: int
    max_atoms: int
    composition: str | None
    min_distance: float
    max_subcells: int | None
    relaxation: RelaxSettings
    max_shapes: int
    cascade: Cascade | SelfTaught | None = None
    hopeless: float | None = None
