"""Units of a cascade that teaches itself in which the teacher shows what it knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.point import Point
from a2c_ray.campaign.relax_unit import place_of
from a2c_ray.campaign.rows import relaxed_row, subcell_ids
from a2c_ray.campaign.unit import CampaignUnit
from a2c_ray.cells import Cell
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.crystallize.recording import Frame, record_some
from a2c_ray.crystallize.relax import relax_cells
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.errors import OperationError
from a2c_ray.lake import structure_from_row
from a2c_ray.lake.export import rows_of
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxed, Relaxer
from a2c_ray.relaxation.shapes import Shape
from a2c_ray.training.labelled import Labelled

FRAMES = 16
"""Configurations that are kept of the way of one subcell."""

LARGEST_FORCE = 50.0
"""eV/Å; what is pushed harder is no way that a student would have to go."""

CONTROL, TRAINING = "control", "training"
"""Samples."""

MISTAKES, MOST_MISTAKES = "mistakes", 500
"""Names their labels; how many of the worst, and of any others."""

WRONG = """
WITH wrong AS (
    SELECT subcell_id, steps, lattice, species, frac_coords,
        energy - coalesce(enthalpy_per_atom, energy_per_atom) AS error,
        abs(error - median(error) OVER (PARTITION BY screened.formula)) AS own_error
    FROM weighed JOIN screened USING (subcell_id, student)
    WHERE student = $student AND energy IS NOT NULL
        AND subcell_id NOT IN (SELECT subcell_id FROM sampled WHERE sample = 'control')
)
SELECT subcell_id, steps, lattice, species, frac_coords FROM wrong
QUALIFY row_number() OVER (ORDER BY own_error DESC, subcell_id) <= $most
    OR row_number() OVER (ORDER BY hash(subcell_id), subcell_id) <= $most
ORDER BY subcell_id
"""
"""Screened cells whose errors are furthest from that of their composition, and any others; but none
of the control sample, which is to prove what comes of it."""


@dataclass(frozen=True, eq=False)
class LessonUnit(CampaignUnit):
    """A unit that the next step of a self-taught cascade waits for."""

    plan: Plan
    destination: Destination

    def take(self, report: Any, point: Point) -> None:
        """It is done."""
        point.close_lesson()

    def give_up(self, point: Point) -> None:
        """It is left out; the course sees what is missing."""
        point.close_lesson()


@dataclass(frozen=True, eq=False)
class SampleUnit(LessonUnit):
    """Subcells of a sample that the teacher relaxes, as without a cascade.

    sample: "control" or "training"; of the latter the ways become labels.
    glass_id, subcells, shapes: as of a `RelaxUnit`.
    """

    sample: str
    glass_id: str
    subcells: Subcells
    shapes: tuple[Shape, ...]
    potential: SharedPotential

    lesson = "samples"

    def __str__(self) -> str:
        return f"{self.sample} sample: {len(self.subcells)} subcells of {self.glass_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Relax the subcells; write their ways, and then what became of them."""
        subcells, ids = self.subcells, subcell_ids(self.glass_id, self.subcells)
        rows, labels = [], []
        for relaxed, frames in ways(self, potential):
            k = relaxed.index
            row = relaxed_row(relaxed, subcells.structure(k), self.plan.pressure)
            rows.append(row | place_of(self.glass_id, subcells, k) | {"sample": self.sample})
            labels += labelled(frames, ids[k])
            on_progress(len(rows), len(subcells))
        rows.sort(key=lambda row: row["subcell_id"])
        to = self.destination
        if self.sample == TRAINING:
            with to.writing():
                lessons.keep_labels(to.store, to.run_id, 1, digest(ids), labels)
        to.write("sampled", f"{self.glass_id}.{digest(ids)}", rows)


