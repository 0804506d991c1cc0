"""Curves of a training against its epochs."""

from __future__ import annotations

import numpy as np

from a2c_ray.figures.learning_curve import learning_curve_figure


def test_each_panel_has_a_curve_of_either_part():
    history = [
        {"epoch": epoch}
        | {
            f"{part}_{name}": scale / epoch
            for part, scale in (("train", 1.0), ("validation", 2.0))
            for name in ("loss", "energy_mae", "forces_mae")
        }
        for epoch in (1.0, 2.0, 4.0)
    ]
    axes = learning_curve_figure(history).axes
    labels = ["Loss", "Energy error\n(meV/atom)", "Force error\n(meV/Å)"]
    assert [axis.get_ylabel() for axis in axes] == labels
    assert axes[-1].get_xlabel() == "Epoch"
    for axis, factor in zip(axes, (1.0, 1000.0, 1000.0), strict=True):
        train, validation = axis.lines
        assert (train.get_label(), validation.get_label()) == ("train", "validation")
        np.testing.assert_allclose(train.get_xdata(), [1.0, 2.0, 4.0])
        np.testing.assert_allclose(train.get_ydata(), factor * np.array([1.0, 0.5, 0.25]))
        np.testing.assert_allclose(validation.get_ydata(), 2 * train.get_ydata())
