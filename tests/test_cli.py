"""The program as its users call it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import a2c_ray
from a2c_ray.cli import main
from a2c_ray.lake import write_part


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["run", "system=mgf3"], ["mgf3", "mgf2"]),
        (["run", "potential=sevenet"], ["sevenet", "sevennet-0"]),
        (["run", "potential.name=sevenet"], ["sevenet", "sevennet-0"]),
        (["run", "potential=stillinger-weber"], ["F, Mg", "Si"]),
        (["run", "melt_quench.t_hgih=3"], ["t_hgih", "t_high"]),
        (["run", "melt_quench.t_high=-1"], ["-1", "positive"]),
        (["run", "crystallize.n_grid=0"], ["n_grid=0", "from 1"]),
        (["run", "melt_quench.density=3", "melt_quench.volume_per_atom=9"], ["one of the two"]),
        (["run", "system=custom", "system.formula=Qq", "system.t_high=1"], ["Qq"]),
        (["sql", "SELECT 1"], ["no lake at lake"]),
        (["potentials", "fetch", "sevenet"], ["sevenet", "sevennet-0"]),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, capsys, arguments, names):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for name in names:
        assert name in captured.err
    assert list(tmp_path.iterdir()) == []


def test_sql(tmp_path, capsys):
    rows = [{"product_id": "p0", "formula": "MgF2", "energy_per_atom": -5.32}]
    write_part(tmp_path / "lake", "products", "MgF2", "r", "products", rows)
    assert main(["sql", "SELECT formula, energy_per_atom FROM products", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"formula": "MgF2", "energy_per_atom": -5.32}
    assert main(["sql", "SELECT wrong FROM products"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_show_prints_the_settings_and_runs_nothing(tmp_path, capsys):
    assert main(["run", "system=tio2", "seed=5", "--show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "seed=5" in lines
    assert "melt_quench.t_high=2500" in lines
    assert list(tmp_path.iterdir()) == []


def test_listing_potentials(capsys):
    assert main(["potentials", "list"]) == 0
    assert "sevennet-0" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--fly"], ["sql"]])
def test_usage_errors_are_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        main(arguments)
    assert error.value.code == 2


def test_help_needs_neither_jax_nor_ray():
    program = (
        "import sys; from a2c_ray.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'jax', 'ray', 'hydra', 'duckdb', 'pymatgen'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_the_library_offers_what_it_says():
    for name in a2c_ray.__all__:
        assert getattr(a2c_ray, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'melt'"):
        a2c_ray.melt  # noqa: B018
