"""What is shown of a campaign."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from rich.console import Console

from a2c_ray.analysis.ranking import Candidate, rank_candidates
from a2c_ray.cluster.campaign import Status
from a2c_ray.console import Display, duration, product_table, summary, verdict


@pytest.fixture
def products(rutile):
    squeezed = rutile.copy()
    squeezed.lattice = squeezed.lattice.matrix * 0.9
    return rank_candidates([Candidate(rutile, -5.32, 0), Candidate(squeezed, -5.30, 1)])


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.2, "7 s"), (199.6, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


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


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_tells_stage_rate_and_best_energy(terminal, monkeypatch):
    monkeypatch.setattr("a2c_ray.console.PLAIN_LINE_S", 0.0)
    console = Console(file=io.StringIO(), force_terminal=terminal, width=140)
    status = Status(glasses_total=2, glasses_done=2, subcells_total=80, subcells_done=20)
    status.subcells_now = 20
    status.outcomes = Counter(converged=19, fused=1)
    status.lowest = {"MgF2": -5.3228}
    status.failures = ["g1: it exploded"]
    with Display(console) as display:
        display.show(status)
        display.show(status)
    shown = console.file.getvalue()
    for text in ("20/80", "left", "-5.3228 eV/atom (MgF2)", "19 converged", "1 failed"):
        assert text in shown
    assert "g1: it exploded" in summary(status)
