"""A unit that asks the teacher what it thinks of cells that its student has relaxed."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import digest
from a2c_ray.campaign.lesson_units import LessonUnit, told
from a2c_ray.cells import Cell
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.errors import OperationError
from a2c_ray.lake import structure_from_row
from a2c_ray.lake.export import rows_of
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.batching import Relaxed
from a2c_ray.relaxation.shapes import Shape

LOW = """
WITH sound AS (
    SELECT *, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked FROM screened
    WHERE student = $student AND energy_per_atom IS NOT NULL
), placed AS (
    SELECT *, row_number() OVER low AS place, percent_rank() OVER low AS share
    FROM sound WINDOW low AS (PARTITION BY formula ORDER BY ranked, subcell_id)
), chosen AS (
    SELECT *, coalesce(sample = 'control', false) AS is_control
    FROM placed LEFT JOIN (SELECT subcell_id, sample FROM sampled) USING (subcell_id)
    WHERE place <= $lowest OR (
        share <= $share AND subcell_id NOT IN (SELECT unnest($learnt::VARCHAR[]))
    )
)
SELECT subcell_id, formula, ranked, energy_per_atom, lattice, species, frac_coords FROM chosen
QUALIFY place <= $lowest
    OR row_number() OVER (ORDER BY place > $lowest, NOT is_control, hash(subcell_id)) <= $most
ORDER BY subcell_id
"""
"""The lowest of each composition, and some of its lower ones, which were not learnt from."""

LOWEST, LOWER_SHARE, MOST = 5, 0.25, 200
"""Of each composition; of the pool, in which others are drawn; of all of them."""


@dataclass(frozen=True, eq=False)
class JudgeUnit(LessonUnit):
    """Low cells of a screening, evaluated by the teacher.

    student: hash of the potential that screened.
    rounds: of training that it has seen.
    learnt: subcells whose ways it has learnt from.
    shapes, student_shapes: of the arrays.
    potential: the teacher.
    """

    student: str
    rounds: int
    learnt: tuple[str, ...]
    shapes: tuple[Shape, ...]
    student_shapes: tuple[Shape, ...]
    potential: SharedPotential

    def __str__(self) -> str:
        return f"judgement of student {self.rounds} of {self.run_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Write energies of both, and of the first student."""
        to = self.destination
        first = lessons.read_student(to.store, to.run_id, 1, potential.name)
        if first is None:
            raise OperationError(f"{self}: the first student is gone")
        asked = {
            "student": self.student,
            "learnt": list(self.learnt),
            "lowest": LOWEST,
            "share": LOWER_SHARE,
            "most": MOST,
        }
        rows = list(rows_of(to.open_lake().sql(LOW, asked)))
        cells = [Cell.from_structure(structure_from_row(row)) for row in rows]
        of_teacher = {r.index: r for r in told(potential, self.plan, self.shapes, cells)}
        of_first = {r.index: r for r in told(first, self.plan, self.student_shapes, cells)}
        judged = [
            {
                "subcell_id": row["subcell_id"],
                "student": self.student,
                "formula": row["formula"],
                "student_energy": row["ranked"],
                "energy": self._ranked(of_teacher[k]),
                "first_student_energy": self._ranked(of_first[k]) if k in of_first else None,
            }
            for k, row in enumerate(rows)
            if k in of_teacher
        ]
        to.write("judged", digest([self.student]), judged)

    def _ranked(self, cell: Relaxed) -> float:
        """Energy per atom, or enthalpy under pressure, eV."""
        return cell.energy_per_atom + self.plan.pressure * cell.cell.volume / len(cell.cell.numbers)
