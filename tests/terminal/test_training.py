"""`a2c train` as its users call it."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from labels import DIAMOND, labelled_silicon

from a2c_ray.cli import main
from a2c_ray.crystallize.relax import relax
from a2c_ray.potentials.loading import load_potential
from a2c_ray.terminal.training import describe
from a2c_ray.training.session import TrainingResult

TINY = (
    "network.layers=1",
    "network.irreps=8x0e+4x1e",
    "network.radial_hidden=[8,4]",
    "network.readout_hidden=4",
    "optimizer.epochs=2",
    "optimizer.batch_size=10",
)


def as_atoms(labelled) -> Atoms:
    """With the labels as ASE keeps them."""
    cell = labelled.cell
    atoms = Atoms(cell.numbers, cell.positions, cell=cell.lattice, pbc=True)
    atoms.calc = SinglePointCalculator(
        atoms, energy=labelled.energy, forces=labelled.forces, stress=labelled.stress
    )
    return atoms


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(silicon_f64, tmp_path) -> str:
    """A file of labelled silicon, all cells of two atoms: one program trains, and one validates."""
    of_two = labelled_silicon(silicon_f64, 80)[1::2]
    write(tmp_path / "data.extxyz", [as_atoms(s) for s in of_two])
    return "data.extxyz"


@pytest.mark.parametrize(("error", "told"), [(0.01, ", stress 1.6 GPa ("), (math.nan, "meV/Å (")])
def test_the_error_of_the_stress_is_told_where_it_is_known(tmp_path, error, told):
    row = dict.fromkeys(("step", "epoch", "validation_loss"), 1.0)
    row |= {f"validation_{name}_mae": 0.1 for name in ("energy", "forces")}
    history = [row | {"validation_stress_mae": error}]
    assert told in "\n".join(describe(TrainingResult(tmp_path, history, "finished")))


@pytest.mark.slow
def test_from_a_file_to_a_potential(data, tmp_path, capsys):
    command = ["train", f"data.train={data}", "output=out", *TINY]
    assert main(command) == 0
    assert "finished after 8 steps (2 epochs)" in capsys.readouterr().out
    folder = tmp_path / "out"
    assert (folder / "learning_curve.pdf").read_bytes()[:4] == b"%PDF"
    rows = list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["4", "8"]
    assert pq.read_table(folder / "metrics.parquet")["step"].to_pylist() == [4, 8]

    weights = (folder / "potential" / "parameters.safetensors").read_bytes()
    assert main(command) == 0  # nothing is left to do
    assert (folder / "potential" / "parameters.safetensors").read_bytes() == weights
    assert list(csv.DictReader((folder / "metrics.csv").read_text().splitlines())) == rows

    [end] = relax([DIAMOND], load_potential(folder / "potential"), max_steps=3)
    assert end.steps <= 3
    capsys.readouterr()
    check = ["potentials", "check", "out/potential", "--data", data]
    assert main([*check, "--json"]) == 0
    table = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["quantity"] for row in table] == ["energy", "forces", "stress"] * 2
    assert main(check) == 0
    assert "meV/atom" in capsys.readouterr().out


@pytest.mark.slow
def test_from_a_run_to_a_student(silicon_lake, tmp_path, capsys):
    command = ["train", "+distill=run", f"distill.lake={silicon_lake}", "output=student", *TINY]
    amounts = ["glasses=1", "snapshots=4", "relaxed=10", "trajectories=2", "max_steps=20"]
    assert main([*command, *(f"distill.{amount}" for amount in amounts)]) == 0
    assert "labelling" in capsys.readouterr().out
    [labels] = (tmp_path / "student").glob("labels-*.parquet")
    assert pq.read_metadata(labels).num_rows > 15
    assert main(["potentials", "check", "student/potential", "--data", str(labels)]) == 0
    assert main([*command, *(f"distill.{amount}" for amount in amounts)]) == 0
    out = capsys.readouterr().out
    assert "labelling" not in out
    assert f"learning from {Path('student') / labels.name}; delete it to draw anew" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give one of data.train=FILE and +distill=run"),
        (["data.train=data.extxyz", "+distill=run"], "give one of data.train=FILE and"),
        (["data.train=missing.extxyz"], "no data set missing.extxyz"),
        (["data.train=data.csv"], "no data set data.csv"),
        (["data.train=data.extxyz", "optimizer.epoch=3"], "did you mean 'optimizer.epochs'"),
        (["data.train=data.extxyz", "network.elements=[Mg,F]"], "the network does not know Si"),
        (["data.train=data.extxyz", "network.start=sevenet"], "unknown potential 'sevenet'"),
        (["data.train=data.extxyz", "network.irreps=8x1e"], "irreps '8x1e': expected"),
        (["+distill=run", "distill.lake=nowhere"], "no lake at nowhere"),
    ],
)
def test_bad_input_is_one_line(data, arguments, message, capsys):
    assert main(["train", "output=out", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1


def test_held_out_elements_must_be_known(data, silicon_f64, capsys):
    frames = [as_atoms(s) for s in labelled_silicon(silicon_f64, 2)]
    for atoms in frames:
        atoms.numbers[0] = 32
        atoms.calc.atoms.numbers[0] = 32
    write("germanium.extxyz", frames)
    given = [f"data.train={data}", "data.validation=germanium.extxyz"]
    assert main(["train", "output=out", *given, *TINY]) == 2
    message = "germanium.extxyz, structure 0: the network does not know Ge, only Si\n"
    assert capsys.readouterr().err.endswith(message)


def test_a_label_that_is_no_number_is_named(silicon_f64, capsys):
    frames = [as_atoms(s) for s in labelled_silicon(silicon_f64, 4)]
    frames[2].calc.results["energy"] = float("nan")
    write("nan.extxyz", frames)
    assert main(["train", "output=out", "data.train=nan.extxyz", *TINY]) == 2
    assert capsys.readouterr().err.endswith("nan.extxyz, structure 2: energy not finite\n")
