"""Drawings of one path share one scale, and an animation has the frames that it should."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import covalent_radii
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from PIL import Image

from a2c_ray.figures import relaxing_cell
from a2c_ray.figures.relaxing_cell import Camera, element_handles, write_animation


@pytest.fixture
def shrinking() -> list[Atoms]:
    """Silicon, 10 % too large at first."""
    return [bulk("Si", a=a) for a in np.linspace(5.97, 5.43, 8)]


def draw(camera: Camera, cell: Atoms):
    axes = Figure().subplots()
    camera.draw(axes, cell)
    (patches,) = [c for c in axes.collections if isinstance(c, PatchCollection)]
    return axes, patches.get_paths()


def test_cells_are_drawn_to_one_scale_and_fit(shrinking):
    camera = Camera(shrinking)
    widths = []
    for cell in (shrinking[0], shrinking[-1]):
        axes, paths = draw(camera, cell)
        limits = (*axes.get_xlim(), *axes.get_ylim())
        corners = np.concatenate([path.vertices for path in paths])
        assert limits[0] <= corners[:, 0].min() < corners[:, 0].max() <= limits[1]
        assert limits[2] <= corners[:, 1].min() < corners[:, 1].max() <= limits[3]
        widths.append((limits, np.ptp(corners, axis=0)))
    assert widths[0][0] == widths[1][0]
    np.testing.assert_array_less(widths[1][1], widths[0][1])


def test_small_cells_are_drawn_eight_times_with_the_edges_of_one():
    for cell, n_drawn in ((bulk("Si"), 16), (bulk("Si", cubic=True) * (1, 1, 2), 16)):
        _, paths = draw(Camera([cell]), cell)
        diameter = 2 * relaxing_cell.RADIUS * covalent_radii[14]
        sizes = np.array([np.ptp(path.vertices, axis=0) for path in paths])
        assert np.sum(np.all(np.isclose(sizes, diameter, rtol=1e-2), axis=1)) == n_drawn


def test_an_animation_loops_and_rests_at_the_end(shrinking, tmp_path):
    path = tmp_path / "path.gif"
    write_animation(shrinking, np.linspace(0, -1, 8), path)
    with Image.open(path) as image:
        assert (image.n_frames, image.info["loop"]) == (8, 0)
        times = []
        for frame in range(8):
            image.seek(frame)
            times.append(image.info["duration"])
    assert times == [relaxing_cell.FRAME_MS] * 7 + [relaxing_cell.LAST_FRAME_MS]


def test_long_paths_are_thinned_out(shrinking, tmp_path, monkeypatch):
    monkeypatch.setattr(relaxing_cell, "MOST_FRAMES", 3)
    path = tmp_path / "path.gif"
    write_animation(shrinking, np.linspace(0, -1, 8), path)
    with Image.open(path) as image:
        assert image.n_frames == 3


def test_each_element_has_one_entry():
    assert [handle.get_label() for handle in element_handles([22, 8, 8, 22])] == ["O", "Ti"]
