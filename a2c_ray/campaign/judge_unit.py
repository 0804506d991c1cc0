"""A unit that asks the teacher what it thinks of cells that its student has relaxed."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.campaign import lessons
from a2c_ray.campaign.destination import digest
from a2c_ray.campaign.lesson_units import LessonUnit, energies_told
from a2c_ray.campaign.lowest import PLACED
from a2c_ray.cells import Cell
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.errors import OperationError
from a2c_ray.lake import structure_from_row
from a2c_ray.lake.export import rows_of
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.shapes import Shape

LOW = f"""
{PLACED}, chosen AS (
    SELECT *, coalesce(sample = 'control', false) AS is_control
    FROM placed LEFT JOIN (SELECT subcell_id, sample FROM sampled) USING (subcell_id)
    WHERE place <= $lowest OR (
        share <= $share AND subcell_id NOT IN (SELECT unnest($learnt::VARCHAR[]))
    )
)
SELECT subcell_id, formula, lattice, species, frac_coords FROM chosen
QUALIFY place <= $lowest
    OR row_number() OVER (ORDER BY place > $lowest, NOT is_control, hash(subcell_id)) <= $most
ORDER BY subcell_id
"""
"""The lowest of each composition, and some of its lower ones, which were not learnt from."""

CONTROL = """
SELECT subcell_id, formula, coalesce(enthalpy_per_atom, energy_per_atom) AS ranked,
    lattice, species, frac_coords
FROM sampled WHERE sample = 'control' AND energy_per_atom IS NOT NULL
QUALIFY percent_rank() OVER (PARTITION BY formula ORDER BY ranked) <= 0.5
ORDER BY subcell_id
"""
"""The lower half of each composition as the teacher has relaxed it alone: what the student should
have found, whether it has or not."""

LOWEST, LOWER_SHARE, MOST = 5, 0.25, 200
"""Of each composition; of the pool, in which others are drawn; of all of them."""


@dataclass(frozen=True, eq=False)
class JudgeUnit(LessonUnit):
    """Low cells of a screening, evaluated by the teacher.

    student: hash of the potential that screened.
    rounds: of training that it has seen.
    shapes, student_shapes: of the arrays.
    potential: the teacher.
    """

    student: str
    rounds: int
    shapes: tuple[Shape, ...]
    student_shapes: tuple[Shape, ...]
    potential: SharedPotential

    lesson = "judging"

    def __str__(self) -> str:
        return f"judgement of student {self.rounds} of {self.run_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Write energies of both, and of the first student."""
        to = self.destination
        first, last = (
            lessons.read_student(
                to.store, to.run_id, round_, potential.name, self.plan.potential.kernels
            )
            for round_ in (1, self.rounds)
        )
        if first is None or last is None:
            raise OperationError(f"{self}: the student is gone")
        shown = lessons.all_labels(to.store, to.run_id, self.rounds)
        asked = {
            "student": self.student,
            "learnt": sorted({lessons.subcell_of(labelled) for labelled in shown}),
            "lowest": LOWEST,
            "share": LOWER_SHARE,
            "most": MOST,
        }
        lake = to.open_lake()
        of_student = list(rows_of(lake.sql(LOW, asked)))
        of_control = list(rows_of(lake.sql(CONTROL)))
        rows = [row | {"relaxed_by": "student"} for row in of_student]
        rows += [row | {"relaxed_by": "teacher"} for row in of_control]
        cells = [Cell.from_structure(structure_from_row(row)) for row in rows]
        energies = energies_told(potential, self.plan, self.shapes, cells)
        firsts = energies_told(first, self.plan, self.student_shapes, cells)
        lasts = energies_told(last, self.plan, self.student_shapes, cells)
        judged = [
            {name: row[name] for name in ("subcell_id", "formula", "relaxed_by")}
            | {
                "student": self.student,
                "student_energy": lasts[k],
                "energy": energies[k],
                "first_student_energy": firsts.get(k),
            }
            for k, row in enumerate(rows)
            if k in energies and k in lasts
        ]
        to.write("judged", digest([self.student]), judged)
