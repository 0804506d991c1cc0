"""Structures go through the lake unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from a2c_ray.lake import (
    Lake,
    NoStructureError,
    Store,
    structure_columns,
    structure_from_row,
    write_part,
)


def test_columns_and_back(random_glass):
    back = structure_from_row(structure_columns(random_glass))
    assert back.lattice == random_glass.lattice
    assert back.species == random_glass.species
    assert np.array_equal(back.frac_coords, random_glass.frac_coords)


def test_structures_of_a_query_carry_the_other_columns(rutile, tmp_path):
    columns = structure_columns(rutile) | {"product_id": "p0", "energy_per_atom": -5.3}
    store = Store.at(tmp_path / "lake")
    write_part(store, "products", "MgF2", "run1", "products", [columns])
    query = "SELECT * FROM products WHERE energy_per_atom < $limit"
    (structure,) = Lake(store.root).structures(query, {"limit": -5.0})
    assert np.array_equal(structure.lattice.matrix, rutile.lattice.matrix)
    assert structure.formula == rutile.formula
    assert structure.properties["energy_per_atom"] == -5.3
    assert structure.properties["run_id"] == "run1"
    assert "lattice" not in structure.properties


def test_rows_without_a_structure(rutile, tmp_path):
    with pytest.raises(NoStructureError, match="without species: select lattice, species, frac_co"):
        structure_from_row(structure_columns(rutile) | {"species": None})
    write_part(Store.at(tmp_path), "products", "MgF2", "run1", "p", [structure_columns(rutile)])
    with pytest.raises(NoStructureError, match="without species, frac_coords"):
        Lake(tmp_path).structures("SELECT lattice FROM products")
