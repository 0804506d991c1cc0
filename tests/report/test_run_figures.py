"""`a2c plot` from the lake to the file; what the figures show is tested where they are drawn."""

from __future__ import annotations

import re

import pytest
from campaigns import small_plan
from PIL import Image
from runs import record

from a2c_ray.cli import main
from a2c_ray.cli.plot import KINDS
from a2c_ray.lake import Store, write_part
from a2c_ray.potentials.loading import load_potential
from a2c_ray.report.run_figures import OF_ONE_RUN, OF_SEVERAL_RUNS
from a2c_ray.results import RunResults

AXIS = {
    "emerged": "r (Å)",
    "rdf": "r (Å)",
    "angles": "Angle (°)",
    "sq": "q (1/Å)",
    "coordination": "Coordination number",
    "md": "Time (ps)",
    "products": "Volume (Å³/atom)",
    "xrd": "2θ (°)",
    "path": "Step",
    "morphology": "Pressure (GPa)",
}
"""A label of each figure that a run of silicon has."""

STUDENT = {
    "learning": "Epoch",
    "parity": "Teacher (meV/atom)",
    "recall": "Of the products (%)",
}
"""The same of one that has trained a student."""


def plot(lake, folder, kind, *arguments):
    """Text of an SVG."""
    path = folder / f"{kind}.svg"
    assert main(["plot", kind, "--lake", lake, "--output", str(path), *arguments]) == 0
    return " ".join(re.findall(r">([^<]+)</(?:text|tspan)>", path.read_text()))


@pytest.fixture(scope="module")
def taught_lake(tmp_path_factory) -> str:
    """Of a run with what a student's figures show, and nothing relaxed."""
    plan = small_plan(tmp_path_factory.mktemp("taught"))
    record(plan, load_potential("stillinger-weber"), "finished")
    rows = {
        "learning": [
            {"round": r, "step": k, "epoch": float(k)}
            | {
                f"{part}_{name}": 1.0 / (r + k)
                for part in ("train", "validation")
                for name in ("loss", "energy_mae", "forces_mae")
            }
            for r in (1, 2)
            for k in (1, 2, 3)
        ],
        "judged": [
            {
                "subcell_id": f"s{k}",
                "student": "one",
                "formula": "Si",
                "student_energy": -4.0 + 0.1 * k,
                "energy": -4.3 + 0.11 * k,
            }
            for k in range(4)
        ],
        "screened": [
            {"subcell_id": f"s{k}", "student": "one", "formula": "Si", "energy_per_atom": -k}
            for k in range(4)
        ],
        "products": [{"product_id": "p", "subcell_ids": ["s2"]}],
        "proof": [{"student": "one", "verdict": "kept", "reason": "", "refined_within": 0.1}],
    }
    for table, of_table in rows.items():
        write_part(Store.at(plan.lake), table, plan.system, plan.run_id, "all", of_table)
    return plan.lake


@pytest.mark.parametrize("kind", AXIS)
def test_figures_have_their_axes(silicon_lake, tmp_path, kind):
    assert AXIS[kind] in plot(silicon_lake, tmp_path, kind)


@pytest.mark.parametrize("kind", STUDENT)
def test_figures_of_a_student(taught_lake, tmp_path, kind):
    assert STUDENT[kind] in plot(taught_lake, tmp_path, kind)


def test_every_figure_is_tried_or_refused():
    refused = {"hull", "appearance", "limit"}
    assert {*OF_ONE_RUN, *OF_SEVERAL_RUNS} == {*AXIS, *refused, *STUDENT}


def test_a_measured_pattern_is_drawn_over_the_simulated(silicon_lake, tmp_path):
    (tmp_path / "mine.xy").write_text("20 1\n30 50\n40 3\n")
    measured = ("--measured", str(tmp_path / "mine.xy"), "--wavelength", "MoKa")
    assert "mine" in plot(silicon_lake, tmp_path, "xrd", *measured)


def test_dots_of_a_png(silicon_lake, tmp_path):
    sizes = []
    for dots in ("60", "120"):
        path = tmp_path / f"{dots}.png"
        command = ["plot", "md", "--lake", silicon_lake, "--output", str(path), "--dpi", dots]
        assert main(command) == 0
        with Image.open(path) as image:
            sizes.append(image.size)
    assert sizes[1] == pytest.approx((2 * sizes[0][0], 2 * sizes[0][1]), abs=1)
    with pytest.raises(SystemExit, match="2"):
        main(["plot", "md", "--lake", silicon_lake, "--dpi", "9999"])


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_other_formats(silicon_lake, tmp_path, ending):
    path = tmp_path / f"md.{ending}"
    assert main(["plot", "md", "--lake", silicon_lake, "--output", str(path)]) == 0
    assert path.read_bytes()[:4] == {"png": b"\x89PNG", "pdf": b"%PDF"}[ending]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hull"], "Si"),
        (["appearance"], "no polymorph of the library emerged"),
        (["limit"], "the library has no polymorph of Si"),
        (["learning"], "has trained no student of its own"),
        (["parity"], "has judged no student of its own"),
        (["recall"], "no student of run si-"),
        (["rdf", "--glass", "g9"], "has no glass 'g9'; there are: "),
        (["xrd", "--product", "p9"], "has no product 'p9'; there are: "),
        (["products", "--formula", "Ge"], "no relaxed subcell of Ge; there are: Si"),
        (["path", "--subcell", "s9"], "no subcell 's9' in the lake"),
        (["emerged", "--product", "p9"], "the runs have no product p9"),
        (["rdf", "--product", "p8,p9"], "shows one product, not 2"),
        (["md", "si-0"], "no run 'si-0' in the lake; there are: "),
        (["md", "--output", "md.jpg"], "its ending must be one of .png, .svg, .pdf"),
        (["morphology", "--transition", "c-BN"], "between two polymorphs, not 1"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(silicon_lake, capsys, arguments, message):
    assert main(["plot", "--lake", silicon_lake, *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_one_run_is_asked_for(silicon_lake, capsys):
    run_id = RunResults.open(silicon_lake).run_id
    assert main(["plot", "md", run_id, run_id, "--lake", silicon_lake]) == 2
    assert capsys.readouterr().err == "a2c: a figure of md is of one run, not of 2\n"


def test_an_unfinished_run_has_figures_too(unfinished_lake, tmp_path, capsys):
    assert AXIS["products"] in plot(unfinished_lake, tmp_path, "products")
    assert main(["plot", "xrd", "--lake", unfinished_lake]) == 2
    assert "has no products yet" in capsys.readouterr().err


def test_every_figure_that_the_command_offers_is_drawn():
    assert set(KINDS) == OF_ONE_RUN.keys() | OF_SEVERAL_RUNS.keys()
