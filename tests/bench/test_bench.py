"""Benchmarks report what was done."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from ase import Atoms
from ase.io import write
from pymatgen.core import Lattice, Structure

from a2c_ray.bench.compare import run_torch_sim, torch_sim_conformance
from a2c_ray.bench.measure import (
    exactly,
    measure_evaluation,
    measure_molecular_dynamics,
    measure_relaxation,
    measure_subcells,
)
from a2c_ray.bench.structures import read_structures
from a2c_ray.cells import Cell
from a2c_ray.cli import main
from a2c_ray.errors import InputError, OperationError


def test_every_format_gives_the_same_structures(diamond, tmp_path):
    record = {
        "id": "a",
        "lattice": diamond.lattice.matrix.tolist(),
        "species": ["Si"] * 8,
        "frac_coords": diamond.frac_coords.tolist(),
    }
    (tmp_path / "a.json").write_text(json.dumps({"meta": {}, "structures": [record, record]}))
    diamond.to(filename=str(tmp_path / "b.cif"))
    diamond.to(filename=str(tmp_path / "POSCAR"))
    atoms = Atoms("Si8", positions=diamond.cart_coords, cell=diamond.lattice.matrix, pbc=True)
    write(tmp_path / "c.extxyz", [atoms, atoms])
    structures = read_structures(tmp_path)
    assert len(structures) == 6
    for structure in structures:
        assert structure.composition == diamond.composition
        assert structure.volume == pytest.approx(diamond.volume, rel=1e-5)


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        read_structures(tmp_path / "missing.cif")
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(InputError, match=r"cannot read .*a\.json: no structures"):
        read_structures(tmp_path / "a.json")


def test_relaxations_are_counted_step_by_step(silicon, diamond):
    diamond.perturb(0.1, seed=0)
    result = measure_relaxation([diamond] * 5, silicon, exactly(20, "fire"), repeats=1)
    assert result["evaluations"] == 5 * 21
    assert 0.0 <= result["host_share"] < 1.0
    assert result["structure_steps_per_s"] * result["run_s"] == pytest.approx(5 * 20)
    assert result["atom_steps_per_s"] == pytest.approx(8 * result["structure_steps_per_s"])
    assert result["us_per_atom_step"] * result["atom_steps_per_s"] == pytest.approx(1e6)
    assert result["outcomes"] == {"max_steps": 5}
    assert 0.0 < result["occupancy"] <= 1.0
    assert 0.0 <= result["padding_waste"] < 1.0
    assert result["programs"] >= 1
    assert result["edges_per_atom"] > 4


def test_molecular_dynamics_and_evaluation(silicon, diamond):
    md = measure_molecular_dynamics([diamond, diamond], silicon, n_steps=10, repeats=1)
    assert md["replicas"] == 2
    assert md["steps_per_s"] * md["run_s"] == pytest.approx(10)
    evaluation = measure_evaluation([diamond], silicon, repeats=1)
    assert evaluation["us_per_edge"] > 0.0
    alone = Structure(Lattice.cubic(20.0), ["Si"], [[0, 0, 0]])
    assert measure_evaluation([alone], silicon, repeats=1)["us_per_edge"] is None
    pair = [diamond, diamond.get_primitive_structure()]
    with pytest.raises(InputError, match="one number of atoms"):
        measure_molecular_dynamics(pair, silicon, n_steps=10, repeats=1)


def test_a_peer_that_cannot_run_is_told_in_one_line(diamond):
    with pytest.raises(OperationError, match=r"torch-sim failed under .*: ModuleNotFoundError"):
        run_torch_sim("relax", [diamond], 5, Path(sys.executable))
    with pytest.raises(OperationError, match=r"torch-sim failed under .*: ModuleNotFoundError"):
        torch_sim_conformance([Cell.from_structure(diamond)], 5, Path(sys.executable))


def test_a_peer_for_conformance_must_be_named(capsys):
    assert main(["bench", "conformance", "--compare", "torch-sim"]) == 2
    assert "needs --peer-python" in capsys.readouterr().err


def test_subcells(random_glass):
    result = measure_subcells([random_glass], n_grid=10, max_atoms=12, repeats=1)
    assert result["boxes"] == 166_375
    assert 0 < result["subcells"] < result["boxes"]


def test_the_command(diamond, tmp_path, capsys):
    diamond.to(filename=str(tmp_path / "Si.cif"))
    arguments = ["--structures", str(tmp_path / "Si.cif"), "--potential", "stillinger-weber"]
    assert main(["bench", "evaluate", *arguments, "--repeats", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["what"] == "evaluate"
    assert main(["bench", "evaluate", "--structures", "nowhere.cif"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
