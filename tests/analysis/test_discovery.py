"""How sure a search is, on pools whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.analysis.discovery import discovery


def search(rng, frequencies, n_subcells):
    """Hits of each crystal that is met, and the crystals of two searches in a row."""
    first, second = rng.choice(len(frequencies), p=frequencies, size=(2, n_subcells))
    counts = np.bincount(first, minlength=len(frequencies))
    return counts[counts > 0].tolist(), set(first.tolist()), set(second.tolist())


def pool(rng, n_crystals, width):
    """Frequencies of crystals that are ordered by energy, which has no part in them."""
    weights = rng.lognormal(0.0, width, n_crystals)
    return weights / weights.sum()


@pytest.mark.parametrize(
    ("n_crystals", "width", "n_subcells"), [(15, 1.0, 20), (30, 2.0, 100), (60, 1.5, 60)]
)
def test_chances_are_those_of_the_truth(n_crystals, width, n_subcells):
    rng = np.random.default_rng(5)
    told, true, new_told, new_true, next_told, next_true = (np.zeros(3000) for _ in range(6))
    for k in range(3000):
        frequencies = pool(rng, n_crystals, width)
        hits, seen, again = search(rng, frequencies, n_subcells)
        judged = discovery(hits, n_subcells)
        told[k], true[k] = judged.chance_of_lower, min(again) < min(seen)
        new_told[k], new_true[k] = judged.expected_new, len(again - seen)
        next_told[k] = judged.chance_of_new
        next_true[k] = 1 - frequencies[list(seen)].sum()
    assert next_told.mean() == pytest.approx(next_true.mean(), rel=0.1)
    assert new_told.mean() == pytest.approx(new_true.mean(), rel=0.15)
    assert told.mean() == pytest.approx(true.mean(), rel=0.2)


def test_a_search_that_meets_all_crystals_often_is_sure():
    rng = np.random.default_rng(0)
    hits, seen, _ = search(rng, np.full(8, 1 / 8), 400)
    assert len(seen) == 8
    judged = discovery(hits, 400)
    assert (judged.chance_of_new, judged.chance_of_lower) == (0.0, 0.0)


def test_a_search_that_meets_each_crystal_once_is_not():
    judged = discovery([1] * 12, 40)
    assert judged.chance_of_new == pytest.approx(0.3)
    assert judged.chance_of_lower == pytest.approx(7 / 15)


@pytest.mark.parametrize(("hits", "n_subcells"), [([], 5), ([0, 3], 5), ([4, 3], 5)])
def test_impossible_counts_are_refused(hits, n_subcells):
    with pytest.raises(ValueError, match="hits in"):
        discovery(hits, n_subcells)
