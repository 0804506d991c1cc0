"""What the head of a report says of the crystals that were expected."""

from __future__ import annotations

import json

from a2c_ray.analysis.polymorphs import polymorph_named
from a2c_ray.lake import Store, structure_columns, write_part
from a2c_ray.report.summary import expected_products
from a2c_ray.results import RunResults

CUBIC = structure_columns(polymorph_named("c-BN").structure)
CONFIG = {"system.formula": "BN", "system.products": [{"name": "c-BN"}]}


def test_under_pressure_enthalpies_stand(tmp_path):
    """The energy of the denser crystal is lower, and its enthalpy higher."""
    store = Store.at(tmp_path)
    run = {"attempt": 1, "status": "finished", "config": json.dumps(CONFIG)}
    write_part(store, "runs", "BN", "run", "0001", [run])
    cells = [
        {"subcell_id": "a", "energy_per_atom": -5.0, "enthalpy_per_atom": -4.0},
        {
            "subcell_id": "b",
            "energy_per_atom": -5.2,
            "enthalpy_per_atom": -3.9,
            "polymorph": "c-BN",
        },
    ]
    rows = [cell | CUBIC | {"formula": "BN", "outcome": "converged"} for cell in cells]
    write_part(store, "relaxed", "BN", "run", "relaxed", rows)
    product = rows[0] | {"product_id": "p0", "delta_mev": 0.0, "subcell_ids": ["a"]}
    write_part(store, "products", "BN", "run", "products", [product])
    results = RunResults.open(str(tmp_path), "run")
    assert expected_products(results) == [
        ("c-BN", "1 subcell reached it, 100.0 meV/atom above the lowest")
    ]
