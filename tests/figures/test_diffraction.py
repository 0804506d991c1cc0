"""The figure shows both patterns and labels what is strongest."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Lattice, Structure

from a2c_ray.analysis.diffraction import MeasuredPattern, powder_pattern
from a2c_ray.figures.diffraction import diffraction_figure


def test_simulated_and_measured_are_both_there(diamond):
    pattern = powder_pattern(diamond)
    measured = MeasuredPattern(np.array([10.0, 50.0, 80.0]), np.array([0.0, 100.0, 10.0]), "mine")
    axes = diffraction_figure(pattern, measured, label="Si").axes[0]
    lines = {line.get_label(): line for line in axes.lines}
    assert set(lines) == {"Si", "mine"}
    assert np.min(lines["mine"].get_ydata()) > np.max(lines["Si"].get_ydata())
    assert len(axes.collections[0].get_segments()) == len(pattern.two_theta)
    assert "2θ" in axes.get_xlabel()


def test_labels_are_those_of_the_strongest_peaks(diamond):
    pattern = powder_pattern(diamond)
    labels = [text.get_text() for text in diffraction_figure(pattern).axes[0].texts]
    assert labels[0] == pattern.hkl[int(np.argmax(pattern.intensity))] == "111"
    assert len(labels) == len(set(labels)) <= 8


def test_negative_indices_have_bars():
    monoclinic = Structure(Lattice.monoclinic(3.0, 4.0, 5.0, 110.0), ["Fe"], [[0, 0, 0]])
    pattern = powder_pattern(monoclinic)
    assert any("-" in hkl for hkl in pattern.hkl)
    labels = [text.get_text() for text in diffraction_figure(pattern).axes[0].texts]
    assert any(r"\overline{1}" in label for label in labels)
    assert not any("-" in label for label in labels)
