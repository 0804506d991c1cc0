"""Every point is where its numbers say."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.morphology import Emergence, GlassMorphology, appearances, grid_points
from a2c_ray.figures.appearance import appearance_figure
from a2c_ray.figures.morphology import frequency_figure, map_figure, morphology_figure
from a2c_ray.figures.style import write_figure

PHASES = {"h-BN": ["h-BN"], "c-BN": ["c-BN"]}


@pytest.fixture
def points():
    """Two densities at three temperatures; only the first of two glasses is crystallized."""
    glasses = []
    for density, pressure in [(2.0, 1.0), (3.5, 40.0)]:
        for k, t_high in enumerate((600.0, 1800.0, 3000.0)):
            number = 2 * k if density > 3 else 0
            emerged = {"c-BN": Emergence(number, -8.69)} if number else {}
            condition = (t_high, density, pressure + k, 3.0 + pressure / 50, k / 2)
            glasses.append(
                GlassMorphology(
                    f"{density}-{k}-0", *condition, n_relaxed=100, lowest=-8.7, emerged=emerged
                )
            )
            glasses.append(GlassMorphology(f"{density}-{k}-1", *condition))
    return grid_points(glasses)


def test_the_map_shows_each_condition_once_with_its_crystallinity(points):
    figure = map_figure(points, transition_pressure=3.6)
    axes, colorbar = figure.axes
    shown = [
        (*place, percent)
        for dots in axes.collections[1:]
        for place, percent in zip(dots.get_offsets().tolist(), dots.get_array(), strict=True)
    ]
    assert sorted(shown) == [(p.pressure, p.t_high, 100 * p.crystallinity) for p in points]
    names = [text.get_text() for text in figure.legends[0].texts]
    assert names == ["amorphous", "partially crystalline", "crystalline"]
    assert axes.lines[0].get_xdata()[0] == 3.6
    assert colorbar.get_ylabel() == "Crystallinity (%)"


def test_conditions_of_unknown_colour_are_empty_circles(points):
    figure = map_figure(points, colour="phase_share")
    (axes,) = figure.axes
    assert len(axes.collections[0].get_offsets()) == len(points)
    assert len(axes.collections[0].get_facecolors()) == 0


@pytest.mark.parametrize("against", ["pressure", "coordination"])
def test_frequencies_have_wilsons_intervals(points, against):
    (axes,) = frequency_figure(points, PHASES, against).axes
    none, some = axes.containers
    assert [c.get_label() for c in (none, some)] == ["h-BN", "c-BN"]
    assert some[0].get_xdata().tolist() == [getattr(p, against) for p in points]
    assert some[0].get_ydata().tolist() == [0, 0, 0, 0, 2, 4]
    (bars,) = some[2]
    for bar, point in zip(bars.get_segments(), points, strict=True):
        frequency = point.frequency(["c-BN"])
        assert bar[:, 1] == pytest.approx([100 * frequency.low, 100 * frequency.high])


def test_all_panels_are_written(points, tmp_path):
    figure = morphology_figure(points, PHASES, transition_pressure=3.6)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["(a)", "(b)", "(c)", ""]  # the last is the scale of the colours
    write_figure(figure, tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 10_000


def test_without_coordination_there_are_two_panels():
    glass = GlassMorphology("a", 600.0, 2.0, 1.0, n_relaxed=10, lowest=-8.0)
    figure = morphology_figure(grid_points([glass]), PHASES)
    assert len(figure.axes) == 2


def test_cells_carry_numbers_and_energies(points, tmp_path):
    figure = appearance_figure(appearances(points, PHASES))
    none, some, _ = figure.axes
    assert (none.get_title(), some.get_title()) == ("h-BN", "c-BN")
    written = {t.get_position(): t.get_text() for t in some.texts}
    assert written[1, 2] == "4\n+10"
    assert written[0, 2] == written[1, 0] == "0"
    shown = some.images[0].get_array()
    assert np.ma.count(shown) == 2
    assert shown[2, 1] == 4.0
    write_figure(figure, tmp_path / "appearance.svg")


def test_large_grids_have_room_for_few_labels_and_no_numbers():
    glasses = [
        GlassMorphology(f"{t}{d}", t, d, 1.0, n_relaxed=10, lowest=-8.0)
        for t in np.arange(600.0, 3301.0, 300.0)
        for d in np.arange(1.7, 4.4, 0.2)
    ]
    axes = appearance_figure(appearances(grid_points(glasses), {"c-BN": ["c-BN"]})).axes[0]
    assert len(axes.texts) == 0
    assert len(axes.get_xticks()) <= 5
    assert len(axes.get_yticks()) <= 5
