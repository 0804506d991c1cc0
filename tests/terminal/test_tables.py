"""Tables of results."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from a2c_ray.analysis.ranking import Candidate, rank_candidates
from a2c_ray.terminal.tables import product_table, verdict


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
