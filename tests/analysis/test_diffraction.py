"""Angles against Bragg's law, intensities against the tables, files against what was meant."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.diffraction import PatternError, powder_pattern, read_pattern

CU_KA = 1.54184
"""Å."""


@pytest.fixture
def halite():
    return Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.640), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    )


def braggs_angle(a, h, k, l):
    return 2 * np.degrees(np.arcsin(CU_KA * np.sqrt(h * h + k * k + l * l) / (2 * a)))


def peak_at(pattern, angle):
    (found,) = np.flatnonzero(np.abs(pattern.two_theta - angle) < 0.02)
    return float(pattern.intensity[found])


def test_angles_are_braggs(halite):
    pattern = powder_pattern(halite)
    expected = sorted(
        {
            round(float(braggs_angle(5.640, h, k, l)), 6)
            for h in range(5)
            for k in range(h + 1)
            for l in range(k + 1)
            if h and len({h % 2, k % 2, l % 2}) == 1
            if CU_KA * np.sqrt(h * h + k * k + l * l) < 2 * 5.640 * np.sin(np.radians(45.0))
        }
    )
    assert pattern.two_theta == pytest.approx(expected, abs=1e-3)


def test_intensities_are_near_the_tables(halite):
    """Powder diffraction file of NaCl; thermal motion, left out here, weakens later peaks."""
    pattern = powder_pattern(halite)
    table = {(1, 1, 1): 13, (2, 0, 0): 100, (2, 2, 0): 55, (3, 1, 1): 2, (2, 2, 2): 15}
    for hkl, intensity in table.items():
        assert peak_at(pattern, braggs_angle(5.640, *hkl)) == pytest.approx(intensity, rel=0.45)


def test_diamond_has_no_200_and_no_222(diamond):
    pattern = powder_pattern(diamond)
    assert pattern.hkl[:3] == ("111", "220", "311")
    for hkl in ((2, 0, 0), (2, 2, 2)):
        assert np.all(np.abs(pattern.two_theta - braggs_angle(5.431, *hkl)) > 1.0)


def test_a_supercell_has_the_pattern_of_its_cell(rutile):
    one, many = powder_pattern(rutile), powder_pattern(rutile * (2, 2, 1))
    strong = one.intensity > 1.0
    for angle, intensity in zip(one.two_theta[strong], one.intensity[strong], strict=True):
        assert peak_at(many, angle) == pytest.approx(intensity, rel=1e-3)


def test_a_profile_has_its_peaks_and_their_width(diamond):
    pattern = powder_pattern(diamond, limits=(20.0, 35.0))
    assert pattern.hkl == ("111",)
    angle, intensity = pattern.profile(fwhm=0.5, step=0.01)
    assert (angle[0], angle[-1]) == pytest.approx((20.0, 35.0))
    assert intensity.max() == pytest.approx(100.0)
    assert angle[intensity.argmax()] == pytest.approx(pattern.two_theta[0], abs=0.01)
    assert np.ptp(angle[intensity > 50.0]) == pytest.approx(0.5, abs=0.02)


def test_shorter_waves_are_bent_less(diamond):
    copper, short = powder_pattern(diamond), powder_pattern(diamond, "0.5")
    assert short.wavelength == 0.5
    sines = [np.sin(np.radians(p.two_theta[0] / 2)) / p.wavelength for p in (copper, short)]
    assert sines[0] == pytest.approx(sines[1])


@pytest.mark.parametrize("wavelength", ["CuKz", "-1", "nan"])
def test_a_wrong_wavelength_is_named(diamond, wavelength):
    with pytest.raises(PatternError, match=f"no wavelength '{wavelength}'; give a length in Å or"):
        powder_pattern(diamond, wavelength)


def test_a_range_without_reflections_is_said(diamond):
    with pytest.raises(PatternError, match=r"no reflection between 2θ = 5° and 10°"):
        powder_pattern(diamond, limits=(5.0, 10.0))


def test_extinct_reflections_alone_are_no_pattern(halite):
    """100 and 110 of a face-centred cell, whose intensities are rounding."""
    with pytest.raises(PatternError, match=r"no reflection between 2θ = 10° and 25°"):
        powder_pattern(halite, limits=(10.0, 25.0))


@pytest.mark.parametrize(
    "text",
    [
        "# 2theta I\n10.0 5\n20.0 50\n15.0 20\n",
        "2θ (deg),counts\n10,5\n15,20\n20,50\n",
        "angle;intensity;sigma\n10;5;1\n15;20;1\n\n20;50;1\n",
        '"a sample"\n  1.0e1\t5\n15\t20\n20\t50',
        "10,0;0,5\n15,0;2,0\n20,0;5,0\n",
        "10,00 5,0\n15,00 20,0\n20,00 50,0\n",
        "10.0, 5, 1\n15.0, 20, 1\n20.0, 50, 1\n",
        "\ufeff10.0 5\n15.0 20\n20.0 50\n",
    ],
)
def test_files_of_two_columns_are_read(tmp_path, text):
    path = tmp_path / "sample.xy"
    path.write_text(text)
    pattern = read_pattern(path)
    assert pattern.two_theta.tolist() == [10.0, 15.0, 20.0]
    assert pattern.intensity.tolist() == pytest.approx([10.0, 40.0, 100.0])
    assert pattern.name == "sample"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10 5\n15\n", "line 2: two numbers were expected, not '15'"),
        ("10 5\n15 -,\n", "line 2: two numbers"),
        ("a b\nc d\n", "has 0 points"),
        ("10 5\n400 7\n", "line 2: 400 and 7 are not 2θ and intensity"),
        ("10 5\n20 nan\n", "line 2: 20 and nan are not"),
        ("# nothing\n", "has 0 points"),
        ("10 0\n20 0\n", "no intensity is above 0"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, message):
    path = tmp_path / "sample.xy"
    path.write_text(text)
    with pytest.raises(PatternError, match=message):
        read_pattern(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PatternError, match=r"cannot read the pattern .*no\.xy: No such file"):
        read_pattern(tmp_path / "no.xy")
