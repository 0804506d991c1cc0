"""Where a campaign stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pymatgen.core import Composition

from a2c_ray.analysis.ranking import Product
from a2c_ray.campaign.time_left import Cost, MeltAhead, TimeLeft, estimate
from a2c_ray.cluster.unit import InFlight, Stage


@dataclass
class PointStatus:
    """Where one point of a campaign stands.

    run_id, composition, label: of the point.
    glasses_total, glasses_done: to make; made, now or before.
    glasses_cut: whose subcells are known.
    subcells_total, subcells_done: known so far; relaxed or failed, now or before.
    atoms_total, atoms_done: of all of these subcells.
    lesson, lessons_total, lessons_done: step of a self-taught cascade under way, its units.
    refined_total, refined_done: crystals that a cascade refines in this attempt.
    outcomes: of the subcells relaxed by this attempt.
    lowest: energy of each reduced formula, eV/atom, found by this attempt.
    failures: what went wrong, one line a unit or glass.
    products, paths: once it is ranked, with a file of each product.
    expected: names of the polymorphs that should emerge.
    """

    run_id: str
    composition: str
    glasses_total: int
    glasses_done: int = 0
    glasses_cut: int = 0
    subcells_total: int = 0
    subcells_done: int = 0
    atoms_total: int = 0
    atoms_done: int = 0
    lesson: str = ""
    lessons_total: int = 0
    lessons_done: int = 0
    refined_total: int = 0
    refined_done: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    lowest: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    products: list[Product] | None = None
    paths: list[str] = field(default_factory=list)
    label: str = ""
    expected: tuple[str, ...] = ()

    def find(self, n_subcells: int, n_atoms: int) -> None:
        """Note that there are so many more subcells, of so many atoms in all."""
        self.subcells_total += n_subcells
        self.atoms_total += n_atoms

    def finish(self, n_subcells: int, n_atoms: int) -> None:
        """Note that so many more of them are relaxed or have failed."""
        self.subcells_done += n_subcells
        self.atoms_done += n_atoms

    @property
    def formula(self) -> str:
        """Reduced formula of the glasses; energies of other compositions are not comparable.

        "" without glasses.
        """
        return Composition(self.composition).reduced_formula if self.composition else ""

    @property
    def of_target(self) -> list[Product]:
        """Products of the glasses' own composition."""
        formula = self.formula
        return [product for product in self.products or [] if product.formula == formula]


@dataclass
class Status:
    """Where a campaign stands.

    points: by run id.
    in_flight: units and how far they are.
    n_actors: that are up.
    n_melts_waiting, n_subcells_waiting: for an actor.
    occupancy: share of the actors' time that they had a unit.
    relaxing_s: time since the first subcells were handed out, s.
    melting, relaxing: what finished units have cost.
    melts: that wait or are in flight.
    n_units_done: by this attempt.
    """

    points: dict[str, PointStatus]
    in_flight: list[InFlight] = field(default_factory=list)
    n_actors: int = 0
    n_melts_waiting: int = 0
    n_subcells_waiting: int = 0
    occupancy: float = 0.0
    relaxing_s: float = 0.0
    n_units_done: int = 0
    melting: Cost = field(default_factory=Cost)
    relaxing: Cost = field(default_factory=Cost)
    melts: list[MeltAhead] = field(default_factory=list)

    @property
    def subcells_under_way(self) -> int:
        """Subcells that units in flight have relaxed but not written yet."""
        return sum(f.done for f in self.in_flight if f.unit.stage is Stage.RELAXING)

    @property
    def _atoms_under_way(self) -> int:
        """Of those subcells."""
        relaxing = [f for f in self.in_flight if f.unit.stage is Stage.RELAXING and f.total]
        return sum(f.unit.n_atoms * f.done // f.total for f in relaxing)

    @property
    def melt_quenches(self) -> list[InFlight]:
        """Melt-quenches in flight."""
        return [f for f in self.in_flight if f.unit.stage is Stage.MELTING]

    @property
    def trainings(self) -> list[InFlight]:
        """Trainings of students in flight, that have begun to count."""
        return [f for f in self.in_flight if f.unit.stage is Stage.TRAINING and f.total]

    @property
    def failures(self) -> list[str]:
        """Of all points."""
        return [failure for point in self.points.values() for failure in point.failures]

    @property
    def subcells_per_s(self) -> float:
        """Mean rate of this attempt."""
        relaxed = self.outcomes.total() + self.subcells_under_way
        return relaxed / max(1.0, self.relaxing_s)

    @property
    def time_left(self) -> TimeLeft | None:
        """Until all subcells are relaxed, those of glasses to come among them.

        None if unknown, and once they are.
        """
        left = self.total("atoms_total") - self.total("atoms_done") - self._atoms_under_way
        if not (left > 0 or self.melts):
            return None  # what is still done is not relaxations of the pool
        of_glass = {
            run_id: point.atoms_total / point.glasses_cut
            for run_id, point in self.points.items()
            if point.glasses_cut
        }
        return estimate(self.melts, left, of_glass, self.melting, self.relaxing, self.n_actors)

    def add_cost(self, stage: Stage, amount: int, actor_s: float) -> None:
        """Take in what a finished unit has cost: glasses or atoms of subcells, and s."""
        if stage is Stage.MELTING:
            self.melting.add(amount, actor_s)
        elif stage is Stage.RELAXING:
            self.relaxing.add(amount, actor_s)

    def total(self, name: str) -> int:
        """Sum of a number, e.g. "glasses_done", over all points."""
        return sum(getattr(point, name) for point in self.points.values())

    @property
    def outcomes(self) -> Counter[str]:
        """Of the subcells relaxed by this attempt, at all points."""
        return sum((point.outcomes for point in self.points.values()), Counter())
