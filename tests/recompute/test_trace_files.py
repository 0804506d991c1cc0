"""`a2c trace`: what it prints, and the files it leaves."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
from io import StringIO
from pathlib import Path

import ase.io
import numpy as np
import pytest

from a2c_ray.analysis.transformation import follow
from a2c_ray.cli import main
from a2c_ray.errors import InputError
from a2c_ray.lake import Lake
from a2c_ray.recompute.trace import trace_subcell
from a2c_ray.recompute.trace_files import describe

QUICK = (
    "SELECT * FROM relaxed WHERE energy_per_atom IS NOT NULL AND steps > 9 ORDER BY steps LIMIT 1"
)


@pytest.fixture(scope="module")
def row(silicon_lake) -> dict:
    """Of a subcell that took few steps."""
    return Lake(silicon_lake).sql(QUICK).to_arrow_table().to_pylist()[0]


@pytest.fixture(scope="module")
def traced(silicon_lake, row, tmp_path_factory) -> tuple[Path, str]:
    """Folder of the files, and what was printed."""
    folder, printed = tmp_path_factory.mktemp("trace"), StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        assert main(["trace", row["subcell_id"], "--lake", silicon_lake]) == 0
    return folder / "traces" / row["subcell_id"], printed.getvalue()


def test_the_path_is_read_by_ase_and_ends_as_in_the_lake(traced, row):
    folder, _ = traced
    frames = ase.io.read(folder / "path.extxyz", ":")
    assert len(frames) == row["steps"] + 1
    assert [frame.info["step"] for frame in frames] == list(range(len(frames)))
    energies = np.array([frame.get_potential_energy() for frame in frames])
    assert energies[-1] / row["n_atoms"] == pytest.approx(row["energy_per_atom"], abs=1e-7)
    assert energies[0] > energies[-1]
    np.testing.assert_allclose(frames[-1].cell.array.ravel(), row["lattice"], atol=1e-6)
    with (folder / "path.csv").open() as file:
        table = list(csv.DictReader(file))
    per_atom = [float(line["energy_per_atom"]) for line in table]
    np.testing.assert_allclose(per_atom, energies / row["n_atoms"], atol=1e-7)
    volumes = [float(line["volume_per_atom"]) for line in table]
    np.testing.assert_allclose(volumes, [f.cell.volume / len(f) for f in frames], rtol=1e-6)
    assert float(table[-1]["max_force"]) == row["max_force"]
    assert float(table[-1]["max_stress"]) == row["max_stress"]
    for name in ("path.gif", "path.pdf", "path.png"):
        assert (folder / name).stat().st_size > 1000


def test_the_summary_says_how_it_went(traced, row):
    folder, out = traced
    assert f"Si, {row['n_atoms']} atoms, {row['steps']} steps of lbfgs, {row['outcome']}" in out
    assert f"to {row['energy_per_atom']:.4f} eV/atom, " in out
    assert "lake     the same energy, to the last bit\n" in out
    assert out.endswith(f"files    {Path('traces') / folder.name}\n")


def test_what_differs_from_the_run_is_said(silicon_lake, row):
    trace = trace_subcell(silicon_lake, row["subcell_id"])
    path = trace.recording
    structures = [path.cell(step).structure for step in range(path.n_steps + 1)]
    transformation = follow(structures, path.energy_per_atom, trace.snapshots)
    for offset, words in (
        (-0.026, "lake     this end is 26 meV/atom above the lake's"),
        (0.5, "lake     this end is 500 meV/atom below the lake's"),
        (4e-5, "lake     the same energy, to 0.04 meV/atom"),
    ):
        other = dataclasses.replace(trace.row, energy_per_atom=row["energy_per_atom"] + offset)
        lines = describe(dataclasses.replace(trace, row=other, remarks=("odd",)), transformation)
        assert lines[-2:] == [words, "note     odd"]
    risen = dataclasses.replace(transformation, energy=np.array([0.0, -1.0, -0.98]), spurious={})
    lines = describe(trace, risen)
    assert lines[1].endswith(" eV/atom, with rises of up to 20 meV/atom")
    assert lines[2] == "bonds    shorter than in the glass: none"


def test_options_are_followed(monkeypatch, capsys):
    asked = []

    def stop(*arguments):
        asked.extend(arguments[:3])
        raise InputError("enough")

    monkeypatch.setattr("a2c_ray.recompute.trace.trace_subcell", stop)
    assert main(["trace", "s", "--lake", "there", "--optimizer", "fire"]) == 2
    assert asked == ["there", "s", "fire"]
    assert capsys.readouterr().err == "a2c: enough\n"


def test_a_typo_is_one_line_and_leaves_nothing(silicon_lake, row, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["trace", row["subcell_id"] + "9", "--lake", silicon_lake]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"did you mean {row['subcell_id']}?" in error
    assert list(tmp_path.iterdir()) == []
