"""How losses and errors fell during a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from a2c_ray.figures.style import COLORS, new_figure, styled

MILLI = 1000.0


@styled
def learning_curve_figure(history: Sequence[Mapping[str, float]]) -> Figure:
    """Three panels above each other: loss, error of the energy, error of the forces.

    Args:
        history: rows of a training's metrics; energies in eV, forces in eV/Å.
    """
    figure, axes = new_figure(3, 1, height=4.8, sharex=True)
    epochs = [row["epoch"] for row in history]
    panels = (
        ("loss", 1.0, "Loss"),
        ("energy_mae", MILLI, "Energy error\n(meV/atom)"),
        ("forces_mae", MILLI, "Force error\n(meV/Å)"),
    )
    for axis, (name, factor, label) in zip(axes, panels, strict=True):
        for part, color in (("train", COLORS[0]), ("validation", COLORS[1])):
            values = [factor * row[f"{part}_{name}"] for row in history]
            axis.plot(epochs, values, color=color, label=part)
        axis.set_yscale("log")
        axis.set_ylabel(label)
    axes[0].legend(loc="upper right")
    axes[-1].set_xlabel("Epoch")
    figure.align_ylabels()
    return figure
