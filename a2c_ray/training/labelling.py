"""Label structures with a potential, the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from a2c_ray.cells import Cell
from a2c_ray.potentials.potential import Potential
from a2c_ray.training.labelled import Labelled

if TYPE_CHECKING:
    from pymatgen.core import Structure


def label(
    structures: Sequence[Structure], teacher: Potential, sources: Sequence[str] = ()
) -> list[Labelled]:
    """Energies, forces and stresses of a potential, as labels.

    Structures for which the teacher gives no finite numbers are left out.

    Args:
        structures: any.
        teacher: to evaluate them with.
        sources: names of the structures, for messages; numbers by default.

    Raises:
        UnknownElementError: the teacher does not know an element.
    """
    sources = sources or [f"structure {k}" for k in range(len(structures))]
    labelled = []
    for structure, source, result in zip(
        structures, sources, teacher.evaluate(structures), strict=True
    ):
        values = (result.energy, result.forces, result.stress)
        if all(np.all(np.isfinite(value)) for value in values):
            cell = Cell.from_structure(structure)
            labelled.append(Labelled(cell, result.energy, result.forces, result.stress, source))
    return labelled