@dataclass(frozen=True, eq=False)
class ExploreUnit(LessonUnit):
    """Subcells that the student of a round relaxes; what the teacher says of their ways is learnt.

    So the student gets to know where it leads itself, its holes before all.

    round_: of the student.
    glass_id, subcells, shapes: as of a `RelaxUnit`.
    student_shapes: the same for the student.
    """

    round_: int
    glass_id: str
    subcells: Subcells
    shapes: tuple[Shape, ...]
    student_shapes: tuple[Shape, ...]
    potential: SharedPotential

    lesson = "student's ways"

    def __str__(self) -> str:
        return f"ways of student {self.round_}: {len(self.subcells)} subcells of {self.glass_id}"

    @property
    def labels(self) -> str:
        """Names its labels."""
        return digest(subcell_ids(self.glass_id, self.subcells))

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Relax under the student, and ask the teacher."""
        to = self.destination
        kernels = self.plan.potential.kernels
        student = lessons.read_student(to.store, to.run_id, self.round_, potential.name, kernels)
        if student is None:
            raise OperationError(f"{self}: the student is gone")
        ids = subcell_ids(self.glass_id, self.subcells)
        asked: list[tuple[str, Cell]] = []
        gone = ways(replace(self, shapes=self.student_shapes), student)
        for done, (relaxed, frames) in enumerate(gone, start=1):
            name = f"{ids[relaxed.index]} student {self.round_}"
            asked += [(f"{name} step {frame.step}", frame.cell) for frame in frames]
            on_progress(done, 2 * len(self.subcells))
        labels = labels_told(potential, self.plan, self.shapes, asked)
        with to.writing():
            lessons.keep_labels(to.store, to.run_id, self.round_ + 1, self.labels, labels)


@dataclass(frozen=True, eq=False)
class MistakesUnit(LessonUnit):
    """Cells that a student has screened and been most wrong about, and others that were weighed.

    student: its hash.
    round_: of it; what the teacher says is learnt in the next.
    shapes, potential: of the teacher.
    """

    student: str
    round_: int
    shapes: tuple[Shape, ...]
    potential: SharedPotential

    lesson = MISTAKES

    def __str__(self) -> str:
        return f"mistakes of student {self.round_} of {self.run_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Ask the teacher for forces, too."""
        to = self.destination
        parameters = {"student": self.student, "most": MOST_MISTAKES}
        rows = rows_of(to.open_lake().sql(WRONG, parameters))
        asked = [
            (
                f"{row['subcell_id']} student {self.round_} step {row['steps']}",
                Cell.from_structure(structure_from_row(row)),
            )
            for row in rows
        ]
        labels = labels_told(potential, self.plan, self.shapes, asked)
        with to.writing():
            lessons.keep_labels(to.store, to.run_id, self.round_ + 1, MISTAKES, labels)


def ways(
    unit: SampleUnit | ExploreUnit, potential: Potential
) -> Iterator[tuple[Relaxed, list[Frame]]]:
    """Relax the subcells of a unit; what is pushed too hard is left out of their ways."""
    subcells = unit.subcells
    relaxer = Relaxer(potential, unit.plan.crystallization.relaxation, unit.shapes)
    cells = [subcells.cell(k) for k in range(len(subcells))]
    for relaxed, frames in record_some(relaxer, cells, subcells.minimum_distances, FRAMES):
        yield relaxed, [frame for frame in frames if frame.max_force < LARGEST_FORCE]


def labelled(frames: Iterable[Frame], subcell: str) -> list[Labelled]:
    """Configurations of a way with what the potential has found out, as labels."""
    return [
        Labelled(f.cell, f.energy, f.forces, f.stress, f"{subcell} step {f.step}") for f in frames
    ]


def told(
    potential: Potential, plan: Plan, shapes: tuple[Shape, ...], cells: Sequence[Cell]
) -> list[Relaxed]:
    """What a potential says of cells as they are; those that it cannot be asked are left out.

    In the shapes and slots of relaxations: one program serves all.
    """
    settings = replace(plan.crystallization.relaxation, max_steps=0)
    relaxer = Relaxer(potential, settings, shapes)
    return [
        relaxed
        for relaxed in relax_cells(relaxer, cells, None)
        if relaxed.outcome.is_valid and relaxed.max_force < LARGEST_FORCE
        if np.isfinite(relaxed.energy)
    ]


def labels_told(
    potential: Potential,
    plan: Plan,
    shapes: tuple[Shape, ...],
    asked: Sequence[tuple[str, Cell]],
) -> list[Labelled]:
    """The same as labels.

    Args:
        asked: cells with their sources.
    """
    answers = told(potential, plan, shapes, [cell for _, cell in asked])
    return [
        Labelled(a.cell, a.energy, a.forces, a.stress, asked[a.index][0])
        for a in answers
        if a.forces is not None and a.stress is not None
    ]


def energies_told(
    potential: Potential, plan: Plan, shapes: tuple[Shape, ...], cells: Sequence[Cell]
) -> dict[int, float]:
    """Of the cells that a potential can be asked, by their places, eV/atom; or enthalpies."""
    answers = told(potential, plan, shapes, cells)
    return {answer.index: answer.enthalpy_per_atom(plan.pressure) for answer in answers}
