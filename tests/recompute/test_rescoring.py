"""Products under a second potential."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.cli import main
from a2c_ray.lake import ProductRow
from a2c_ray.lake.schemas import columns_of
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.potential import UnknownElementError
from a2c_ray.recompute.rescoring import Score, agreement, rescore
from a2c_ray.results import RunResults
from a2c_ray.results.run import ProductResult


def product(number: int, energy: float, spacing: float) -> ProductResult:
    """A simple cubic crystal of silicon that claims an energy."""
    structure = Structure(Lattice.cubic(spacing), ["Si"], [[0, 0, 0]])
    nothing = dict.fromkeys(column.name for column in columns_of("products"))
    own = {"product_id": f"p{number}", "formula": "Si", "energy_per_atom": energy}
    row = ProductRow(**(nothing | own | {"space_group": "Pm-3m"}))
    return ProductResult(structure, row)


def scores(first: list[float], second: list[float]) -> list[Score]:
    """Scores of products with these energies."""
    made = []
    for number, (a, b) in enumerate(zip(first, second, strict=True)):
        crystal = product(number, a, 2.5)
        delta, new_delta = a - min(first), b - np.nanmin(second)
        made.append(Score(crystal, b, delta, new_delta, 0, 0, None, "", crystal.structure))
    return made


def test_the_same_potential_changes_nothing(silicon_lake, silicon):
    results = RunResults.open(silicon_lake)
    again = rescore(results.lowest_products(3), silicon)
    assert again
    for score in again:
        assert score.outcome == "converged"
        assert score.is_same
        assert score.new_rank == score.rank
        expected = score.product.row.energy_per_atom
        assert score.energy == pytest.approx(expected, abs=2e-3)
    assert all(agreed.same_lowest for agreed in agreement(again))


def test_energies_without_relaxation_are_those_of_the_potential(silicon_f64):
    products = [product(k, -4.0 + 0.1 * k, spacing) for k, spacing in enumerate((2.5, 2.6, 2.7))]
    found = rescore(products, silicon_f64, relaxed=False)
    expected = [r.energy for r in silicon_f64.evaluate([p.structure for p in products])]
    assert [s.new_rank for s in found] == [1, 2, 3]
    for score in found:
        assert score.outcome == "evaluated"
        assert score.is_same is None
        assert score.energy == expected[int(score.product.row.product_id[1:])]
        assert score.new_delta == pytest.approx(score.energy - min(expected))


def test_under_pressure_enthalpies_are_compared(silicon_f64):
    products = [product(k, -4.0 + 0.1 * k, spacing) for k, spacing in enumerate((2.5, 2.2))]
    at_rest = rescore(products, silicon_f64, relaxed=False)
    squeezed = rescore(products, silicon_f64, relaxed=False, pressure=0.5)
    volumes = {"p0": 2.5**3, "p1": 2.2**3}
    energies = {score.product.row.product_id: score.energy for score in at_rest}
    for score in squeezed:
        name = score.product.row.product_id
        assert score.energy == pytest.approx(energies[name] + 0.5 * volumes[name])


def test_where_the_second_potential_fails_there_is_no_rank(silicon):
    def atomic_energies(parameters, numbers, edges):
        return silicon.model.atomic_energies(parameters, numbers, edges) * jnp.nan

    model = EnergyModel(atomic_energies, silicon.model.cutoff)
    broken = dataclasses.replace(silicon, model=model)
    [score] = rescore([product(0, -4.0, 2.5)], broken)
    assert (score.outcome, score.new_rank, np.isnan(score.energy)) == ("exploded", 0, True)
    assert agreement([score]) == []


def test_agreement_counts_pairs_beyond_degeneracy():
    """Pairs within 2 meV/atom under either potential have no order."""
    [kept] = agreement(scores([0.0, 0.010, 0.030], [5.0, 5.020, 5.040]))
    assert (kept.same_lowest, kept.n_swapped, kept.n_pairs) == (True, 0, 3)
    assert kept.tau == pytest.approx(1.0)
    [swapped] = agreement(scores([0.0, 0.010, 0.030], [0.010, 0.0, 0.030]))
    assert (swapped.same_lowest, swapped.n_swapped) == (False, 1)
    assert swapped.tau == pytest.approx(1 / 3)
    [degenerate] = agreement(scores([0.0, 0.001], [0.001, 0.0]))
    assert (degenerate.same_lowest, degenerate.n_swapped) == (True, 0)


def test_an_element_that_the_potential_does_not_know(silicon):
    crystal = product(0, -4.0, 2.5)
    crystal.structure.replace_species({"Si": "Ge"})
    with pytest.raises(UnknownElementError, match="Ge"):
        rescore([crystal], silicon)


def test_the_command(silicon_lake, capsys):
    command = ["rescore", "--lake", str(silicon_lake), "--potential", "stillinger-weber"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "the lowest stays" in out
    assert main([*command, "--no-relax", "--json"]) == 0
    assert '"outcome": "evaluated"' in capsys.readouterr().out
    assert main([*command[:-1], "stillinger"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
