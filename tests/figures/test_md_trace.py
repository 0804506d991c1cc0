"""The log of a melt-quench against its time."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.figures.md_trace import md_trace_figure


def test_panels_share_the_time_in_picoseconds():
    n = 50
    trace = {
        "time_fs": 20.0 * np.arange(1, n + 1),
        "thermostat": np.linspace(900.0, 150.0, n),
        "temperature": np.linspace(1000.0, 100.0, n),
        "energy_per_atom": np.linspace(-4.0, -5.0, n),
        "pressure": np.linspace(10.0, 0.0, n),
    }
    axes = md_trace_figure(trace).axes
    assert [axis.get_ylabel() for axis in axes] == [
        "Temperature (K)",
        "Energy (eV/atom)",
        "Pressure (GPa)",
    ]
    for axis, column in zip(axes, ("temperature", "energy_per_atom", "pressure"), strict=True):
        assert axis.lines[0].get_xdata()[-1] == pytest.approx(1.0)
        np.testing.assert_array_equal(axis.lines[0].get_ydata(), trace[column])
