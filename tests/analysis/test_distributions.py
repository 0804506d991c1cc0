"""Radial distribution functions and their first minima."""

from __future__ import annotations

import numpy as np
import pytest
from ase.geometry.rdf import get_rdf
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from a2c_ray.analysis.distributions import (
    FramesError,
    NoElementError,
    NoMinimumError,
    RadialDistribution,
    first_minimum,
    rdf,
)

ROCK_SALT = Structure.from_spacegroup(
    "Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0, 0]]
)


def neighbours(
    radial: RadialDistribution, a: str, b: str, density: float, near: float, far: float
) -> float:
    """Integral of 4 pi r² density g(r) between two distances, exact for bins.

    Args:
        radial: distribution.
        a, b: elements.
        density: of b, 1/Å³.
        near, far: Å.
    """
    half_bin = radial.r[0]
    shells = 4 / 3 * np.pi * ((radial.r + half_bin) ** 3 - (radial.r - half_bin) ** 3)
    chosen = (radial.r > near) & (radial.r < far)
    return density * float(np.sum((shells * radial.of(a, b))[chosen]))


@pytest.mark.parametrize("smearing", [0.0, 0.05])
def test_shells_of_diamond(diamond, smearing):
    a, density = 5.431, 8 / 5.431**3
    radial = rdf(diamond.get_primitive_structure(), 8.0, 0.02, smearing)
    shells = [(np.sqrt(3) / 4, 4), (np.sqrt(2) / 2, 12), (np.sqrt(11) / 4, 12), (1, 6)]
    for distance, number in shells:
        near, far = a * distance - 0.3, a * distance + 0.3
        assert neighbours(radial, "Si", "Si", density, near, far) == pytest.approx(number, rel=1e-3)
    assert radial.of("Si", "Si")[radial.r < 2.0].max() == 0
    np.testing.assert_allclose(radial.total, radial.of("Si", "Si"))


def test_shells_of_rock_salt():
    a, density = 5.64, 4 / 5.64**3
    radial = rdf(ROCK_SALT, 6.5, 0.02)
    assert list(radial.partial) == [("Na", "Na"), ("Na", "Cl"), ("Cl", "Cl")]
    expected = {
        ("Na", "Cl"): [(0.5, 6), (np.sqrt(0.75), 8)],
        ("Cl", "Cl"): [(0.5**0.5, 12), (1, 6)],
    }
    for pair, shells in expected.items():
        for distance, number in shells:
            near, far = a * distance - 0.1, a * distance + 0.1
            assert neighbours(radial, *pair, density, near, far) == pytest.approx(number)


def test_the_same_crystal_in_any_cell(rutile):
    skewed = rutile.copy()
    skewed.make_supercell([[2, 1, 0], [0, 1, 1], [1, 0, 1]])
    one, other = rdf(rutile, 9.0, 0.0973, 0.1), rdf(skewed, 9.0, 0.0973, 0.1)
    for pair, partial in one.partial.items():
        np.testing.assert_allclose(other.partial[pair], partial, atol=1e-6)


def test_atoms_without_order_give_one():
    rng = np.random.default_rng(0)
    frames = [
        Structure(
            Lattice.from_parameters(14, 17, 15, 70, 80, 100),
            ["Ti"] * 100 + ["O"] * 200,
            rng.random((300, 3)),
        )
        for _ in range(10)
    ]
    radial = rdf(frames, 10.0, 0.25)
    n_pairs = 10 * 100 * 200 / frames[0].volume * 4 * np.pi * radial.r**2 * 0.25
    deviations = (radial.of("O", "Ti") - 1) * np.sqrt(n_pairs)
    assert np.sqrt(np.mean(deviations**2)) == pytest.approx(1.0, abs=0.35)
    assert np.average(radial.total, weights=radial.r**2) == pytest.approx(1.0, abs=0.005)


def test_agrees_with_ase(random_glass):
    atoms = AseAtomsAdaptor.get_atoms(random_glass)
    radial = rdf(random_glass, 5.0, 0.05)
    np.testing.assert_allclose(radial.total, get_rdf(atoms, 5.0, 100, no_dists=True), atol=1e-10)
    oxygen = get_rdf(atoms[atoms.symbols == "O"], 5.0, 100, no_dists=True)
    np.testing.assert_allclose(radial.of("O", "O"), oxygen, atol=1e-10)


def test_total_is_the_weighted_sum_of_partials(random_glass):
    radial = rdf(random_glass, smearing=0.1)
    c = {"Ti": 1 / 3, "O": 2 / 3}
    summed = sum(c[a] * c[b] * radial.of(a, b) for a in c for b in c)
    np.testing.assert_allclose(radial.total, summed, rtol=1e-12)


