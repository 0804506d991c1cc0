"""Tables of results."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.ranking import rank_candidates
from a2c_ray.lake import ProductRow
from a2c_ray.lake.schemas import columns_of
from a2c_ray.results.opinions import Opinion, Standing, own_opinion
from a2c_ray.terminal.tables import opinion_table, product_table, verdict


@pytest.fixture
def products(rutile):
    squeezed = rutile.copy()
    squeezed.lattice = squeezed.lattice.matrix * 0.9
    return rank_candidates([Candidate(rutile, -5.32, 0), Candidate(squeezed, -5.30, 1)])


def test_the_table_of_products(products):
    console = Console(file=io.StringIO(), width=110)
    console.print(product_table(products))
    shown = console.file.getvalue()
    assert "rutile (sellaite)" in shown
    assert "-5.3200" in shown
    assert "20.0" in shown


def test_where_an_expected_polymorph_stands(products):
    assert verdict("rutile (sellaite)", products) == "rutile (sellaite): the lowest of MgF2"
    assert verdict("rutile (sellaite)", products[1:]).endswith("20.0 meV/atom above the lowest")
    assert verdict("quartz", products) == "quartz: not among the products"


def test_potentials_side_by_side():
    nothing = dict.fromkeys(column.name for column in columns_of("products"))
    rows = [
        ProductRow(
            **(nothing | {"formula": "TiO2", "product_id": key, "space_group": group})
            | {"energy_per_atom": energy, "delta_mev": 0.0}
        )
        for key, group, energy in (("a", "I4_1/amd", -8.94), ("r", "P4_2/mnm", -8.91))
    ]
    places = {"a": Standing(-15.0, 0.012, 2, falls=1), "r": Standing(-15.012, 0.0, 1, rises=1)}
    other = Opinion("sevennet-mf-0-r2scan", True, places)
    console = Console(file=io.StringIO(), width=110)
    console.print(opinion_table("run", rows, [own_opinion("sevennet-0", rows), other]))
    lines = [line.split("│") for line in console.file.getvalue().splitlines()]
    cells = {
        line[2].strip(): [cell.strip() for cell in line[4:6]] for line in lines if len(line) > 5
    }
    assert cells == {"I4_1/amd": ["0.0", "12.0 ▼1"], "P4_2/mnm": ["30.0", "0.0 ▲1"]}
    assert {"PBE(+U)", "r²SCAN"} <= set(console.file.getvalue().replace("┃", " ").split())
