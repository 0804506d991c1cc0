"""The figure of a path shows what the analysis found."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.transformation import Transformation, follow
from a2c_ray.figures.style import write_figure
from a2c_ray.figures.transformation import transformation_figure

EDGE, HEIGHTS = 4.21, (2.2, 3.0, 4.0, 4.21)
"""Å; of MgO, and its cell on the way there."""


def mgo(height: float) -> Structure:
    crystal = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(EDGE), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )
    return Structure(Lattice.tetragonal(EDGE, height), crystal.species, crystal.frac_coords)


def glass() -> Structure:
    """MgO that shakes."""
    crystal = mgo(EDGE) * 2
    shaken = crystal.cart_coords + np.random.default_rng(0).normal(0, 0.06, (64, 3))
    return Structure(crystal.lattice, crystal.species, shaken, coords_are_cartesian=True)


def gas() -> Structure:
    """Without any bonds."""
    return Structure(Lattice.cubic(30.0), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.fixture(scope="module")
def transformation() -> Transformation:
    return follow([mgo(h) for h in HEIGHTS], np.array([0.0, -2.0, -2.9, -3.0]), [glass()])


@pytest.fixture(scope="module")
def cells(transformation) -> list[Atoms]:
    return [
        AseAtomsAdaptor.get_atoms(mgo(HEIGHTS[k]), msonable=False) for k in transformation.shown
    ]


@pytest.fixture(scope="module")
def figure(transformation, cells) -> Figure:
    return transformation_figure(cells, transformation)


def panel(figure: Figure, name: str):
    return next(axes for axes in figure.axes if axes.get_label() == name)


def test_energy_and_spurious_bonds_are_drawn(figure, transformation):
    curve, dots = panel(figure, "energy").lines
    np.testing.assert_array_equal(curve.get_ydata(), transformation.energy)
    assert tuple(dots.get_xdata()) == transformation.shown
    drawn = {line.get_label(): line.get_ydata() for line in panel(figure, "spurious").lines}
    spurious = {"–".join(pair): 100 * s for pair, s in transformation.spurious.items() if any(s)}
    assert "Mg–Mg" in drawn
    assert set(drawn) == set(spurious)
    for label, shares in drawn.items():
        np.testing.assert_array_equal(shares, spurious[label])


def positions(axes) -> list[float]:
    """Of all vertical lines."""
    lines = [c for c in axes.collections if isinstance(c, LineCollection)]
    return sorted(x for group in lines for (x, _), _ in group.get_segments())


def test_lines_are_at_the_crystal_s_bonds_and_angles(figure, transformation):
    last = len(transformation.shown) - 1
    lengths = [EDGE / 2, EDGE / 2**0.5, EDGE / 2**0.5]  # Mg-O, Mg-Mg, O-O
    np.testing.assert_allclose(positions(panel(figure, f"r{last}")), lengths, atol=0.011)
    angles = np.array(positions(panel(figure, f"angle{last}")))
    assert np.all((abs(angles - 90) < 1) | (abs(angles - 180) < 1))
    assert len(positions(panel(figure, "r0"))) > len(lengths)


def test_it_can_be_written(figure, tmp_path):
    write_figure(figure, tmp_path / "path.pdf")
    assert (tmp_path / "path.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("parent", "n_pairs"), [(glass, 3), (gas, 0)])
def test_little_to_show(cells, tmp_path, parent, n_pairs):
    still = follow([mgo(EDGE)], np.array([-3.0]), [parent()])
    assert len(still.bond_lengths) == n_pairs
    write_figure(transformation_figure(cells[-1:], still), tmp_path / "still.png")
