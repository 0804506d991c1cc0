"""What docs/reproduction.md shows is what its structures are."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from a2c_ray.analysis.polymorphs import identify
from a2c_ray.analysis.symmetry import TOLERANCES, space_groups
from a2c_ray.lake import structure_from_row

FILE = Path(__file__).parents[1] / "docs/reproduction/products.parquet"
ROWS = pq.read_table(FILE).to_pylist()
N_EVALUATED = 12


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["product_id"])
def test_products_have_the_names_that_are_told(row):
    structure = structure_from_row(row)
    match = identify(structure)
    assert (match.polymorph.name if match else None) == row["polymorph"]
    coarse = TOLERANCES[-1:]
    assert space_groups(structure, coarse) == {TOLERANCES[-1]: row["space_group"]}
    assert structure.volume / len(structure) == pytest.approx(row["volume_per_atom"], rel=2e-3)


def test_settings_are_the_papers_and_name_no_place():
    for row in ROWS:
        config = json.loads(row["config"])
        assert "lake.path" not in config
        assert config["melt_quench.steps"] == [1500, 2500, 1500]
        assert config["seed"] > 0


@pytest.mark.slow
def test_energies_are_those_of_the_potential(sevennet):
    """Of cells that differ from those relaxed by what makes them primitive."""
    rows = sorted(ROWS, key=lambda row: row["delta_mev"])[:N_EVALUATED]
    structures = [structure_from_row(row) for row in rows]
    for row, result in zip(rows, sevennet.evaluate(structures), strict=True):
        assert result.energy / row["n_atoms"] == pytest.approx(row["energy_per_atom"], abs=1e-3)
