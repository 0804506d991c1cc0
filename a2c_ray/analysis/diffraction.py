"""Powder X-ray diffraction of a crystal, and measured patterns to compare it with.

pymatgen computes angles and intensities; reflections of one angle are one peak.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pymatgen.analysis.diffraction.xrd import WAVELENGTHS, XRDCalculator
from pymatgen.core import Structure

from a2c_ray.analysis.symmetry import check_finite
from a2c_ray.errors import InputError

EXTINCT = 1e-10
"""Of the squared number of electrons in a cell; less scattered intensity is rounding."""

STRONGEST = 100.0
"""Intensity that the strongest peak, and a measured pattern's highest point, are scaled to."""


class PatternError(InputError):
    """A wavelength or a measured pattern that cannot be used."""


@dataclass(frozen=True)
class PowderPattern:
    """Peaks of a powder.

    two_theta: degrees, ascending, `[n]`.
    intensity: the strongest is 100, `[n]`.
    hkl: Miller indices of one of each peak's reflections, such as "104".
    wavelength: Å.
    limits: range of 2θ that was looked at, degrees.
    """

    two_theta: np.ndarray
    intensity: np.ndarray
    hkl: tuple[str, ...]
    wavelength: float
    limits: tuple[float, float]

    def profile(self, fwhm: float = 0.2, step: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
        """The pattern with Gaussian peaks.

        Args:
            fwhm: full width of a peak at half its height, degrees.
            step: degrees.

        Returns:
            2θ in degrees and intensity, whose maximum is 100, `[n]` each.
        """
        angle = np.arange(self.limits[0], self.limits[1] + step / 2, step)
        width = fwhm / (2 * np.sqrt(2 * np.log(2)))
        offsets = (angle[:, None] - self.two_theta) / width
        height = np.exp(-0.5 * offsets**2) @ self.intensity
        return angle, height * (STRONGEST / height.max() if height.any() else 1.0)


@dataclass(frozen=True)
class MeasuredPattern:
    """A pattern from a file.

    two_theta: degrees, ascending, `[n]`.
    intensity: the highest is 100, `[n]`.
    name: of the file.
    """

    two_theta: np.ndarray
    intensity: np.ndarray
    name: str


def powder_pattern(
    structure: Structure,
    wavelength: str | float = "CuKa",
    limits: tuple[float, float] = (5.0, 90.0),
) -> PowderPattern:
    """Simulate the pattern of a crystal.

    Args:
        structure: any cell of it.
        wavelength: Å, or a line such as "CuKa" or "MoKa1".
        limits: of 2θ, degrees.

    Raises:
        PatternError: there is no such line, or no reflection between the limits.
        LostAtomsError: a position or the cell is not finite.
    """
    check_finite(structure)
    calculator = XRDCalculator(_wavelength(wavelength))
    try:
        pattern = calculator.get_pattern(structure, scaled=False, two_theta_range=limits)
        strongest = max(pattern.y)
    except ValueError:  # no point of the reciprocal lattice is there
        strongest = 0.0
    if strongest <= EXTINCT * sum(structure.atomic_numbers) ** 2:
        raise PatternError(
            f"no reflection between 2θ = {limits[0]:g}° and {limits[1]:g}° at "
            f"{calculator.wavelength:g} Å"
        )
    return PowderPattern(
        two_theta=np.asarray(pattern.x),
        intensity=np.asarray(pattern.y) * (STRONGEST / strongest),
        hkl=tuple(_indices(peak[0]["hkl"]) for peak in pattern.hkls),
        wavelength=calculator.wavelength,
        limits=limits,
    )


def read_pattern(path: Path) -> MeasuredPattern:
    """Read a text file of two columns, 2θ in degrees and intensity, and any header.

    Columns may be parted by blanks, tabs, commas or semicolons, decimals set off by commas if they
    do not part columns. What comes before the first two numbers is a header; lines that begin with
    one of # ! ' " are comments.

    Raises:
        PatternError: there is no such file, or a line that is not two numbers.
    """
    rows = []
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise PatternError(f"cannot read the pattern {path}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip()[0] in "#!'\"":
            continue
        row = _two_numbers(line)
        if row is not None:
            rows.append(_checked(path, number, row))
        elif rows:
            raise PatternError(
                f"{path}, line {number}: two numbers were expected, not {line.strip()[:40]!r}"
            )
    if len(rows) < 2:
        raise PatternError(f"{path} has {len(rows)} points; a pattern has two columns of many")
    data = np.array(sorted(rows))
    highest = data[:, 1].max()
    if not highest > 0.0:
        raise PatternError(f"{path}: no intensity is above 0")
    return MeasuredPattern(data[:, 0], data[:, 1] * (STRONGEST / highest), path.stem)


def _two_numbers(line: str) -> tuple[float, float] | None:
    words = re.split(r",?[\s;]+", line.strip())
    if len(words) == 1:
        words = line.split(",")
    try:
        first, second = (float(word.replace(",", ".")) for word in words[:2])
    except ValueError:
        return None
    return first, second


def _checked(path: Path, number: int, row: tuple[float, float]) -> tuple[float, float]:
    two_theta, intensity = row
    if not (0.0 <= two_theta <= 180.0 and np.isfinite(intensity)):
        raise PatternError(
            f"{path}, line {number}: {two_theta:g} and {intensity:g} are not 2θ and intensity"
        )
    return row


def _wavelength(wavelength: str | float) -> str | float:
    """As pymatgen takes it."""
    if wavelength in WAVELENGTHS:
        return wavelength
    try:
        length = float(wavelength)
    except ValueError:
        length = 0.0
    if not length > 0.0:
        raise PatternError(
            f"no wavelength {wavelength!r}; give a length in Å or one of {', '.join(WAVELENGTHS)}"
        )
    return length


def _indices(hkl: tuple[int, ...]) -> str:
    """Miller indices as text, without the redundant one of hexagonal cells."""
    h, k, l = hkl if len(hkl) == 3 else (hkl[0], hkl[1], hkl[3])
    text = [str(x) for x in (h, k, l)]
    return "".join(text) if all(len(t) == 1 for t in text) else " ".join(text)
