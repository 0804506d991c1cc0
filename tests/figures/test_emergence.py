"""A glass beside what emerged from it."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.distributions import rdf
from a2c_ray.figures.emergence import Emergence, emergence_figure


def test_a_row_shows_the_glass_its_crystal_and_the_order_of_both(rutile):
    warm = rutile * (2, 2, 3)
    warm.perturb(0.1, seed=0)
    glass, crystal = rdf(warm, 6.0), rdf(rutile, 6.0, smearing=0.1)
    cells = (warm.to_ase_atoms(), rutile.to_ase_atoms())
    figure = emergence_figure([Emergence(*cells, "glassy MgF2", "rutile", glass, crystal)] * 2)
    assert len(figure.axes) == 6
    for drawn, emerged, order in (figure.axes[:3], figure.axes[3:]):
        assert (drawn.get_title(), emerged.get_title()) == ("glassy MgF2", "rutile")
        assert (drawn.get_xlim(), drawn.get_ylim()) == (emerged.get_xlim(), emerged.get_ylim())
        assert [text.get_text() for text in drawn.get_legend().texts] == ["F", "Mg"]
        np.testing.assert_array_equal(order.lines[-1].get_ydata(), glass.total)
        area = order.collections[0].get_paths()[0].vertices[:, 1]
        assert area.max() == pytest.approx(glass.total.max())
