"""The program as its users call it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import a2c_ray
from a2c_ray.cli import main
from a2c_ray.lake import Store, structure_columns, write_part


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
        (["run", "potential.d3=bj"], ["potential.d3=bj", "Becke", "zero"]),
        (["run", "potential=stillinger-weber", "potential.d3=true"], ["d3=true", "functional"]),
        (["run", "melt_quench.t_hgih=3"], ["t_hgih", "t_high"]),
        (["run", "melt_quench.t_high=-1"], ["-1", "positive"]),
        (["run", "crystallize.n_grid=0"], ["n_grid=0", "from 1"]),
        (["run", "melt_quench.density=3", "melt_quench.volume_per_atom=9"], ["one of the two"]),
        (["run", "system=custom", "system.formula=Qq", "system.t_high=1"], ["Qq"]),
        (["sql", "SELECT 1"], ["no lake at lake"]),
        (["sql"], ["no lake at lake"]),
        (["sql", "SELECT 1", "--lake", "ftp://host/lake"], ["cannot use ftp://host/lake"]),
        (["lake", "check"], ["no lake at lake"]),
        (["lake", "ls", "--lake", "nowhere"], ["no lake at nowhere"]),
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
    write_part(Store.at("lake"), "products", "MgF2", "r", "products", rows)
    assert main(["sql", "SELECT formula, energy_per_atom FROM products", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"formula": "MgF2", "energy_per_atom": -5.32}
    assert main(["sql", "SELECT wrong FROM products"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["sql", 'SELECT "\x1b[2J" FROM products']) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert r"\x1b[2J" in told


@pytest.mark.parametrize("options", [["--format", "parquet"], ["--output", "out.csv"]])
def test_files_take_one_query(options, capsys):
    write_part(Store.at("lake"), "products", "MgF2", "r", "products", [])
    assert main(["sql", *options]) == 2
    assert "need a query" in capsys.readouterr().err


@pytest.fixture
def relaxed():
    """A lake of one finished run, and its store."""
    store = Store.at("lake")
    write_part(store, "runs", "MgF2", "r", "0001", [{"attempt": 1, "status": "finished"}])
    for unit in range(2):
        rows = [{"subcell_id": f"s{unit}-{k}", "outcome": "converged"} for k in range(50)]
        write_part(store, "relaxed", "MgF2", "r", f"g0.{unit}", rows)
    return store


def test_checking_a_sound_lake(relaxed, capsys):
    assert main(["lake", "check"]) == 0
    assert capsys.readouterr().out == "all parts can be read, and no row is counted twice\n"


def test_damaged_parts_are_named_and_set_aside(relaxed, capsys):
    part = Path("lake/relaxed/system=MgF2/run=r/part.g0.0.parquet")
    part.write_bytes(part.read_bytes()[:-20])
    assert main(["lake", "check"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("damaged: relaxed/system=MgF2/run=r/part.g0.0.parquet (")
    assert "1 part cannot be read" in out
    assert main(["lake", "check", "--set-aside"]) == 0
    assert "part.g0.0.parquet.damaged" in capsys.readouterr().out
    assert main(["lake", "check"]) == 0


def test_rows_counted_twice_are_told(relaxed, capsys):
    rows = [{"subcell_id": f"s0-{k}"} for k in range(3)]
    write_part(relaxed, "relaxed", "MgF2", "r", "g0.again", rows)
    assert main(["lake", "check"]) == 1
    assert capsys.readouterr().out == "counted twice: 3 ids of r in relaxed\n"


def test_compacting(relaxed, capsys):
    assert main(["lake", "compact"]) == 0
    assert capsys.readouterr().out == (
        "r: merged 2 parts\ndeleted 0 parts merged more than 10 minutes ago\n"
    )
    assert main(["sql", "SELECT count(*) AS n FROM relaxed", "--format", "csv"]) == 0
    assert capsys.readouterr().out == "n\n100\n"


def test_listing_a_lake(relaxed, capsys):
    assert main(["lake", "ls"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:4] == ["r", "MgF2", "finished", "0"]


def test_exporting(relaxed, rutile, capsys):
    write_part(relaxed, "products", "MgF2", "r", "products", [structure_columns(rutile)])
    command = ["lake", "export", "SELECT * FROM products", "--format", "cif", "--output", "out"]
    assert main(command) == 0
    assert capsys.readouterr().out == "1 structure in out\n"
    assert main(command) == 2
    assert "out is there already" in capsys.readouterr().err


def test_columns_are_explained(capsys):
    assert main(["lake", "columns"]) == 0
    assert "| `max_force` | DOUBLE | eV/Å | largest force on an atom |" in capsys.readouterr().out


def test_settings_may_follow_options(capsys):
    assert main(["run", "system=tio2", "--show", "seed=5"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert {"system.name=TiO2", "seed=5"} <= set(shown)
    with pytest.raises(SystemExit, match="2"):
        main(["run", "system=tio2", "--shown", "seed=5"])
    assert "unrecognized arguments: --shown" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["run", "system=tio2", "--seed=5"])
    assert "--seed=5 (settings have no dashes: seed=5)" in capsys.readouterr().err


def test_of_a_sweep_is_shown_what_is_common_and_what_is_each_job_s_own(capsys):
    assert main(["run", "system=tio2", "-m", "seed=1,2", "--show"]) == 0
    shared, *own = capsys.readouterr().out.split("# seed=")
    assert "system.name=TiO2\n" in shared
    assert "seed=" not in shared
    assert [text.splitlines() for text in own] == [["1", "seed=1"], ["2", "seed=2"]]


def test_show_prints_the_settings_and_runs_nothing(tmp_path, capsys):
    assert main(["run", "system=tio2", "seed=5", "--show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "seed=5" in lines
    assert "melt_quench.t_high=2500" in lines
    assert list(tmp_path.iterdir()) == []


def test_listing_potentials(capsys):
    assert main(["potentials", "list"]) == 0
    rows = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if "│" in line}
    assert "PBE(+U)" in rows["sevennet-0"]
    assert "r²SCAN" in rows["sevennet-mf-0-r2scan"]


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run", "--fly"], ["lake"]])
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


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"a2c-ray {version('a2c-ray')}\n"
