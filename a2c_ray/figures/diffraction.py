"""Powder pattern of a crystal, over a measured one if there is one."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.figure import Figure

from a2c_ray.analysis.diffraction import STRONGEST, MeasuredPattern, PowderPattern
from a2c_ray.figures.style import new_figure, styled

LABELLED = 8
"""Strongest peaks, whose Miller indices are written."""

CLOSEST_LABELS = 2.8
"""Degrees; of two labels that are closer, the stronger peak's is kept."""


@styled
def diffraction_figure(
    pattern: PowderPattern,
    measured: MeasuredPattern | None = None,
    fwhm: float = 0.2,
    label: str = "simulated",
) -> Figure:
    """Simulated profile with its reflections as ticks, above it the measured pattern.

    Args:
        pattern: simulated.
        measured: to be compared with.
        fwhm: width of the simulated peaks, degrees.
        label: of the simulated pattern.
    """
    figure, axes = new_figure(width=5.0, height=2.8)
    angle, intensity = pattern.profile(fwhm)
    axes.plot(angle, intensity, label=label)
    if measured is not None:
        # As wide as the simulated range: background far off would only shrink the peaks.
        offset = 1.1 * STRONGEST
        axes.plot(
            measured.two_theta,
            measured.intensity + offset,
            color="black",
            linewidth=0.7,
            label=measured.name,
        )
    axes.vlines(pattern.two_theta, -9.0, -3.0, color="black", linewidth=0.7)
    for k in _labelled(pattern):
        axes.annotate(
            _overlined(pattern.hkl[k]),
            (pattern.two_theta[k], _height(angle, intensity, pattern.two_theta[k])),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=6,
        )
    axes.set_xlim(*pattern.limits)
    axes.set_ylim(-12.0, (2.2 if measured is not None else 1.15) * STRONGEST)
    axes.set_yticks([])
    axes.set_xlabel(f"2θ (°), λ = {pattern.wavelength:.4f} Å")
    axes.set_ylabel("Intensity (scaled)")
    axes.legend(loc="upper right")
    return figure


def _labelled(pattern: PowderPattern) -> list[int]:
    """The strongest peaks that are not too close to a stronger one."""
    chosen: list[int] = []
    for k in np.argsort(-pattern.intensity):
        gaps = np.abs(pattern.two_theta[chosen] - pattern.two_theta[k])
        if np.all(gaps > CLOSEST_LABELS):
            chosen.append(int(k))
        if len(chosen) == LABELLED:
            break
    return chosen


def _overlined(hkl: str) -> str:
    """Miller indices with bars instead of minus signs."""
    if "-" not in hkl:
        return hkl
    space = r"\," if re.search(r"\d\d", hkl) else ""
    return "$" + re.sub(r"-(\d+)", r"\\overline{\1}", hkl).replace(" ", space) + "$"


def _height(angle: np.ndarray, intensity: np.ndarray, at: float) -> float:
    return float(np.interp(at, angle, intensity))
