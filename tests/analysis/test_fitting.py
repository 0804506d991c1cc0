"""Whether crystals fit is what StructureMatcher says."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Structure

from a2c_ray.analysis import fitting
from a2c_ray.analysis.fitting import all_fits, fits
from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.polymorphs import polymorphs_of
from a2c_ray.analysis.reduced_cell import compared_in, niggli_cell
from a2c_ray.bench.disguise import deformed, in_another_cell


def compared(structure: Structure):
    return compared_in(structure, niggli_cell(structure))


def test_deformed_crystals_fit_as_long_as_structure_matcher_says_so(monkeypatch):
    rng, verdicts = np.random.default_rng(2), []
    crystals = [p.structure for f in ("TiO2", "SiO2", "BN") for p in polymorphs_of(f)]
    for crystal in (c for c in crystals if len(c) <= 24):
        amount = 0.6 + rng.random()
        other = in_another_cell(deformed(crystal, 0.02 * amount, 0.25 * amount, rng), rng)
        verdict = fits(compared(other), compared(crystal))
        assert verdict == matcher().fit(other, crystal)
        verdicts.append(verdict)
    assert 5 < sum(verdicts) < len(verdicts) - 5
    # However many pairs are looked at together.
    monkeypatch.setattr(fitting, "MOST_PAIRS", 1)
    assert fits(compared(in_another_cell(crystals[0], rng)), compared(crystals[0]))


def test_many_are_compared_at_once_as_one_by_one():
    crystals = [compared(p.structure) for f in ("TiO2", "SiO2") for p in polymorphs_of(f)]
    for one in crystals[:5]:
        singly = [fits(one, other) for other in crystals]
        assert list(all_fits(one, crystals)) == singly
        assert any(singly)
    assert list(all_fits(crystals[0], [])) == []


def test_polymorphs_fit_themselves_only_or_what_structure_matcher_takes_for_them():
    crystals = [p.structure for p in polymorphs_of("SiO2") if len(p.structure) <= 24]
    for one in crystals:
        for other in crystals:
            assert fits(compared(one), compared(other)) == matcher().fit(one, other)
