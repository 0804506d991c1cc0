"""A unit that asks the teacher for the energies of cells that its student has relaxed."""

from __future__ import annotations

from dataclasses import dataclass

from a2c_ray.campaign.destination import digest
from a2c_ray.campaign.lesson_units import LessonUnit, energies_told
from a2c_ray.cells import Cell
from a2c_ray.cluster.unit import OnProgress, SharedPotential
from a2c_ray.lake import structure_from_row
from a2c_ray.lake.export import rows_of
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.shapes import Shape

SCREENED = """
SELECT subcell_id, formula, n_atoms, lattice, species, frac_coords FROM screened
WHERE student = $student AND subcell_id IN (SELECT unnest($subcell_ids::VARCHAR[]))
ORDER BY subcell_id
"""


@dataclass(frozen=True, eq=False)
class WeighUnit(LessonUnit):
    """Low cells of a screening, as the student has left them.

    A student has false minima, some of them lower than any crystal. One evaluation tells them
    apart, and costs the teacher a small part of a relaxation.

    student: hash of the potential that screened.
    subcell_ids: of the cells.
    shapes: of the arrays.
    potential: the teacher.
    """

    student: str
    subcell_ids: tuple[str, ...]
    shapes: tuple[Shape, ...]
    potential: SharedPotential

    lesson = "weighing"

    def __str__(self) -> str:
        return f"weighing of {len(self.subcell_ids)} screened cells of {self.run_id}"

    def run(self, potential: Potential, on_progress: OnProgress) -> None:
        """Write a row for each cell; there is no energy of those that the teacher cannot hold."""
        to, asked = self.destination, {"student": self.student, "subcell_ids": self.subcell_ids}
        rows = list(rows_of(to.open_lake().sql(SCREENED, asked)))
        cells = [Cell.from_structure(structure_from_row(row)) for row in rows]
        energies = energies_told(potential, self.plan, self.shapes, cells)
        weighed = [
            {name: row[name] for name in ("subcell_id", "formula", "n_atoms")}
            | {"student": self.student, "energy": energies.get(k)}
            for k, row in enumerate(rows)
        ]
        to.write("weighed", digest(self.subcell_ids), weighed)
