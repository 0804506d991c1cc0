"""Radial distribution functions of glasses and crystals, total and of each pair of elements.

Averages over frames of one composition, such as the last 200 steps at T_low in steps of 10 (a²c
paper, Methods, "Structural analysis"); a crystal is one frame. All periodic images count, so cells
may be smaller than the distances looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations_with_replacement

import numpy as np
from pymatgen.core import Element, Structure
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from a2c_ray.analysis.symmetry import check_finite
from a2c_ray.errors import InputError

Frames = Structure | Sequence[Structure]
"""One structure, or several of one composition to be averaged over; their cells may differ."""

Pair = tuple[str, str]
"""Two elements, the less electronegative first, as in formulas."""


class FramesError(InputError):
    """Frames that cannot be averaged over."""


class NoElementError(InputError):
    """An element that is not in the frames."""


class NoMinimumError(InputError):
    """A radial distribution function without a first minimum."""


@dataclass(frozen=True)
class RadialDistribution:
    """Radial distribution functions g(r), which are 1 where there is no order.

    r: centres of the bins, Å, `[n]`.
    total: `[n]`; with atomic fractions c, the sum of c_a c_b partial_ab over all a and b.
    partial: of each pair of elements, `[n]`.
    """

    r: np.ndarray
    total: np.ndarray
    partial: dict[Pair, np.ndarray]

    def of(self, a: str, b: str) -> np.ndarray:
        """Partial of two elements, in either order.

        Raises:
            NoElementError: they are not in the frames.
        """
        check_elements(list(dict.fromkeys(chain(*self.partial))), a, b)
        return self.partial[(a, b) if (a, b) in self.partial else (b, a)]


def rdf(
    frames: Frames, r_max: float = 10.0, bin_width: float = 0.05, smearing: float = 0.0
) -> RadialDistribution:
    """Total and partial radial distribution functions, averaged over frames.

    Atoms are neighbours of their own images: in a box of length L < r_max, g(r) has a spike at L.

    Args:
        frames: of one composition.
        r_max: Å, rounded to whole bins; may exceed half the cell.
        bin_width: Å.
        smearing: standard deviation of a Gaussian by which each distance is spread, Å.

    Raises:
        FramesError: there is no frame, or their compositions differ.
    """
    frames, elements = frames_of_one_composition(frames)
    n_bins = round(r_max / bin_width)
    margin = int(np.ceil(4 * smearing / bin_width))  # distances beyond r_max spread below it
    edges = bin_width * np.arange(n_bins + margin + 1)
    counts = np.zeros((len(elements), len(elements), n_bins + margin))
    for frame in frames:
        kind = kinds(frame, elements)
        i, j, _, distance = frame.get_neighbor_list(edges[-1])
        counts += frame.volume * histogram(counts.shape, kind[i], kind[j], distance / bin_width)
    if smearing:
        counts = gaussian_filter1d(counts, smearing / bin_width, mode="constant")
    shell_volumes = 4 / 3 * np.pi * np.diff(edges**3)
    pairs = (counts / shell_volumes / len(frames))[..., :n_bins]
    n_atoms = np.bincount(kinds(frames[0], elements))
    return RadialDistribution(
        r=edges[:n_bins] + bin_width / 2,
        total=pairs.sum(axis=(0, 1)) / n_atoms.sum() ** 2,
        partial={
            (elements[a], elements[b]): pairs[a, b] / (n_atoms[a] * n_atoms[b])
            for a, b in combinations_with_replacement(range(len(elements)), 2)
        },
    )


FIRST_PEAK = 1.0
"""Least height of the first peak of a partial g(r); lower ones are defects."""

NOISE = 0.2
"""Peaks of a smoothed g(r) that rise by less from what is around them are noise."""

LONGEST = 1.6
"""A first minimum is looked for up to this many times the distance of the first peak."""

FLAT = 0.02
"""A minimum extends as far as g(r) is within this of its lowest point."""


def first_minimum(radial: RadialDistribution, a: str, b: str, smoothing: float = 0.15) -> float:
    """Distance of the first minimum of a partial g(r), Å: how long bonds of two elements can be.

    It is the middle of the lowest stretch after the first peak, before the next.

    Args:
        radial: in narrow bins, up to the second peak at least.
        a, b: elements, in either order.
        smoothing: standard deviation of a Gaussian applied to g(r), Å. 0.15 makes up for the noise
            of a single frame of 100 atoms.

    Raises:
        NoElementError: an element is not in the frames.
        NoMinimumError: there is no peak, or no rise after it.
    """
    g = gaussian_filter1d(radial.of(a, b), smoothing / (radial.r[1] - radial.r[0]), mode="nearest")
    peaks, _ = find_peaks(g, prominence=NOISE)
    first = next((peak for peak in peaks if g[peak] > FIRST_PEAK), None)
    if first is not None:
        following = next((peak for peak in peaks if peak > first), len(g))
        end = min(following, int(LONGEST * first) + 1)
        lowest = first + int(np.argmin(g[first:end]))
        higher = np.flatnonzero(g > g[lowest] + FLAT)
        before, after = higher[higher < lowest], higher[higher > lowest]
        if len(before) and len(after):
            return float(radial.r[before[-1]] + radial.r[after[0]]) / 2
    raise NoMinimumError(
        f"g(r) of {a}-{b} has no first minimum below {radial.r[-1]:.1f} Å; give a bond length"
    )


def frames_of_one_composition(frames: Frames) -> tuple[Sequence[Structure], list[str]]:
    """Frames as a sequence, and their elements, the least electronegative first.

    Raises:
        FramesError: there is no frame, or their compositions differ.
        LostAtomsError: a position or the cell is not finite.
    """
    frames = [frames] if isinstance(frames, Structure) else frames
    if not frames:
        raise FramesError("there is no frame to average over")
    for frame in frames:
        check_finite(frame)
    composition = frames[0].composition.element_composition
    for k, frame in enumerate(frames):
        if frame.composition.element_composition != composition:
            raise FramesError(
                f"all frames must have the same atoms, but frame {k} is {frame.formula} "
                f"and frame 0 is {frames[0].formula}"
            )
    return frames, [element.symbol for element in sorted(composition)]


def check_elements(elements: Sequence[str], *wanted: str) -> None:
    """Whether they are there.

    Raises:
        NoElementError: one is not.
    """
    for element in wanted:
        if element not in elements:
            raise NoElementError(f"there is no {element}; there are: {', '.join(elements)}")


def kinds(structure: Structure, elements: Sequence[str]) -> np.ndarray:
    """Index of each atom's element, int `[n_atoms]`."""
    return np.array([elements.index(Element.from_Z(z).symbol) for z in structure.atomic_numbers])


def histogram(shape: tuple[int, ...], *indices: np.ndarray) -> np.ndarray:
    """Count indices, rounded down, of one axis each; the last bin includes its upper edge."""
    flat = np.ravel_multi_index([np.asarray(k, int) for k in indices], shape, mode="clip")
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
