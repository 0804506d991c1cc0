"""Settings: what is accepted, and one clear line for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from a2c_ray.config import ConfigError, compose_config
from a2c_ray.config.compose import conf_folder
from a2c_ray.config.settings import RULES
from a2c_ray.relaxation.slots import RelaxSettings

LIMITS = ("max_steps", "force_tol", "stress_tol", "optimizer")

SYSTEMS = sorted(path.stem for path in (conf_folder() / "system").glob("*.yaml"))
CUSTOM = ["system=custom", "system.formula=SiO2", "system.t_high=3000", "system.density=2.2"]


def test_all_systems_of_the_paper_are_there():
    papers = "al2o3 batio3 bibo3 bn caco3 fe80b20 gete incl mgf2 mn2c na3n sio2 tio2 vo2 ybfeo3"
    assert set(SYSTEMS) == {*papers.split(), "custom"}


@pytest.mark.parametrize("preset", ["paper", "quick", "thorough"])
@pytest.mark.parametrize("system", [s for s in SYSTEMS if s != "custom"])
def test_every_system_composes_with_every_preset(system, preset):
    settings = compose_config([f"system={system}", f"preset={preset}"])
    assert settings["preset"] == preset
    assert set(settings) == set(RULES)


def test_the_papers_settings():
    settings = compose_config(["system=tio2", "preset=paper"])
    assert settings["melt_quench.n_atoms"] == 100
    assert settings["melt_quench.steps"] == [1500, 2500, 1500]
    assert settings["melt_quench.timestep_fs"] == 2.0
    assert settings["melt_quench.t_high"] == 2500
    assert settings["melt_quench.t_low"] == 400
    assert settings["system.volume_per_atom"] == 12.16
    assert settings["crystallize.max_subcells"] is None


def test_overrides_win_over_presets_and_systems():
    settings = compose_config(
        ["system=bn", "melt_quench.t_high=[900,1200]", "crystallize.max_atoms=6", "seed=7"]
    )
    assert settings["melt_quench.t_high"] == [900, 1200]
    assert settings["crystallize.max_atoms"] == 6
    assert settings["seed"] == 7


def test_a_system_of_ones_own():
    settings = compose_config(CUSTOM)
    assert settings["system.name"] == "SiO2"
    assert settings["crystallize.max_atoms"] == 6


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "system").mkdir()
    text = (
        (conf_folder() / "system" / "mgf2.yaml").read_text().replace("t_high: 900", "t_high: 990")
    )
    (tmp_path / "system" / "mine.yaml").write_text(text)
    assert compose_config(["system=mine"], tmp_path)["melt_quench.t_high"] == 990
    with pytest.raises(ConfigError, match=r"choose from .*mine"):
        compose_config(["system=yours"], tmp_path)
    (tmp_path / "system" / "mine.yaml").write_text(text + "colour: red\n")
    with pytest.raises(ConfigError, match="unknown config key"):
        compose_config(["system=mine"], tmp_path)


def test_where_a_folder_is_taken_for_a_name_its_own_key_is_told(tmp_path, monkeypatch):
    (tmp_path / "student/potential").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for folder in ("student/potential", tmp_path / "student/potential"):
        with pytest.raises(ConfigError, match=f"write potential.name={folder}$"):
            compose_config([f"potential={folder}"])
    with pytest.raises(ConfigError, match="unknown potential 'teacher/potential'; choose from"):
        compose_config(["potential=teacher/potential"])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["system=mgf3"], "unknown system 'mgf3'; choose from al2o3, .*mgf2"),
        (["potential=sevenet"], "unknown potential 'sevenet'; choose from ase, .*sevennet-0"),
        (["preset=fast"], "unknown preset 'fast'; choose from paper, quick"),
        (["melt_quench.t_hihg=900"], "did you mean 'melt_quench.t_high'"),
        (["melt.t_high=900"], "unknown config key 'melt.t_high'"),
        (["+qq=red"], "unknown config key 'qq'; choose from cluster, crystallize"),
        (["melt_quench.t_high=-5"], "melt_quench.t_high=-5: expected a positive number"),
        (["melt_quench.t_high=[900,0]"], r"melt_quench.t_high=\[900, 0\]"),
        (["melt_quench.t_low=hot"], "melt_quench.t_low=hot: expected a positive number"),
        (["melt_quench.t_high=nan"], "melt_quench.t_high=nan"),
        (
            ["system.name=../../elsewhere"],
            "system.name=.*: expected a name .*slashes",
        ),
        (
            ["system=mgf2", "melt_quench.t_low=1000"],
            "melt_quench.t_low=1000 is above melt_quench.t_high=900: a quench does not heat$",
        ),
        (["melt_quench.t_high=[900,200]", "melt_quench.t_low=300"], "t_low=300 is above"),
        (["system=mgf2", "system.formula=ZnO"], "but system=mgf2 is of MgF2: leave system out"),
        (["melt_quench.steps=[10,20]"], "three whole numbers of steps"),
        (["melt_quench.density=2,3"], r"a sweep, .* write a list: melt_quench.density=\[2,3\]$"),
        (["melt_quench.steps=9,8,7"], r"a sweep, .* write a list: melt_quench.steps=\[9,8,7\]$"),
        (["seed=1,2"], "seed=1,2: a sweep, which needs -m$"),
        (["system=mgf2,tio2"], "system=mgf2,tio2: a sweep, which needs -m$"),
        (["system.volume_per_atom=1e-9"], "=1e-09: expected a number of at least 1 Å³"),
        (["system.formula=1e5"], "^system.formula=100000.0: expected a chemical formula"),
        (["system.formula=[Si]"], r"^system.formula=\['Si'\]: expected a chemical formula"),
        (["system.formula=Null"], "^system.formula=null: expected a chemical formula"),
        (["crystallize.n_grid=0"], "crystallize.n_grid=0: expected a whole number from 1"),
        (["crystallize.n_grid=2.5"], "crystallize.n_grid=2.5"),
        (["crystallize.stoichiometry=maybe"], "expected true or false"),
        (["seed=null"], "seed=null: expected a whole number"),
        (["melt_quench.density=3", "melt_quench.volume_per_atom=12"], "give one of the two"),
        (["system=custom"], "settings without a value: system.formula"),
        ([*CUSTOM, "system.formula=Xx2O"], "system.formula=Xx2O: expected a chemical formula"),
        ([*CUSTOM, "system.formula=Fe0.8B0.2"], r"=Fe0.8B0.2: .* of whole numbers of atoms\)"),
        (["system.formula=D2O"], r"=D2O: .* \('D2O' holds D: write H, no potential knows isotopes"),
        (["system.formula=+inf", "system.name=x"], "formula=inf: expected a chemical formula"),
        (["crystallize.cascade=[a]"], r"cascade=\['a'\]: expected two potentials"),
        (["potential=ase"], r"settings without a value: potential.factory \(module:function"),
        (["potential=ase", "potential.factory=emt"], "expected module:function, or null$"),
        (["potential.dtype=float16"], "expected one of float32, float64"),
        (["seed"], "cannot read 'seed': expected key=value"),
        (["seed=[1"], r"cannot read 'seed=\[1': its \[ and \] do not match in number"),
        (["--seed=3"], "cannot read '--seed=3': settings have no dashes: seed=3$"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(overrides, message):
    with pytest.raises(ConfigError, match=message) as error:
        compose_config(overrides)
    assert "\n" not in str(error.value)


def test_a_missing_folder(tmp_path):
    with pytest.raises(ConfigError, match="no such folder"):
        compose_config([], tmp_path / "nothing")


def test_the_library_relaxes_as_a_campaign_does():
    settings, defaults = compose_config(["preset=paper"]), RelaxSettings()
    of_campaigns = {name: settings[f"crystallize.{name}"] for name in LIMITS}
    assert of_campaigns == {name: getattr(defaults, name) for name in LIMITS}


def test_a_value_that_needs_quotes_is_told_with_them():
    with pytest.raises(ConfigError) as told:
        compose_config(["system=custom", "system.formula=Ca(OH)2"])
    quoted = "'system.formula=\"Ca(OH)2\"'"
    assert str(told.value).endswith(f"needs quotes of its own: {quoted}")
    own = [quoted.strip("'"), "system.t_high=2000", "system.volume_per_atom=12"]
    assert compose_config(["system=custom", *own])["system.formula"] == "Ca(OH)2"


@pytest.mark.parametrize(
    ("given", "formula"), [("InF", "InF"), ("NaN", "NaN"), ('"InF"', "InF"), ("SiO₂", "SiO2")]
)
def test_formulas_that_look_like_something_else(given, formula):
    settings = compose_config([f"system.formula={given}"])
    assert settings["system.formula"] == settings["system.name"] == formula


def test_a_formula_without_a_system_is_one_of_your_own():
    settings = compose_config(["system.formula=ZnO"])
    assert settings["system.name"] == "ZnO"
    assert settings["system.products"] == []
    assert settings["melt_quench.t_high"] is None
    assert compose_config(["system=tio2", "system.formula=Ti2O4"])["melt_quench.t_high"] == 2500


@pytest.mark.parametrize("override", ["system=3", "preset=1", "potential=7"])
def test_a_number_in_place_of_a_name_is_one_line(override):
    with pytest.raises(ConfigError) as told:
        compose_config([override])
    assert "\n" not in str(told.value)


def folder_with(tmp_path, change: str) -> Path:
    """A folder of one's own whose system has another name, or more lines."""
    (tmp_path / "system").mkdir()
    text = (conf_folder() / "system" / "mgf2.yaml").read_text()
    named = text.replace("name: MgF2", change) if change.startswith("name:") else text + change
    (tmp_path / "system" / "mine.yaml").write_text(named)
    return tmp_path


