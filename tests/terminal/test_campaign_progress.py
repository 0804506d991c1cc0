"""What is shown of a campaign while it runs."""

from __future__ import annotations

import dataclasses
import io
from collections import Counter

import pytest
from glasses import make_plan, melt
from rich.console import Console

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.ranking import rank_candidates
from a2c_ray.campaign.status import PointStatus, Status
from a2c_ray.campaign.time_left import Cost, MeltAhead
from a2c_ray.cluster.unit import InFlight
from a2c_ray.terminal.campaign_progress import (
    PREPARING,
    Display,
    melt_note,
    point_table,
    rate_note,
    summary,
)
from a2c_ray.terminal.console import open_console


@pytest.fixture
def products(rutile):
    squeezed = rutile.copy()
    squeezed.lattice = squeezed.lattice.matrix * 0.9
    return rank_candidates([Candidate(rutile, -5.32, 0), Candidate(squeezed, -5.30, 1)])


@pytest.fixture
def status():
    """A campaign of one point, a quarter of whose subcells are relaxed."""
    point = PointStatus("si", "Mg5 F10", 2, glasses_done=2)
    point.find(80, n_atoms=800)
    point.finish(20, n_atoms=200)
    point.outcomes = Counter(converged=19, fused=1)
    point.lowest = {"MgF2": -5.3228, "Mg": -1.5}
    point.failures = ["g1: it exploded"]
    relaxing = Cost(n_units=24, amount=200, actor_s=40.0)
    return Status({"si": point}, n_actors=4, occupancy=0.934, relaxing_s=10.0, relaxing=relaxing)


def shown(renderable=None, display=None, terminal=False):
    """What is printed of something, or of statuses on a display."""
    console = Console(file=io.StringIO(), force_terminal=terminal, width=140, markup=False)
    if renderable is not None:
        console.print(renderable)
    else:
        with Display(console) as opened:
            for status in display:
                opened.show(status)
    return console.file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_tells_stage_rate_and_best_energy(status, terminal, monkeypatch):
    monkeypatch.setattr("a2c_ray.terminal.campaign_progress.FIRST_LINE_S", 0.0)
    text = shown(display=[status, status], terminal=terminal)
    for part in (
        "20/80",
        "25 s to 36 s left",
        "-5.3228 eV/atom (MgF2)",
        "19 converged",
        "1 failed",
    ):
        assert part in text
    assert "g1: it exploded" in summary(status)


def test_the_step_of_a_cascade_is_told_while_it_lasts(status):
    [point] = status.points.values()
    point.lesson, point.lessons_done, point.lessons_total = "weighing", 12, 105
    assert "weighing 12/105" in summary(status)
    point.lessons_done = 105
    assert "weighing" not in summary(status)


def test_a_plain_line_tells_all(status, monkeypatch):
    monkeypatch.setattr("a2c_ray.terminal.campaign_progress.FIRST_LINE_S", 0.0)
    assert shown(display=[status]).strip() == (
        "0 s | glasses 2/2 | subcells 20/80 | 120/min, 25 s to 36 s left, 4 actors 93 % busy | "
        "lowest -5.3228 eV/atom (MgF2)  19 converged, 1 fused  1 failed: g1: it exploded"
    )


def test_plain_lines_are_rare(status, monkeypatch):
    assert shown(display=[status] * 5) == ""
    monkeypatch.setattr("a2c_ray.terminal.campaign_progress.FIRST_LINE_S", 0.0)
    assert shown(display=[status] * 5).count("\n") == 1


def test_rates(status):
    assert rate_note(status) == "120/min, 25 s to 36 s left, 4 actors 93 % busy"
    status.melts = [MeltAhead("si", 1, 1, share=0.5, share_gone=0.5, going_s=200.0)]
    assert rate_note(status) == "120/min, over 2 min 47 s left, 4 actors 93 % busy"
    status.points["si"].glasses_cut = 2
    assert rate_note(status) == "120/min, 2 min 47 s to 4 min 00 s left, 4 actors 93 % busy"
    status.points["si"].outcomes.clear()
    assert rate_note(status) == PREPARING
    status.relaxing_s = 0.0
    status.relaxing = Cost()
    assert rate_note(status) == "over 1 min 40 s left"  # the melt-quench alone
    status.melts = []
    assert rate_note(status) == ""


def test_steps_of_melt_quenches(status, tmp_path):
    assert melt_note(status) == ""
    status.points["si"].glasses_total = 4
    assert melt_note(status) == PREPARING
    units = [melt(make_plan(tmp_path), name) for name in ("g2", "g3")]
    status.in_flight = [InFlight(units[0], 70, 120), InFlight(units[1])]
    assert melt_note(status) == "(step 70/120)"


def test_the_lowest_of_many_points_is_in_their_table_only(status, products):
    other = PointStatus("ti", "Ti5 O10", 3, glasses_done=1, subcells_total=9, subcells_done=4)
    other.label = "seed=1"
    status.points["ti"] = other
    assert "lowest" not in summary(status)
    silica = Candidate(products[0].structure.replace_species({"Mg": "Si"}), -9.0, 2)
    others = rank_candidates([silica])
    point = dataclasses.replace(
        status.points["si"], composition="Mg8 F16", products=products + others
    )
    status.points["si"] = dataclasses.replace(point, expected=("rutile (sellaite)", "quartz"))
    lines = shown(point_table(list(status.points.values()))).splitlines()
    first = [cell.strip() for cell in lines[3].split("│")[1:-1]]
    assert first[:4] == ["", "si", "2/2", "20/80"]
    text = " ".join(" ".join(lines).replace("│", " ").split())
    for words in ("MgF2 P4_2/mnm", "-5.3200", "the lowest of MgF2", "not among the products"):
        assert all(word in text for word in words.split())
    assert "-9.0" not in text
    assert "seed=1" in text


def test_a_terminal_shows_points_that_are_not_ranked(status, products):
    for name in ("done", "waiting"):
        status.points[name] = PointStatus(name, "Si16", 1)
    status.points["done"].products = products
    text = shown(display=[status], terminal=True)
    assert "waiting" in text
    assert "done" not in text


def test_names_in_brackets_are_shown_as_they_are(status, capsys):
    status.points["si"].failures = ["[/scratch] is full, [red] too"]
    open_console().print(point_table(status.points.values()), summary(status))
    assert "[/scratch] is full, [red] too" in capsys.readouterr().out
