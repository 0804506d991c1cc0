"""The hull of what emerged in a run."""

from __future__ import annotations

from collections.abc import Sequence

from a2c_ray.analysis.hull import Emerged, Hull, hull
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.results.run import RunResults


def run_hull(results: RunResults, end_members: Sequence[str] = ()) -> Hull:
    """Formation energies of the lowest relaxed subcell of each composition.

    Args:
        results: of the run.
        end_members: see `analysis.hull.hull`.

    Raises:
        NothingThereError: nothing has relaxed soundly yet.
        HullError: there is no hull.
    """
    emerged = [
        Emerged(
            relaxed.structure.composition,
            relaxed.row.ranked,
            space_groups(relaxed.structure)[TOLERANCES[-1]],
        )
        for relaxed in results.lowest_relaxed()
    ]
    return hull(emerged, end_members)
