"""Units of cells that are relaxed in one queue, and write each soon after it has finished.

What has finished in the last seconds becomes a part of its own, below that of the unit, which in
the end holds all rows and supersedes these. No part is ever replaced by another, so that readers
see whole ones, and each row once. A unit that is tried again goes on from the parts that its
forerunner has left; one that is split leaves them, and its halves have the rest.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.metrics import count_relaxed
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cluster.unit import Stage
from a2c_ray.relaxation.shapes import Shape


class CellUnit(CampaignUnit):
    """Cells of one run, relaxed in one queue."""

    shapes: tuple[Shape, ...]
    """Of the arrays."""

    destination: Destination

    stage = Stage.RELAXING

    @property
    def group(self) -> str:
        """What they are counted under: their glass, or one name for all given cells."""
        raise NotImplementedError

    @property
    def ids(self) -> list[str]:
        """Of its cells, in the lake."""
        raise NotImplementedError

    @property
    def table(self) -> str:
        """Where its rows go."""
        return self.plan.screening_table

    @property
    def part_id(self) -> str:
        """Of the part that holds all of its rows."""
        return f"{self.group}.{digest(self.ids)}"

    def open_rows(self) -> UnitRows:
        """Its rows, with those that it has left when it was tried before."""
        rows = UnitRows(self.destination, self.table, self.part_id)
        if self.is_repeated:
            rows.go_on()
        return rows

    def take(self, report: RelaxReport, point: Point) -> None:
        """Its cells are done."""
        count_relaxed(report.outcomes)
        point.note(report.outcomes, report.lowest)
        point.close_subcells(self.group, report.outcomes.total(), report.n_atoms)

    def give_up(self, point: Point) -> None:
        """Its cells are left out."""
        point.close_subcells(self.group, self.amount, self.n_atoms)

    def rest(self, point: Point) -> Self:
        """A unit of what it has not finished; the rows of the others stay where they are."""
        rows = self.destination.rows(self.table, self.part_id)
        if not rows:
            return self
        self.take(report_of(rows), point)
        done = {row["subcell_id"] for row in rows}
        left = [k for k, id_ in enumerate(self.ids) if id_ not in done]
        return self.part(np.array(left, np.int64))


class UnitRows:
    """Rows of a unit that is under way.

    Args:
        destination: of the rows.
        table: of the lake.
        part_id: of the part that all go to in the end.
    """

    def __init__(self, destination: Destination, table: str, part_id: str) -> None:
        self._destination, self._table, self._part_id = destination, table, part_id
        self._rows: list[dict[str, Any]] = []
        self._n_written = 0
        self._written = time.monotonic()

    def go_on(self) -> None:
        """Take in what has been written before."""
        self._rows = self._destination.rows(self._table, self._part_id)
        self._n_written = len(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def missing(self, ids: Sequence[str]) -> list[int]:
        """Places of the ids that no row has."""
        there = {row["subcell_id"] for row in self._rows}
        return [k for k, id_ in enumerate(ids) if id_ not in there]

    def add(self, row: dict[str, Any]) -> None:
        """Take in one more; now and then those that are not written yet are."""
        self._rows.append(row)
        if time.monotonic() - self._written >= self._destination.write_s:
            new = self._rows[self._n_written :]
            name = digest([row["subcell_id"] for row in new])
            self._destination.write(self._table, f"{self._part_id}.{name}", new)
            self._n_written, self._written = len(self._rows), time.monotonic()

    def close(self) -> RelaxReport:
        """Write all of them as one part; returns what they amount to."""
        self._rows.sort(key=lambda row: row["subcell_id"])
        self._destination.write(self._table, self._part_id, self._rows)
        return report_of(self._rows)


@dataclass(frozen=True)
class RelaxReport:
    """Summary of a unit of relaxations.

    outcomes: number of subcells by outcome.
    lowest: of each reduced formula, energy or enthalpy, eV/atom.
    n_steps, n_atoms: of all subcells.
    """

    outcomes: Counter[str]
    lowest: dict[str, float]
    n_steps: int
    n_atoms: int


def report_of(rows: Sequence[dict[str, Any]]) -> RelaxReport:
    """Summary of rows of relaxed subcells."""
    lowest: dict[str, float] = {}
    for row in rows:
        energy, enthalpy = row["energy_per_atom"], row["enthalpy_per_atom"]
        ranked = energy if enthalpy is None else enthalpy
        if ranked is not None:
            lowest[row["formula"]] = min(lowest.get(row["formula"], np.inf), ranked)
    return RelaxReport(
        outcomes=Counter(row["outcome"] for row in rows),
        lowest=lowest,
        n_steps=sum(row["steps"] for row in rows),
        n_atoms=sum(row["n_atoms"] for row in rows),
    )
