"""`a2c relax` as a command: what it says, what it leaves, and how it exits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from ase.io import read, write
from campaigns import a2c, on
from piles import pile_of, shaken

from a2c_ray.analysis.grouping import Candidate
from a2c_ray.analysis.ranking import rank_candidates
from a2c_ray.cli import main
from a2c_ray.cli.relax import sorted_out
from a2c_ray.lake import Lake
from a2c_ray.terminal.pile import crystal_table

SW = "potential=stillinger-weber"


def outcome_of(folder: Path, *arguments: str) -> tuple[int, str]:
    run = a2c(folder, *arguments)
    output, _ = run.communicate(timeout=300)
    return run.returncode, output


@pytest.mark.slow
def test_a_pile_as_a_command(tmp_path, monkeypatch, cluster):
    cells = shaken(12)
    cells[4].pbc = (1, 1, 0)
    (tmp_path / "pile").mkdir()
    write(tmp_path / "pile" / "a.traj", [*cells[:7], bulk("Cu")])
    write(tmp_path / "pile" / "b.traj", cells[7:])
    (tmp_path / "pile" / "c.cif").write_text("data_nothing\n")
    command = ["relax", "pile", "pile/d.cif", SW, *on(cluster)]
    status, output = outcome_of(tmp_path, *command, "--output", "out.extxyz")
    assert status == 1, output
    assert "11 cells in 3 files" in output
    for line in (
        "unusable: pile/d.cif: no such file or folder",
        "unusable: pile/a.traj, structure 4: not periodic in all directions (pbc T T F)",
        "unusable: pile/a.traj, structure 7: potential 'stillinger-weber' does not know Cu",
        "unusable: pile/c.cif: no block with atoms",
    ):
        assert line in output
    assert " converged " in output
    assert "Fd-3m" in output
    written = read(tmp_path / "out.extxyz", ":")
    names = [f"cell {k}" for k in range(12) if k != 4]
    assert [atoms.info["name"] for atoms in written] == names
    rows = Lake(tmp_path / "lake").sql(
        "SELECT source_file, source_index, source_name FROM relaxed ORDER BY subcell_id"
    )
    assert rows.fetchall()[6:8] == [("pile/b.traj", 0, "cell 7"), ("pile/b.traj", 1, "cell 8")]

    # Without what cannot be used these are the same cells, and so the same run.
    write(tmp_path / "good.traj", [*cells[:4], *cells[5:]])
    status, output = outcome_of(tmp_path, "relax", "good.traj", SW, *on(cluster))
    assert status == 0, output
    assert "was done before" in output
    monkeypatch.chdir(tmp_path)
    for arguments in (["status"], ["report"], ["lake", "ls"], ["lake", "check"]):
        assert main(arguments) == 0
    [page] = tmp_path.glob("relax-*.html")
    text = page.read_text()
    assert "11 of 11 given cells have converged" in text
    assert 'id="glass"' not in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no file or folder"),
        (["none.cif"], "nothing to relax"),
        (["molecule.xyz"], "nothing to relax"),
        (["good.extxyz", "relax.cell=maybe"], "expected one of True, False, shape, volume"),
        (["good.extxyz", "relax.pressure=high"], "expected a number (GPa)"),
        (["good.extxyz", "system=mgf2"], "unknown config key 'system'"),
        (["good.extxyz", "--output", "good.extxyz"], "one of the files to read"),
    ],
)
def test_what_cannot_be_done_is_one_line(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    write("good.extxyz", bulk("Si"))
    Path("molecule.xyz").write_text("1\n\nSi 0 0 0\n")
    assert main(["relax", SW, *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("a2c: ")
    assert told.count("\n") == 1
    assert words in told
    assert not Path("lake").exists()


def test_files_and_settings_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("system=Si").mkdir()
    arguments = ["a.cif", "relax.pressure=3", "system=Si", "potential=ase", "-"]
    files, settings = sorted_out(arguments)
    assert files == ["a.cif", "system=Si", "-"]
    assert settings == ["relax.pressure=3", "potential=ase"]


def test_the_table_says_which_cells_are_one_crystal(diamond):
    pile = pile_of(shaken(5))
    dense = diamond.copy()
    dense.scale_lattice(0.8 * dense.volume)
    candidates = [Candidate(diamond, -4.3 + 1e-4 * k, f"run-c{k:06d}") for k in range(4)]
    candidates.append(Candidate(dense, -4.27, "run-c000004"))
    products = rank_candidates(candidates)
    table = crystal_table(products, pile, "E (eV/atom)")
    which = [list(column.cells) for column in table.columns]
    assert which[5] == ["4", "1"]
    assert which[6][0].endswith("pile.extxyz 2 (cell 2); 1 more")
    assert which[6][1] == "pile.extxyz 4 (cell 4)"
    assert np.isclose(float(which[2][1]), 30.0)
