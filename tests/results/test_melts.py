"""Whether glasses were melted and quenched."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.results import RunResults
from a2c_ray.results.melts import Held, Melts, melts_of, shortcomings, successes


@pytest.fixture
def results(silicon_lake):
    return RunResults.open(silicon_lake)


def held(stage, glass_id, target, mean, drift=0.0, n_atoms=100, n_logged=20):
    return Held(stage, glass_id, target, mean, drift, n_atoms, n_logged)


def test_temperatures_are_means_and_slopes_of_the_ends_of_stages(results):
    melts = melts_of(results.lake)
    for glass in results.glasses:
        trace = results.trace(glass.glass_id)
        hot = trace["thermostat"] == glass.t_high
        late = hot & (trace["step"] > trace["step"][hot].max() / 2)
        [found] = [h for h in melts.held if h[:2] == ("T_high", glass.glass_id)]
        assert found.target == glass.t_high
        assert found.mean == pytest.approx(trace["temperature"][late].mean(), rel=1e-6)
        steps, temperatures = trace["step"][late], trace["temperature"][late]
        slope = np.polyfit(steps, temperatures, 1)[0] if len(steps) > 2 else 0.0
        assert found.drift == pytest.approx(slope * np.ptp(steps), rel=1e-4, abs=1e-6)
        [found] = [h for h in melts.held if h[:2] == ("T_low", glass.glass_id)]
        cold = trace["step"][trace["thermostat"] == glass.t_low]
        last = trace["step"] > max(cold.max() - 200, (cold.min() + cold.max()) / 2)
        assert found.mean == pytest.approx(trace["temperature"][last].mean(), rel=1e-6)
        assert found.n_atoms == len(glass.structure)
        assert 0.0 <= melts.overlaps[glass.glass_id] <= 1.0


def test_what_was_reached_is_said():
    melts = Melts(
        (held("T_high", "g0", 2000.0, 1960.0), held("T_low", "g0", 300.0, 309.0)), {"g0": 0.12}
    )
    assert shortcomings(melts) == []
    assert successes(melts) == [
        "T_high reached by 1 glass: means within 2 %",
        "T_low reached by 1 glass: means within 3 %",
        "1 melt forgot the start: at most 12 % of atoms ended there",
    ]


def test_what_was_not_reached_is_said():
    melts = Melts(
        (
            held("T_high", "g0", 2000.0, 2020.0, drift=-900.0),
            held("T_low", "g0", 300.0, 309.0),
            held("T_low", "g1", 300.0, 380.0),
        ),
        {"g0": 0.12, "g1": 0.8},
    )
    assert shortcomings(melts) == [
        "T_high still drifting in 1 of 1 glasses: g0 by -900 K",
        "T_low NOT reached by 1 of 2 glasses: the mean of g1 is 380 K, not 300 K",
        "1 of 2 melts did not forget the start: 80 % of the atoms of g1 ended where they began",
    ]
    assert successes(melts) == ["T_high reached by 1 glass: means within 1 %"]


def test_noise_is_no_drift():
    rng = np.random.default_rng(0)
    steps = np.arange(20)
    for n_atoms in (8, 30, 100):
        noise = held("T_high", "g", 1000.0, 1000.0, n_atoms=n_atoms).noise
        assert noise == pytest.approx(1000 * np.sqrt(2 / (3 * n_atoms - 3)))
        judged = []
        for _ in range(200):
            drawn = 1000.0 + noise * rng.normal(size=20)
            drift = np.polyfit(steps, drawn, 1)[0] * np.ptp(steps)
            judged.append(held("T_high", "g", 1000.0, drawn.mean(), drift, n_atoms))
        assert np.mean([h.is_steady and h.is_reached for h in judged]) > 0.97
    assert not held("T_high", "g", 1000.0, 1000.0, drift=600.0, n_atoms=30).is_steady