REPEATED = "".join(
    f"a{k}: &a{k} [{', '.join(['1' if k == 0 else f'*a{k - 1}'] * 10)}]\n" for k in range(4)
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("_target_: builtins.print\n", "unknown config key 'system._target_'"),
        ("name: !!python/object/apply:builtins.print [x]", "no constructor|not determine a con"),
        ("x: !!python/name:builtins.print\n", "could not determine a constructor"),
        ("name: ${oc.env:SERVICE_TOKEN}", "system.name holds what the environment variable SERV"),
        ("name: ${oc.decode:${oc.env:SERVICE_TOKEN}}", "system.name holds what"),
        ("name: ${oc.env:NOT_THERE}", "NOT_THERE' not found"),
        ("name: ${system.name}", "Recursive interpolation"),
        ('name: "a\\e[31mb"', "expected a name of at most 100 printable"),
        (REPEATED, "mine.yaml has more than 10000 values, aliases written out"),
        ("x: &x [*x]\n", "mine.yaml has more than 10000 values"),
        ("x: " + "[" * 500 + "]" * 500 + "\n", "cannot be read: maximum recursion depth"),
        ("formula: A\n", "cannot be read: .*found duplicate key"),
    ],
)
def test_files_of_others_hold_settings_and_nothing_else(tmp_path, monkeypatch, change, message):
    monkeypatch.setenv("SERVICE_TOKEN", "not-for-others")
    with pytest.raises(ConfigError, match=message) as told:
        compose_config(["system=mine"], folder_with(tmp_path, change))
    assert "\n" not in str(told.value)
    assert "not-for-others" not in str(told.value)


