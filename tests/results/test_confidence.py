"""How sure a run is of its lowest product."""

from __future__ import annotations

import dataclasses

import pytest

from a2c_ray.analysis.discovery import discovery
from a2c_ray.results import RunResults
from a2c_ray.results.confidence import (
    Confidence,
    confidence_lines,
    confidence_of,
    in_words,
)
from a2c_ray.results.frequencies import Frequency


@pytest.fixture
def results(silicon_lake):
    return RunResults.open(silicon_lake)


@pytest.fixture
def confidence():
    glasses = (Frequency("p", "g0", 41, 512), Frequency("p", "g1", 0, 498))
    return Confidence("MgF2", glasses, discovery([41, 3, 1, 1], 1010))


def test_the_lowest_product_is_counted_in_each_glass(results):
    judged = confidence_of(results)
    lowest = next(p.row for p in results.products if p.row.formula == "Si")
    assert [f.glass_id for f in judged.glasses] == [g.glass_id for g in results.glasses]
    assert sum(f.n_subcells for f in judged.glasses) == lowest.n_subcells
    assert sum(f.n_relaxed for f in judged.glasses) == lowest.n_relaxed
    hits = [p.row.n_subcells for p in results.products if p.row.formula == "Si"]
    assert judged.discovery == discovery(hits, lowest.n_relaxed)


def test_a_run_without_products_is_not_judged(unfinished_lake):
    results = RunResults.open(unfinished_lake)
    assert confidence_of(results) is None
    assert confidence_lines(results) == []


def test_what_is_said(confidence):
    assert in_words(confidence) == [
        "the lowest MgF2 emerged from 1 of 2 glasses (subcells 41/512, 0/498)",
        "as many subcells again would find a lower one with a chance of about 32 % "
        "(2 of 4 low crystals met only once)",
    ]


def test_many_glasses_are_not_listed(confidence):
    many = dataclasses.replace(confidence, glasses=confidence.glasses * 3)
    assert in_words(many)[0].endswith("(subcells 41/512, 0/498, 41/512, 0/498, ...)")
