"""Where the crystals of each composition of a run begin, above the holes of its potential."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from a2c_ray.analysis.holes import USUAL, holes_among, lowest_of_crowd
from a2c_ray.lake import Lake, low_cells, ranked_energies


class Floors(NamedTuple):
    """What is low in a run, and what of it is a hole.

    lowest: energy of each formula that is no hole, eV/atom.
    crowds: lowest energy of each formula that is no outlier, eV/atom.
    holes: cells that are, by subcell.
    """

    lowest: dict[str, float]
    crowds: dict[str, float]
    holes: list[str]

    @property
    def parameters(self) -> dict[str, Any]:
        """Of queries with `lake.energies.FLOORS` and `IS_HOLE`."""
        return {
            "formulas": list(self.crowds),
            "floors": [self.lowest[formula] for formula in self.crowds],
            "crowds": list(self.crowds.values()),
            "holes": self.holes,
        }


def floors_of(lake: Lake, table: str) -> Floors:
    """Where they begin.

    Published polymorphs are no holes.

    Args:
        lake: of the run alone.
        table: "relaxed" or "screened".
    """
    energies = ranked_energies(lake, table)
    crowds = {
        formula: lowest_of_crowd(of_formula, formula) for formula, of_formula in energies.items()
    }
    outlying = {f: crowd for f, crowd in crowds.items() if energies[f].min() < crowd}
    lowest, holes = dict(crowds), []
    for formula, outliers, crowd in low_cells(lake, table, outlying, USUAL):
        are_holes = holes_among([o.structure for o in outliers], [c.structure for c in crowd])
        are_holes &= np.array([outlier.polymorph is None for outlier in outliers])
        holes += [outliers[k].subcell_id for k in np.flatnonzero(are_holes)]
        others = [outliers[k].energy for k in np.flatnonzero(~are_holes)]
        lowest[formula] = min([crowds[formula], *others])
    return Floors(lowest, crowds, holes)