def test_secrets_are_told_by_the_names_of_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRATCH", "somewhere-large")
    monkeypatch.setenv("MONKEY", "somewhere-large")
    own = folder_with(tmp_path, "name: ${oc.env:SCRATCH}")
    assert compose_config(["system=mine"], own)["system.name"] == "somewhere-large"
    monkeypatch.setenv("ACCESS_KEY", "somewhere-large")
    with pytest.raises(ConfigError, match="the environment variable ACCESS_KEY"):
        compose_config(["system=mine"], own)


MGF2 = (conf_folder() / "system" / "mgf2.yaml").read_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (MGF2.replace(b"t_high", b"t_hihg"), "unknown config key 'system.t_hihg'; did you mean 's"),
        (b"", "no value for system.name: expected a name"),
        (MGF2.replace(b"n_grid: 10\n", b""), "no value for system.n_grid: expected a whole number"),
        (b"- a\n", "expected names of settings with a value each"),
        (b"# \xf6\n" + MGF2, "is not in UTF-8: .* byte 0xf6"),
    ],
)
def test_a_file_of_ones_own_is_named_with_what_it_lacks(tmp_path, content, told):
    file = tmp_path / "system" / "mine.yaml"
    file.parent.mkdir()
    (file.parent / "other.yaml").write_text("t_hihg: 3\n")
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"^{file}:? {told}") as error:
        compose_config(["system=mine"], tmp_path)
    assert "\n" not in str(error.value)
