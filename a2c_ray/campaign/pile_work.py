"""Given cells, handed out in units, largest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from a2c_ray.campaign.destination import Destination
from a2c_ray.campaign.pace import unit_size
from a2c_ray.campaign.pile_unit import PileUnit
from a2c_ray.campaign.plan import Plan
from a2c_ray.campaign.planning import evenly_spread
from a2c_ray.campaign.rows import cell_id
from a2c_ray.cluster.unit import SharedPotential
from a2c_ray.padding import choose_sizes, group_by_size
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.shapes import Shape, find_room

COUNTED = 512
"""Cells of a shape whose neighbours are counted; the others are taken to be alike, and where they
are not, tried again with longer lists."""

FIRST_ATOMS = 1000
"""Of a unit while no rate is known; given cells can be large."""


@dataclass
class PileWork:
    """Given cells to relax.

    plan: that they are given to.
    pile: cells that no unit holds yet, largest first.
    shapes: of the arrays of all units.
    potential, destination: for the units.
    """

    plan: Plan
    pile: Pile
    shapes: tuple[Shape, ...]
    potential: SharedPotential
    destination: Destination

    @property
    def pace(self) -> str:
        """See `CampaignUnit.pace`."""
        return self.plan.run_id

    @property
    def n_left(self) -> int:
        """Cells that no unit holds yet."""
        return len(self.pile)

    def next_unit(self, most_cells: int, most_atoms: float | None) -> PileUnit:
        """The next cells, which there must be; see `agenda.CellQueue`."""
        n_atoms = self.pile.n_atoms[:most_cells]
        size = unit_size(n_atoms, most_atoms)
        if most_atoms is None:
            size = min(size, unit_size(n_atoms, FIRST_ATOMS))
        chosen, self.pile = self.pile[:size], self.pile[size:]
        return PileUnit(self.plan, chosen, self.shapes, self.potential, self.destination)


def unrelaxed(pile: Pile, relaxed: Collection[str], run_id: str) -> np.ndarray:
    """Places of the cells whose ids are not among some, largest first."""
    missing = [k for k in range(len(pile)) if cell_id(run_id, int(pile.order[k])) not in relaxed]
    places = np.array(missing, np.int64)
    return places[np.argsort(-pile.n_atoms[places], kind="stable")]


def pile_shapes(pile: Pile, cutoff: float, max_shapes: int) -> tuple[Shape, ...]:
    """Array shapes for all cells of a pile, the same however many of them are done already.

    Args:
        pile: the whole of it.
        cutoff: of the potential, Å.
        max_shapes: that may be compiled.
    """
    counts = pile.n_atoms.tolist()
    groups = group_by_size(counts, choose_sizes(Counter(counts), max_shapes))
    shapes = []
    for n_atoms, members in groups.items():
        counted = [pile.cell(k) for k in evenly_spread(members, COUNTED)]
        shapes.append(Shape(n_atoms, find_room(counted, n_atoms, cutoff)))
    return tuple(shapes)
