"""What the units of a campaign have in common."""

from __future__ import annotations

from typing import Any, Self

from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.cluster.unit import OnProgress, SharedPotential, Stage


class CampaignUnit:
    """A piece of work for one actor, see `cluster.unit`, that says what its report means.

    What is here serves units that cannot be split and leave nothing to count.
    """

    plan: Plan
    stage: Stage = Stage.OTHER
    leaves_checkpoints: bool = False
    """From which it goes on when it is cut off."""

    is_repeated: bool = False
    """Whether it has been tried before, and may go on from what it has left."""

    is_optional: bool = False
    """Whether nobody misses it if it fails."""

    lesson: str = ""
    """Of the steps of a self-taught cascade, what it is part of, for people."""

    potential: SharedPotential | None

    @property
    def run_id(self) -> str:
        """Whose work it is."""
        return self.plan.run_id

    @property
    def pace(self) -> str:
        """With which units it shares a rate."""
        return self.run_id

    @property
    def n_atoms(self) -> int:
        """Of all subcells that it relaxes; 0 for units whose pace is of no interest."""
        return 0

    @property
    def amount(self) -> int:
        """Glasses, subcells or crystals that it makes or relaxes; 0 of units that do neither."""
        return 0

    @property
    def glass_ids(self) -> tuple[str, ...]:
        """Of glasses that it makes, which other runs may wait for."""
        return ()

    def run(self, potential: Any, on_progress: OnProgress) -> Any:
        """Do it, on an actor; returns its report.

        Args:
            potential: what `self.potential` stands for: a `Potential`, or None if that is None.
            on_progress: called now and then.
        """
        raise NotImplementedError

    def take(self, report: Any, point: Point) -> None:
        """Count what it has done, on the driver."""

    def give_up(self, point: Point) -> None:
        """Count it as over though it has failed for good, on the driver."""

    def again(self) -> Self:
        """What to do when it is tried once more."""
        return self

    def rest(self, point: Point) -> Self:
        """What is left of it, once what it has finished is counted, on the driver."""
        return self

    def halves(self) -> tuple[Self, ...]:
        """Two units that together do the same; none if it cannot be split."""
        if self.amount < 2:
            return ()
        middle = self.amount // 2
        return self.part(slice(None, middle)), self.part(slice(middle, None))

    def part(self, members: Any) -> Self:
        """A unit of some of its glasses, subcells or crystals, where it has any.

        Args:
            members: a slice; of units that are left in part, also an array of places.
        """
        raise NotImplementedError
