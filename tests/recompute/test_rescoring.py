"""Products under other potentials."""

from __future__ import annotations

import dataclasses
import json
import shutil

import jax.numpy as jnp
import pytest
from pymatgen.core import Lattice, Structure

from a2c_ray.cli import main
from a2c_ray.lake import ProductRow, Store
from a2c_ray.lake.schemas import columns_of
from a2c_ray.potentials.model import EnergyModel
from a2c_ray.potentials.potential import UnknownElementError
from a2c_ray.recompute.rescoring import keep_scores, rescore
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.results import RunResults
from a2c_ray.results.opinions import opinions
from a2c_ray.results.run import ProductResult


def product(number: int, energy: float, spacing: float) -> ProductResult:
    """A simple cubic crystal of silicon that claims an energy."""
    structure = Structure(Lattice.cubic(spacing), ["Si"], [[0, 0, 0]])
    nothing = dict.fromkeys(column.name for column in columns_of("products"))
    own = {"product_id": f"p{number}", "formula": "Si", "energy_per_atom": energy, "delta_mev": 0.0}
    row = ProductRow(**(nothing | own | {"space_group": "Pm-3m"}))
    return ProductResult(structure, row)


@pytest.fixture
def lake(silicon_lake, tmp_path) -> str:
    """A copy that may be written to."""
    return str(shutil.copytree(silicon_lake, tmp_path / "lake"))


def test_the_same_potential_changes_nothing(lake, silicon):
    results = RunResults.open(lake)
    products = results.lowest_products(3)
    rows = rescore(products, silicon)
    assert rows
    for row, before in zip(rows, products, strict=True):
        assert row.outcome == "converged"
        assert row.is_same
        assert row.energy_per_atom == pytest.approx(before.row.energy_per_atom, abs=2e-3)
        assert row.volume_per_atom == pytest.approx(before.row.volume_per_atom, rel=0.01)


def test_energies_without_relaxation_are_those_of_the_potential(silicon_f64):
    products = [product(k, -4.0 + 0.1 * k, spacing) for k, spacing in enumerate((2.5, 2.6, 2.7))]
    rows = rescore(products, silicon_f64, relaxed=False)
    expected = silicon_f64.evaluate([p.structure for p in products])
    assert [row.energy_per_atom for row in rows] == [result.energy for result in expected]
    assert {(row.outcome, row.is_same, row.is_relaxed) for row in rows} == {
        ("evaluated", None, False)
    }


def test_under_pressure_enthalpies_are_compared(silicon_f64):
    products = [product(k, -4.0 + 0.1 * k, spacing) for k, spacing in enumerate((2.5, 2.2))]
    at_rest = rescore(products, silicon_f64, relaxed=False)
    squeezed = rescore(products, silicon_f64, relaxed=False, pressure=0.5)
    for k, volume in enumerate((2.5**3, 2.2**3)):
        assert at_rest[k].ranked == at_rest[k].energy_per_atom == squeezed[k].energy_per_atom
        assert squeezed[k].ranked == pytest.approx(at_rest[k].ranked + 0.5 * volume)


def test_cells_that_a_run_kept_are_kept(silicon_f64):
    [free] = rescore([product(0, -4.0, 2.4)], silicon_f64)
    [kept] = rescore([product(0, -4.0, 2.4)], silicon_f64, cell=Freedom.NONE)
    assert kept.volume_per_atom == pytest.approx(2.4**3)
    assert free.volume_per_atom != pytest.approx(2.4**3, rel=0.01)


def test_where_a_potential_fails_there_is_no_energy(silicon):
    def atomic_energies(parameters, numbers, edges):
        return silicon.model.atomic_energies(parameters, numbers, edges) * jnp.nan

    model = EnergyModel(atomic_energies, silicon.model.cutoff)
    broken = dataclasses.replace(silicon, model=model)
    [row] = rescore([product(0, -4.0, 2.5)], broken)
    assert (row.outcome, row.energy_per_atom, row.is_same) == ("exploded", None, None)
    assert row.volume_per_atom == pytest.approx(2.5**3)


def test_what_is_kept_comes_back_and_once(lake, silicon):
    results = RunResults.open(lake)
    products = results.lowest_products(3)
    asked = rescore(products, silicon, relaxed=False)
    keep_scores(results.lake.store, asked)
    keep_scores(results.lake.store, asked)
    assert RunResults.open(lake).rescored() == sorted(asked, key=lambda row: row.product_id)
    again = rescore(products[:1], silicon, relaxed=False)
    keep_scores(results.lake.store, again)
    kept = {row.product_id: row for row in RunResults.open(lake).rescored()}
    assert len(kept) == len(asked)
    assert kept[products[0].row.product_id] == again[0]


def test_scores_of_products_that_were_ranked_anew_are_left_out(lake, silicon):
    results = RunResults.open(lake)
    rows = rescore(results.lowest_products(1), silicon, relaxed=False)
    stale = [dataclasses.replace(row, subcell_id="another") for row in rows]
    keep_scores(results.lake.store, stale)
    assert RunResults.open(lake).rescored() == []


def test_an_element_that_the_potential_does_not_know(silicon):
    crystal = product(0, -4.0, 2.5)
    crystal.structure.replace_species({"Si": "Ge"})
    with pytest.raises(UnknownElementError, match="Ge"):
        rescore([crystal], silicon)


def test_the_command(lake, capsys):
    command = ["rescore", "--lake", lake, "--potential", "stillinger-weber"]
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "under stillinger-weber: the lowest stays" in out
    assert len(opinions(RunResults.open(lake))) == 2
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["is_same"] is True
    assert main([*command, "--no-relax", "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (record["outcome"], record["rank"], record["new_rank"]) == ("evaluated", 1, 1)
    assert len(opinions(RunResults.open(lake))) == 3
    assert main([*command[:-1], "stillinger"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main([*command, "--d3"]) == 2
    assert "potential.d3=true needs the functional" in capsys.readouterr().err


def test_the_page_shows_what_was_kept(lake, silicon, tmp_path):
    page = tmp_path / "page.html"
    results = RunResults.open(lake)
    other = dataclasses.replace(silicon, name="sevennet-mf-0-r2scan")
    keep_scores(results.lake.store, rescore(results.lowest_products(3), other, relaxed=False))
    assert main(["report", "--lake", lake, "--output", str(page)]) == 0
    text = page.read_text()
    assert "Under other potentials" in text
    assert "sevennet-mf-0-r2scan<br>r²SCAN<br>not relaxed" in text
    assert "Si under sevennet-mf-0-r2scan: the lowest stays" in text
    assert "J. Am. Chem. Soc. 147, 1042" in text


def test_a_lake_that_cannot_be_written_costs_the_record_only(lake, capsys, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "write", full)
    command = ["rescore", "--lake", lake, "--potential", "stillinger-weber", "--no-relax"]
    assert main(command) == 0
    captured = capsys.readouterr()
    assert "the lowest stays" in captured.out
    assert captured.err == f"not kept in {lake}: No space left on device\n"
