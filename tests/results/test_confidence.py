"""How sure a run is of its lowest product."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from a2c_ray.analysis.discovery import discovery
from a2c_ray.results import RunResults
from a2c_ray.results.confidence import (
    Confidence,
    Held,
    confidence_lines,
    confidence_of,
)
from a2c_ray.results.frequencies import Frequency


@pytest.fixture
def results(silicon_lake):
    return RunResults.open(silicon_lake)


@pytest.fixture
def confidence():
    glasses = (Frequency("p", "g0", 41, 512), Frequency("p", "g1", 0, 498))
    held = (
        Held("T_high", "g0", 2000.0, 1960.0),
        Held("T_high", "g1", 2000.0, 2020.0),
        Held("T_low", "g0", 300.0, 309.0),
        Held("T_low", "g1", 300.0, 380.0),
    )
    return Confidence("MgF2", glasses, discovery([41, 3, 1, 1], 1010), held)


def test_the_lowest_product_is_counted_in_each_glass(results):
    judged = confidence_of(results)
    lowest = next(p.row for p in results.products if p.row.formula == "Si")
    assert [f.glass_id for f in judged.glasses] == [g.glass_id for g in results.glasses]
    assert sum(f.n_subcells for f in judged.glasses) == lowest.n_subcells
    assert sum(f.n_relaxed for f in judged.glasses) == lowest.n_relaxed
    hits = [p.row.n_subcells for p in results.products if p.row.formula == "Si"]
    assert judged.discovery == discovery(hits, lowest.n_relaxed)


def test_temperatures_are_means_of_the_ends_of_stages(results):
    judged = confidence_of(results)
    for glass in results.glasses:
        trace = results.trace(glass.glass_id)
        hot = trace["thermostat"] == glass.t_high
        late = hot & (trace["step"] > trace["step"][hot].max() / 2)
        [held] = [h for h in judged.held if h[:2] == ("T_high", glass.glass_id)]
        assert held.target == glass.t_high
        assert held.mean == pytest.approx(trace["temperature"][late].mean(), rel=1e-6)
        [held] = [h for h in judged.held if h[:2] == ("T_low", glass.glass_id)]
        assert held.mean == pytest.approx(np.mean(trace["temperature"][-20:]), rel=1e-6)


def test_a_run_without_products_is_not_judged(unfinished_lake):
    assert confidence_of(RunResults.open(unfinished_lake)) is None


def test_what_is_said(confidence):
    assert confidence_lines(confidence) == [
        "the lowest MgF2 emerged from 1 of 2 glasses (subcells 41/512, 0/498)",
        "as many subcells again would find a lower one with a chance of about 32 % "
        "(2 of 4 low crystals met only once)",
        "T_high reached by 2 glasses: means within 2 %",
        "T_low NOT reached by 1 of 2 glasses: the mean of g1 is 380 K, not 300 K",
    ]


def test_many_glasses_are_not_listed(confidence):
    many = dataclasses.replace(confidence, glasses=confidence.glasses * 3)
    assert confidence_lines(many)[0].endswith("(subcells 41/512, 0/498, 41/512, 0/498, ...)")
