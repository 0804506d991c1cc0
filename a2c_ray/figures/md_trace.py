"""The log of a melt-quench: temperature, energy and pressure against time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from a2c_ray.figures.style import COLORS, new_figure, styled

FS_PER_PS = 1000.0


@styled
def md_trace_figure(trace: Mapping[str, np.ndarray]) -> Figure:
    """Three panels above each other.

    Args:
        trace: columns time_fs (fs), thermostat and temperature (K), energy_per_atom (eV) and
            pressure (GPa), each `[n]`.
    """
    figure, (top, middle, bottom) = new_figure(3, 1, height=4.2, sharex=True)
    time = np.asarray(trace["time_fs"]) / FS_PER_PS
    top.plot(time, trace["temperature"], label="atoms")
    top.plot(time, trace["thermostat"], color=COLORS[6], linestyle="--", label="thermostat")
    top.set_ylabel("Temperature (K)")
    top.legend(loc="upper right")
    middle.plot(time, trace["energy_per_atom"], color=COLORS[1])
    middle.set_ylabel("Energy (eV/atom)")
    bottom.plot(time, trace["pressure"], color=COLORS[2])
    bottom.set_ylabel("Pressure (GPa)")
    bottom.set_xlabel("Time (ps)")
    bottom.set_xlim(0.0, float(time[-1]))
    figure.align_ylabels()
    return figure
