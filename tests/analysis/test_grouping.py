"""Which relaxed cells are grouped as one crystal."""

from __future__ import annotations

import numpy as np

from a2c_ray.analysis import grouping
from a2c_ray.analysis.grouping import Candidate, group_alike


def test_one_crystal_is_listed_once_though_its_cells_do_not_match(rutile, monkeypatch):
    """Cells as they are come first; their reduction may have failed."""
    monkeypatch.setattr(grouping, "all_fits", lambda _, others: iter([False] * len(others)))
    monkeypatch.setattr(grouping, "lie_upon", lambda uppers, _: np.zeros(len(uppers), bool))
    noisy = (rutile * (1, 2, 1)).perturb(0.005, seed=0)
    group = [Candidate(rutile, -5.32, 0), Candidate(noisy, -5.3199, 1)]
    assert len(group_alike(group)) == 1
    apart = [group[0], group[1]._replace(energy_per_atom=-5.319)]
    assert len(group_alike(apart)) == 2
