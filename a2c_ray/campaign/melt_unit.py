"""A unit of melt-quenches: glasses of one composition, made in one batch."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.checkpoint import CheckpointError
from a2c_ray.amorphous.glass import Glass, MeltQuenchError
from a2c_ray.amorphous.melt_quench import melt_quench_replicas
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.plan import GlassPlan, Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.rows import glass_row, trace_rows
from a2c_ray.campaign.time_left import MeltAhead
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import OnProgress, SharedPotential, Stage
from a2c_ray.potentials.potential import Potential

LOG = logging.getLogger(__name__)

FEWEST_TOGETHER = 8
"""Glasses that a GPU melts at a time, if there are as many."""

MOST_TOGETHER = 1 << 14
"""Atoms of the glasses that a GPU melts at a time, as far as its memory does not matter."""


@dataclass(frozen=True, eq=False)
class MeltQuenchUnit(CampaignUnit):
    """Glasses of one composition, made in one batch."""

    plan: Plan
    glasses: tuple[GlassPlan, ...]
    potential: SharedPotential
    destination: Destination

    stage = Stage.MELTING
    leaves_checkpoints = True

    def __str__(self) -> str:
        ids = self.glass_ids
        return f"melt-quench of {ids[0]}" + (f" to {ids[-1]}" if len(ids) > 1 else "")

    @property
    def amount(self) -> int:
        """Number of its glasses."""
        return len(self.glasses)

    @property
    def glass_ids(self) -> tuple[str, ...]:
        """Of its glasses."""
        return tuple(glass.glass_id for glass in self.glasses)

    def ahead(
        self, share_done: float = 0.0, share_gone: float = 0.0, going_s: float = 0.0
    ) -> MeltAhead:
        """What is left of it, once a share of its steps is done, and one was gone in so many s."""
        crystallized = sum(glass.crystallize for glass in self.glasses)
        left = 1 - share_done
        return MeltAhead(self.run_id, self.amount, crystallized, left, share_gone, going_s)

    def run(self, potential: Potential, on_progress: OnProgress) -> list[GlassReport]:
        """Make the glasses and write them with their traces."""
        started = time.monotonic()
        part = digest(self.glass_ids)
        results = self._melt_quench(potential, on_progress, part)
        wall_s = time.monotonic() - started
        rows, traces, reports = [], [], []
        for glass, result in zip(self.glasses, results, strict=True):
            row = glass_row(glass, result, self.plan.composition, potential)
            rows.append(row | {"wall_s": wall_s})
            if isinstance(result, MeltQuenchError):
                reports.append(GlassReport(glass.glass_id, None, str(result)))
            else:
                traces.extend(trace_rows(glass.glass_id, result))
                reports.append(GlassReport(glass.glass_id, result.structure, ""))
        # The trace first: a glass counts as done once its row in `amorphous` is there.
        if traces:
            self.destination.write("md_trace", part, traces)
        self.destination.write("amorphous", part, rows)
        self.destination.remove_checkpoint(part)
        return reports

    def _melt_quench(
        self, potential: Potential, on_progress: OnProgress, checkpoint: str
    ) -> list[Glass | MeltQuenchError]:
        """From where an earlier actor has come to, or from the beginning."""
        if self.plan.protocol is None:
            raise ValueError(f"run {self.run_id} has no protocol of a melt-quench")
        melt_quench = partial(
            melt_quench_replicas,
            Composition(self.plan.composition),
            potential,
            [glass.condition for glass in self.glasses],
            self.plan.protocol,
            on_progress,
            partial(self.destination.write_checkpoint, checkpoint),
        )
        try:
            return melt_quench(self.destination.read_checkpoint(checkpoint))
        except CheckpointError as error:
            LOG.warning("%s begins anew: its checkpoint cannot be used: %s", self, error)
            return melt_quench(None)

    def take(self, report: list[GlassReport], point: Point) -> None:
        """Glasses to crystallize are handed on."""
        for planned, glass in zip(self.glasses, report, strict=True):
            point.close_melt(planned, glass.structure, glass.reason)

    def part(self, members: slice) -> MeltQuenchUnit:
        """A unit of some of its glasses."""
        return replace(self, glasses=self.glasses[members])

    def give_up(self, point: Point) -> None:
        """There will be no such glasses."""
        point.melts_left -= len(self.glasses)


@dataclass(frozen=True)
class GlassReport:
    """Outcome of one melt-quench: the glass, or the reason why there is none."""

    glass_id: str
    structure: Structure | None
    reason: str


def melted_together(n_glasses: int, n_atoms: int, n_actors: int) -> int:
    """Glasses of one unit, where there are GPUs: a fair share of all.

    Args:
        n_glasses: that are wanted.
        n_atoms: of each.
        n_actors: that there is room for.
    """
    fair = max(FEWEST_TOGETHER, math.ceil(n_glasses / n_actors))
    return max(1, min(fair, MOST_TOGETHER // n_atoms))


def batches(glasses: Sequence[GlassPlan], size: int) -> Iterator[tuple[GlassPlan, ...]]:
    """Glasses of one unit each, in order; those of one melt stay together.

    Args:
        glasses: those of one melt one after another.
        size: of a batch; a melt of more glasses makes a larger one.
    """
    batch: tuple[GlassPlan, ...] = ()
    for _, of_melt in groupby(glasses, lambda glass: glass.condition.melt):
        more = tuple(of_melt)
        if batch and len(batch) + len(more) > size:
            yield batch
            batch = ()
        batch += more
    if batch:
        yield batch
