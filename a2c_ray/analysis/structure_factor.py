"""Static structure factor S(q) of glasses, in the normalization of Faber and Ziman.

It is summed over the reciprocal vectors of the box, so that it is exact for the periodic structure.
Up to about 2 pi / L, L the length of the box, there are few vectors and S(q) is rough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from pymatgen.analysis.diffraction.xrd import ATOMIC_SCATTERING_PARAMS
from pymatgen.core import Element, Structure

from a2c_ray.analysis.distributions import (
    Frames,
    Pair,
    check_elements,
    frames_of_one_composition,
    kinds,
)


@dataclass(frozen=True)
class StructureFactor:
    """Structure factors in shells of reciprocal vectors, 1 at large q.

    q: mean length of the vectors of each shell, 1/Å (with the factor 2 pi), `[n]`.
    n_vectors: in each shell, of all frames, int `[n]`.
    fractions: atomic fraction of each element.
    partial: of each pair of elements, after Faber and Ziman, `[n]`.
    """

    q: np.ndarray
    n_vectors: np.ndarray
    fractions: dict[str, float]
    partial: dict[Pair, np.ndarray]

    @property
    def total(self) -> np.ndarray:
        """All atoms scatter alike, `[n]`."""
        return self.weighted(dict.fromkeys(self.fractions, 1.0))

    @property
    def xray(self) -> np.ndarray:
        """Atoms scatter X-rays, `[n]`."""
        return self.weighted({e: xray_form_factor(e, self.q) for e in self.fractions})

    def weighted(self, lengths: Mapping[str, float | np.ndarray]) -> np.ndarray:
        """Sum of c_a c_b f_a f_b S_ab over all a and b, over the square of the mean f, `[n]`.

        Args:
            lengths: scattering length or form factor f of each element, in any unit; scalars or
                `[n]`. Neutron scattering lengths give the factor that neutrons see.

        Raises:
            NoElementError: an element has no length.
        """
        check_elements(list(lengths), *self.fractions)
        amplitude = {e: c * np.asarray(lengths[e]) for e, c in self.fractions.items()}
        weighted = sum(
            (1 if a == b else 2) * amplitude[a] * amplitude[b] * partial
            for (a, b), partial in self.partial.items()
        )
        return weighted / sum(amplitude.values()) ** 2


def structure_factor(
    frames: Frames, q_max: float = 15.0, bin_width: float = 0.1
) -> StructureFactor:
    """S(q) averaged over directions and frames.

    With the density waves rho_a(q) = sum over atoms of a of exp(i q r),
    S_ab(q) = 1 + (<rho_a rho_b*> / N - c_a delta_ab) / (c_a c_b).

    Args:
        frames: of one composition.
        q_max: 1/Å.
        bin_width: of the shells, 1/Å; those without a reciprocal vector are left out.

    Raises:
        FramesError: there is no frame, or their compositions differ.

    Source: T. E. Faber and J. M. Ziman, Philos. Mag. 11, 153 (1965).
    """
    frames, elements = frames_of_one_composition(frames)
    pairs = list(combinations_with_replacement(range(len(elements)), 2))
    n_shells = int(np.ceil(q_max / bin_width))
    n_vectors = np.zeros(n_shells, int)
    sum_q = np.zeros(n_shells)
    sums = {pair: np.zeros(n_shells) for pair in pairs}
    for frame in frames:
        q, waves = _density_waves(frame, kinds(frame, elements), q_max)
        shell = (q / bin_width).astype(int)
        n_vectors += np.bincount(shell, minlength=n_shells)
        sum_q += np.bincount(shell, q, n_shells)
        for a, b in pairs:
            sums[a, b] += np.bincount(shell, (waves[a] * waves[b].conj()).real, n_shells)
    there = n_vectors > 0
    n_vectors = n_vectors[there]
    c = [frames[0].composition.element_composition.get_atomic_fraction(e) for e in elements]
    means = {pair: sums[pair][there] / n_vectors / len(frames[0]) for pair in pairs}
    return StructureFactor(
        q=sum_q[there] / n_vectors,
        n_vectors=n_vectors,
        fractions=dict(zip(elements, c, strict=True)),
        partial={
            (elements[a], elements[b]): 1 + (means[a, b] - c[a] * (a == b)) / (c[a] * c[b])
            for a, b in pairs
        },
    )


def xray_form_factor(element: str, q: np.ndarray) -> np.ndarray:
    """Number of electrons that scatter coherently from a free atom.

    Args:
        element: symbol.
        q: 1/Å, of any shape; up to 15 most are good to 7 %.

    Source: pymatgen's table, as in its X-ray diffraction.
    """
    s_squared = (np.asarray(q) / (4 * np.pi)) ** 2
    gaussians = sum(a * np.exp(-b * s_squared) for a, b in ATOMIC_SCATTERING_PARAMS[element])
    return Element(element).Z - 41.78214 * s_squared * gaussians


def _density_waves(
    frame: Structure, kind: np.ndarray, q_max: float
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of exp(i q r) over the atoms of each kind, for all reciprocal vectors up to q_max.

    Returns:
        Lengths of the vectors, 1/Å, `[n_vectors]`, without the zero vector, and the sums, complex
        `[n_kinds, n_vectors]`.
    """
    largest = (q_max * np.array(frame.lattice.abc) / (2 * np.pi)).astype(int)
    indices = [np.arange(-n, n + 1) for n in largest]
    grid = np.stack(np.meshgrid(*indices, indexing="ij"), axis=-1)
    q = np.linalg.norm(grid @ frame.lattice.reciprocal_lattice.matrix, axis=-1)
    within = (q > 0) & (q < q_max)
    phases = [
        np.exp(2j * np.pi * np.outer(index, x))
        for index, x in zip(indices, frame.frac_coords.T, strict=True)
    ]
    waves = []
    for k in range(kind.max() + 1):
        x, y, z = (phase[:, kind == k] for phase in phases)
        waves.append(((x[:, None] * y) @ z.T)[within])
    return q[within], np.array(waves)
