"""Static structure factors."""

from __future__ import annotations

import numpy as np
import pytest
from ase.utils.xrdebye import waasmaier
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.distributions import NoElementError, rdf
from a2c_ray.analysis.structure_factor import StructureFactor, structure_factor, xray_form_factor


def test_bragg_peaks_of_a_crystal():
    """N where waves are in phase, nothing elsewhere; 2 pi / 3 Å is the first Bragg vector."""
    cubic = Structure(Lattice.cubic(3), ["Po"], [[0, 0, 0]]) * 2
    found = structure_factor(cubic, q_max=4.5, bin_width=1e-3)
    first = np.pi / 3  # reciprocal vector of the doubled cell
    expected = {1: 0, 2: 0, 3: 0, 4: 8, 5: 0, 6: 0, 8: 8, 9: 0, 10: 0, 11: 0, 12: 8, 13: 0, 14: 0}
    expected |= {16: 8, 17: 0, 18: 0}
    np.testing.assert_allclose(found.q, first * np.sqrt(list(expected)), rtol=1e-9)
    np.testing.assert_allclose(found.total, list(expected.values()), atol=1e-9)
    assert found.n_vectors[:4].tolist() == [6, 12, 8, 6]


def test_agrees_with_a_sum_over_atoms():
    rng = np.random.default_rng(1)
    lattice = Lattice.from_parameters(4, 6, 5, 65, 80, 110)
    frames = [Structure(lattice, ["Ti", "Ti", "O"], rng.random((3, 3)) - 1) for _ in range(2)]
    lengths = {"Ti": -3.37, "O": 5.80}  # fm, of neutrons
    found = structure_factor(frames, q_max=5.0, bin_width=0.5)
    f = np.array([lengths[s.symbol] for s in frames[0].species])
    reciprocal = 2 * np.pi * np.linalg.inv(lattice.matrix).T
    intensity: dict[int, list[float]] = {}
    for h in np.ndindex(21, 21, 21):
        q = (np.array(h) - 10) @ reciprocal
        if 0 < np.linalg.norm(q) < 5.0:
            for frame in frames:
                scattered = abs(np.sum(f * np.exp(1j * frame.cart_coords @ q))) ** 2 / 3
                incoherent = np.mean(f**2) - np.mean(f) ** 2
                shell = int(np.linalg.norm(q) / 0.5)
                intensity.setdefault(shell, []).append((scattered - incoherent) / np.mean(f) ** 2)
    shells = sorted(intensity)
    assert found.n_vectors.tolist() == [len(intensity[k]) for k in shells]
    expected = [np.mean(intensity[k]) for k in shells]
    np.testing.assert_allclose(found.weighted(lengths), expected, rtol=1e-9)


@pytest.fixture(scope="module")
def silica() -> Structure:
    """Quartz, distorted until it is amorphous at long range."""
    quartz = Structure.from_spacegroup(
        "P3_221",
        Lattice.hexagonal(4.91, 5.40),
        ["Si", "O"],
        [[0.4697, 0, 0], [0.4133, 0.2672, 0.1188]],
    )
    cell = quartz * (2, 2, 1)
    rng = np.random.default_rng(3)
    moved = cell.cart_coords + rng.normal(0, 0.25, (len(cell), 3))
    return Structure(cell.lattice, cell.species, moved, coords_are_cartesian=True)


@pytest.mark.parametrize("pair", [None, ("Si", "Si"), ("Si", "O"), ("O", "O")])
def test_is_the_fourier_transform_of_the_radial_distribution(silica, pair):
    """Both smoothed alike, so that no truncation remains.

    g(r) - 1 times exp(-(r w)² / 2) transforms into S(q) folded with a Gaussian of width w in
    three dimensions. Over the reciprocal vectors q of a box of volume V the folding is a sum,
    its average over directions of Q being
    (2 pi / w²)^(3/2) / V sum_q S(q) exp(-(Q - q)² / 2 w²) (1 - exp(-2 Q q / w²)) w² / (2 Q q).
    """
    width, density = 0.4, silica.num_sites / silica.volume
    radial = rdf(silica, 16.0, 0.01)
    factor = structure_factor(silica, 14.0, 0.002)
    if pair:
        g, s, self_term = radial.of(*pair), factor.partial[pair], 0.0
        if pair[0] == pair[1]:
            self_term = 1 / factor.fractions[pair[0]]
    else:
        g, s, self_term = radial.total, factor.total, 1.0
    q, r = np.linspace(0.8, 11, 60)[:, None], radial.r
    damped = (g - 1) * np.exp(-((r * width) ** 2) / 2)
    from_g = 4 * np.pi * density * np.sum(r**2 * damped * np.sinc(q * r / np.pi), axis=1) * 0.01
    x = q * factor.q / width**2
    kernel = np.exp(-((q - factor.q) ** 2) / (2 * width**2)) * (1 - np.exp(-2 * x)) / (2 * x)
    kernel *= (2 * np.pi / width**2) ** 1.5 / silica.volume * factor.n_vectors
    from_s = np.sum(kernel * (s - 1 + self_term), axis=1) - self_term
    np.testing.assert_allclose(from_s, from_g, atol=0.004)
    assert np.ptp(from_g) > 0.3


def test_weights(silica):
    factor = structure_factor(silica)
    np.testing.assert_allclose(factor.weighted({"Si": 2.0, "O": 0.0}), factor.partial["Si", "Si"])
    np.testing.assert_allclose(factor.weighted({"Si": 7.0, "O": 7.0}), factor.total)
    forms = {element: xray_form_factor(element, factor.q) for element in ("Si", "O")}
    np.testing.assert_allclose(factor.xray, factor.weighted(forms))
    with pytest.raises(NoElementError, match="there is no O"):
        factor.weighted({"Si": 1.0})
    one_element = StructureFactor(
        factor.q, factor.n_vectors, {"Si": 1.0}, {("Si", "Si"): factor.partial["Si", "Si"]}
    )
    np.testing.assert_allclose(one_element.xray, one_element.total)


def test_tends_to_one(silica):
    factor = structure_factor(silica, q_max=25.0)
    for s in (factor.total, factor.xray, *factor.partial.values()):
        assert np.average(s[factor.q > 15], weights=factor.n_vectors[factor.q > 15]) == (
            pytest.approx(1.0, abs=0.03)
        )


@pytest.mark.parametrize("element", ["C", "O", "S", "Ni", "Ag"])
def test_form_factors_agree_with_those_of_waasmaier_and_kirfel(element):
    q = np.linspace(0, 15, 31)
    pairs, constant = np.reshape(waasmaier[element][:10], (5, 2)), waasmaier[element][10]
    exponentials = np.exp(-np.multiply.outer((q / (4 * np.pi)) ** 2, pairs[:, 1]))
    reference = exponentials @ pairs[:, 0] + constant
    np.testing.assert_allclose(xray_form_factor(element, q), reference, rtol=0.07)
