"""How fast distinct crystals are told apart."""

from __future__ import annotations

import json

import numpy as np

from a2c_ray.bench.distinct import Disguised, measure_distinct
from a2c_ray.cli import main


def test_cells_whose_crystals_are_known_are_told_apart():
    measured = measure_distinct(n_cells=600, n_pairs=12, seed=1)
    assert measured["cells_astray"] == 0
    assert measured["crystals_found"] == measured["crystals_there"]
    counts = measured["verdicts"]
    assert counts["both_alike"] + counts["both_apart"] == counts["pairs"] == 12
    assert 0 < counts["both_alike"] < 12


def test_cells_are_the_same_for_a_seed(rutile):
    one, other = (Disguised([rutile, rutile], 20, np.random.default_rng(3)) for _ in range(2))
    assert [cell == same for cell, same in zip(one, other, strict=True)] == [True] * 20
    assert one[2:4] == [one[2], one[3]]
    assert list(one.energies) == list(other.energies)
    assert 0 < (one.origins < 0).sum() < 20


def test_it_is_a_command(capsys):
    assert main(["bench", "distinct", "--cells", "30", "--pairs", "2", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert (measured["cells"], measured["verdicts"]["pairs"]) == (30, 2)
