"""A cell while it relaxes: drawings of it, all to one scale, and their animation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols, covalent_radii
from ase.data.colors import jmol_colors
from ase.io.utils import PlottingVariables, make_patch_list
from ase.utils import rotate
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from a2c_ray.crystallize.recording import even_steps
from a2c_ray.figures.style import COLORS, styled

ROTATION = "-78x,-24y,-6z"
"""Of the glass's axes against the page's."""

RADIUS = 0.55
"""Of a drawn atom, over its covalent radius: neighbours then just do not touch."""

REPEATED_BELOW = 13
"""Atoms of a cell below which eight of them are drawn, so that order can be seen."""

LINE_WIDTH = 0.6
"""Points; of the outlines of atoms and cell."""

MOST_FRAMES, COLORS_OF_FRAME = 120, 64
"""They keep animations below some 2 MB."""

FRAME_MS, LAST_FRAME_MS = 70, 2000

SIZE, DPI = (3.4, 3.8), 110
"""Of a frame: inches, and dots of one."""


class Camera:
    """Draws cells in one orientation and to one scale, with room for all of them.

    Args:
        cells: to make room for, at least one.
    """

    def __init__(self, cells: Sequence[Atoms]) -> None:
        rotation = rotate(ROTATION)
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for atoms in map(_repeated, cells):
            radii = RADIUS * covalent_radii[atoms.numbers][:, None]
            flat = (atoms.positions @ rotation)[:, :2]
            corners = (np.array(list(np.ndindex(2, 2, 2))) @ atoms.cell.array @ rotation)[:, :2]
            low = np.minimum(low, np.minimum(corners.min(0), (flat - radii).min(0)))
            high = np.maximum(high, np.maximum(corners.max(0), (flat + radii).max(0)))
        self._window = (*(low - 0.1), *(high + 0.1))

    def draw(self, axes: Axes, cell: Atoms) -> None:
        """Draw a cell, its edges dashed, and nothing else on these axes."""
        axes.clear()
        axes.set_axis_off()
        drawing = PlottingVariables(
            _repeated(cell), rotation=ROTATION, radii=RADIUS, bbox=self._window, scale=1.0
        )
        patches = PatchCollection(make_patch_list(drawing), match_original=True)
        patches.set_linewidth(LINE_WIDTH)
        axes.add_collection(patches, autolim=False)
        axes.set(aspect="equal", xlim=(0.0, drawing.w), ylim=(0.0, drawing.h))


def _repeated(cell: Atoms) -> Atoms:
    """Eight small cells, with the edges of one."""
    if len(cell) >= REPEATED_BELOW:
        return cell
    block = cell.repeat(2)
    block.set_cell(cell.cell)
    return block


def element_handles(numbers: Sequence[int] | np.ndarray) -> list[Line2D]:
    """Entries of a legend for the elements among some atomic numbers."""
    return [
        Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markersize=6,
            markerfacecolor=jmol_colors[z],
            markeredgecolor="black",
            markeredgewidth=0.6,
            label=chemical_symbols[z],
        )
        for z in np.unique(numbers)
    ]


@styled
def write_animation(cells: Sequence[Atoms], energy: np.ndarray, path: Path) -> None:
    """Write a GIF of a relaxing cell, above its energy.

    Args:
        cells: configurations of a path, T of them; of many, an even selection is shown.
        energy: of each, eV/atom, `[T]`.
        path: of the file.
    """
    shown = even_steps(len(cells) - 1, MOST_FRAMES)
    camera = Camera([cells[k] for k in shown])
    figure = Figure(figsize=SIZE, dpi=DPI)
    above, below = figure.subplots(2, 1, height_ratios=(4, 1))
    below.plot(energy)
    (dot,) = below.plot([], [], "o", color=COLORS[1])
    below.set_xlabel("Step")
    below.set_ylabel("eV/atom")
    figure.legend(handles=element_handles(cells[0].numbers), loc="upper left")
    canvas = FigureCanvasAgg(figure)
    images = []
    for step in shown:
        camera.draw(above, cells[step])
        dot.set_data([step], [energy[step]])
        canvas.draw()
        figure.set_layout_engine("none")  # the first layout is that of all frames
        images.append(Image.fromarray(np.asarray(canvas.buffer_rgba())).quantize(COLORS_OF_FRAME))
    times = [FRAME_MS] * (len(images) - 1) + [LAST_FRAME_MS]
    images[0].save(path, save_all=True, append_images=images[1:], duration=times, loop=0)