def test_frames_are_averaged(random_glass):
    other = random_glass.copy()
    other.apply_strain(0.1)
    other.perturb(0.3, seed=0)
    mean = (rdf(random_glass).total + rdf(other).total) / 2
    np.testing.assert_allclose(rdf([random_glass, other]).total, mean, rtol=1e-12)


def test_smearing_spreads_each_distance():
    dimer = Structure(Lattice.cubic(20), ["H", "H"], [[0, 0, 0], [0, 0, 0.1]])
    radial = rdf(dimer, 4.0, 0.01, smearing=0.15)
    count = radial.total * radial.r**2
    mean = np.average(radial.r, weights=count)
    assert mean == pytest.approx(2.0, abs=0.01)
    assert np.average((radial.r - mean) ** 2, weights=count) ** 0.5 == pytest.approx(0.15, rel=0.01)
    nearer = rdf(dimer, 1.9, 0.01, smearing=0.15)  # tail of a distance that is further
    np.testing.assert_allclose(nearer.total, radial.total[:190], rtol=1e-9)


def test_first_minimum_of_a_crystal_is_between_its_shells(rutile):
    radial = rdf(rutile)
    assert first_minimum(radial, "F", "Mg") == first_minimum(radial, "Mg", "F")
    distances = rutile.get_neighbor_list(4.0)
    kind = np.array([site.specie.symbol for site in rutile])
    unlike = np.sort(distances[3][kind[distances[0]] != kind[distances[1]]])
    bonds, others = unlike[unlike < 2.2], unlike[unlike > 2.2]
    assert len(bonds) == 2 * 2 * 6
    assert bonds.max() < first_minimum(radial, "Mg", "F") < others.min()


R = np.arange(0.025, 10, 0.05)


def bump(center: float, width: float) -> np.ndarray:
    """Gaussian of height 1."""
    return np.exp(-(((R - center) / width) ** 2) / 2)


def minimum_of(g: np.ndarray) -> float:
    return first_minimum(RadialDistribution(R, g, {("O", "O"): g}), "O", "O")


def test_first_minimum_is_found_in_noise():
    smooth = 1 + 3 * bump(2.8, 0.2) - 0.6 * bump(4.0, 0.5) + 0.4 * bump(5.2, 0.4)
    smooth[R < 2.1] = 0.0
    noise = np.random.default_rng(0).normal(0, 0.35, (50, len(R))) * np.sqrt(smooth)
    errors = np.array([minimum_of(smooth + one) for one in noise]) - minimum_of(smooth)
    assert minimum_of(smooth) == pytest.approx(3.95, abs=0.05)
    assert np.abs(errors).max() < 0.5
    assert np.std(errors) < 0.2


def test_first_minimum_passes_over_defects():
    g = 3 * bump(2.8, 0.2) + 0.9 * bump(1.5, 0.1) + bump(5.0, 0.3)
    assert minimum_of(g) == pytest.approx(4.0, abs=0.2)


def test_first_minimum_passes_over_ripples():
    g = 0.8 + 3 * bump(2.5, 0.1) - 0.3 * bump(3.8, 0.3) + 0.5 * bump(4.8, 0.3)
    assert minimum_of(g + 0.5 * bump(3.2, 0.1)) == pytest.approx(3.75, abs=0.1)


def test_first_minimum_is_the_middle_of_a_gap():
    ripples = 0.005 * (1 + np.sin(5 * R))
    assert minimum_of(ripples + 3 * bump(2.0, 0.1) + 3 * bump(4.0, 0.1)) == pytest.approx(
        3.0, abs=0.05
    )


def test_first_minimum_is_near_the_first_peak():
    """The second peak is too low to be told from noise, and what follows is lower."""
    g = 1 + 2 * bump(2.5, 0.2) - bump(0, 1) - 0.15 * bump(3.5, 0.3) - 0.17 * bump(8, 0.5)
    assert minimum_of(g) == pytest.approx(3.5, abs=0.1)


def test_no_first_minimum(diamond):
    with pytest.raises(NoMinimumError, match=r"Si-Si has no first minimum below 3\.0 Å"):
        first_minimum(rdf(diamond, 3.0), "Si", "Si")  # one shell only
    with pytest.raises(NoMinimumError):
        minimum_of(np.ones_like(R))


def test_frames_that_differ_are_refused(rutile, diamond):
    with pytest.raises(FramesError, match="frame 1 is Si8 and frame 0 is Mg2 F4"):
        rdf([rutile, diamond])
    with pytest.raises(FramesError, match="no frame"):
        rdf([])
    with pytest.raises(NoElementError, match="there is no Si; there are: Mg, F"):
        rdf(rutile).of("Mg", "Si")
