"""Compose settings from `conf/`, the user's own folder and overrides, with Hydra."""

from __future__ import annotations

import math
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, OmegaConfBaseException

from a2c_ray.compositions import formula_unit, parse_composition
from a2c_ray.config.overrides import check_overrides, with_formulas, with_own_system
from a2c_ray.config.settings import (
    CAMPAIGN,
    ConfigError,
    Schema,
    Settings,
    check_settings,
    check_values,
    unknown_key,
)
from a2c_ray.config.training_settings import training_schema

MOST_VALUES = 10_000
"""Of a file in a folder of the user's own."""

OPEN = "???"
"""What OmegaConf calls a value that is still to be given."""

LONGEST_REASON = 300
"""Characters of what a library says."""

OmegaConf.register_new_resolver("min", min, replace=True)


def _formula_units(n: int, formula: str) -> int:
    """Atoms of n formula units; of what is no formula, which is told later, as if of one atom."""
    with suppress(ValueError, TypeError):
        return n * round(formula_unit(parse_composition(formula)).num_atoms)
    return n


OmegaConf.register_new_resolver("formula_units", _formula_units, replace=True)


def conf_folder() -> Path:
    """The packaged `conf/`, or the checkout's if the package is not installed."""
    package = find_spec("a2c_ray.conf")
    if package is not None and package.submodule_search_locations:
        return Path(next(iter(package.submodule_search_locations)))
    return Path(__file__).parents[2] / "conf"


def compose_config(overrides: list[str], config_dir: Path | None = None) -> Settings:
    """Settings after all overrides, checked.

    Args:
        overrides: Hydra's, e.g. `["system=tio2", "melt_quench.t_high=2000"]`.
        config_dir: folder with files of the user's own, laid out as `conf/`.

    Raises:
        ConfigError: in one line, what is wrong and what would be accepted.
    """
    return checked_settings(compose_with_hydra(overrides, config_dir))


def compose_training(overrides: list[str], config_dir: Path | None = None) -> Settings:
    """The same for a training; those of distillation are there if `+distill=` is given."""
    schema = training_schema(overrides)
    settings = resolved_settings(compose_with_hydra(overrides, config_dir, schema), schema)
    check_values(settings, schema)
    return settings


def compose_with_hydra(
    overrides: list[str], config_dir: Path | None = None, schema: Schema = CAMPAIGN
) -> DictConfig:
    """The same as Hydra's own object, with Hydra's settings under `hydra`."""
    searchpath = []
    overrides = with_own_system(with_formulas(overrides))
    if config_dir is not None:
        if not config_dir.is_dir():
            raise ConfigError(f"--config-dir {config_dir}: no such folder")
        searchpath = [f"hydra.searchpath=[file://{config_dir.resolve()}]"]
        _check_files(config_dir, schema)
    check_overrides(overrides, schema)
    try:
        with initialize_config_dir(str(conf_folder()), version_base="1.3"):
            return compose(schema.config, [*overrides, *searchpath], return_hydra_config=True)
    except MissingConfigException as error:
        raise _unknown_choice(error) from error
    except UnicodeDecodeError as error:
        raise _no_utf8(config_dir, schema, error) from error
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise _unusable(error) from error
    except (yaml.YAMLError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON]
        raise ConfigError(f"a file in --config-dir cannot be read: {reason}") from error


def checked_settings(config: DictConfig) -> Settings:
    """Settings of a composed configuration.

    Raises:
        ConfigError: one is missing, unknown or out of range.
    """
    settings = resolved_settings(config, CAMPAIGN)
    check_settings(settings)
    _check_formula(settings, OmegaConf.select(config, "hydra.runtime.choices.system"))
    return settings


def _check_formula(settings: Settings, system: str | None) -> None:
    """Refuse the volume, the temperatures and the products of one system for another formula."""
    path = conf_folder() / "system" / f"{system}.yaml"
    given = settings["system.formula"]
    stated = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    own = stated.get("formula", OPEN)
    if own != OPEN and _unit(own) != _unit(given):
        raise ConfigError(
            f"system.formula={given}, but system={system} is of {own}: leave system out, and the "
            "volume and the temperatures are chosen"
        )


def _unit(formula: str) -> str:
    return formula_unit(parse_composition(formula)).formula


def resolved_settings(config: DictConfig, schema: Schema) -> Settings:
    """Settings of a composed configuration, complete but not checked.

    Raises:
        ConfigError: one is missing, or a file of one's own holds what is no setting.
    """
    own = own_part(config)
    try:
        _check_complete(flatten(own), schema)
        _check_names(flatten(own), schema, config)
        OmegaConf.resolve(own)
    except OmegaConfBaseException as error:
        raise _unusable(error) from error
    return flatten(own)


def own_part(config: DictConfig) -> DictConfig:
    """A configuration without what is Hydra's own."""
    return OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])


def flatten(config: DictConfig) -> Settings:
    """Dotted names of all values; lists stay whole."""
    settings: Settings = {}
    container: Any = OmegaConf.to_container(config)
    for key, value in container.items():
        if isinstance(value, dict):
            settings |= {f"{key}.{name}": below for name, below in value.items()}
        else:
            settings[key] = value
    return settings


def _check_files(folder: Path, schema: Schema) -> None:
    """Refuse files that are small only because they repeat themselves by name, in YAML's aliases.

    What cannot be read is left to Hydra, which reads what it needs.
    """
    for path in (path for group in schema.groups for path in (folder / group).rglob("*.yaml")):
        n_values = 0.0
        with suppress(yaml.YAMLError, OSError, UnicodeError, RecursionError):
            text = path.read_text(encoding="utf-8")
            n_values = _n_values(yaml.compose(text, yaml.SafeLoader), {})
        if n_values > MOST_VALUES:
            raise ConfigError(f"{path} has more than {MOST_VALUES} values, aliases written out")


def _n_values(node: yaml.Node | None, known: dict[int, float]) -> float:
    """Values of a YAML document, each alias counted as what it stands for; inf if it holds itself.

    Args:
        node: of the document.
        known: counts of nodes, by their identity.
    """
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        known[id(node)] = math.inf  # until it is known: it may hold itself
        pairs = isinstance(node, yaml.MappingNode)
        below = [n for pair in node.value for n in pair] if pairs else node.value
        known[id(node)] = 1 + sum(_n_values(n, known) for n in below)
    return known[id(node)]


def _check_complete(unresolved: Settings, schema: Schema) -> None:
    missing = [name for name, value in unresolved.items() if value == "???"]
    if missing:
        rules = schema.rules
        words = ", ".join(f"{name} ({rules[name].words})" for name in missing if name in rules)
        raise ConfigError(f"settings without a value: {words}")


def _check_names(unresolved: Settings, schema: Schema, config: DictConfig) -> None:
    """Refuse, before one setting takes its value from another, what is misnamed or left out."""
    unknown = [name for name in unresolved if name not in schema.rules]
    missing = [name for name in schema.rules if name not in unresolved]
    for name in (*unknown, *missing):
        files = " or ".join(map(str, _own_files(config, name.partition(".")[0])))
        source = f"{files}: " if files else ""
        if name in schema.groups:
            raise ConfigError(f"{source}expected names of settings with a value each")
        if name in unknown:
            raise ConfigError(f"{source}{unknown_key(name, schema)}")
        raise ConfigError(f"{source}no value for {name}: expected {schema.rules[name].words}")


def _own_files(config: DictConfig, section: str) -> list[Path]:
    """Files of the user's own that were chosen, of one section if there is one for it."""
    runtime = OmegaConf.select(config, "hydra.runtime")
    if runtime is None:
        return []
    folders = [Path(source.path) for source in runtime.config_sources if source.schema == "file"]
    files = {
        group: folder / group / f"{name}.yaml"
        for folder in folders
        if folder != conf_folder()
        for group, name in runtime.choices.items()
        if (folder / group / f"{name}.yaml").is_file()
    }
    return [files[section]] if section in files else list(files.values())


def _no_utf8(folder: Path | None, schema: Schema, error: UnicodeDecodeError) -> ConfigError:
    """The error for a file of the user's own, which Hydra does not name."""
    paths = [
        path for group in schema.groups for path in ((folder or Path()) / group).rglob("*.yaml")
    ]
    files = " or ".join(str(path) for path in paths if not _is_utf8(path))
    return ConfigError(f"{files} is not in UTF-8: {error}")


def _is_utf8(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return False
    return True


def _unknown_choice(error: MissingConfigException) -> ConfigError:
    file = error.missing_cfg_file or ""
    group, _, name = file.rpartition("/")
    if file.startswith("potential/"):
        group, _, name = file.partition("/")
        if Path(name).exists():
            return ConfigError(f"{name} is a file or folder: write potential.name={name}")
    options = sorted(error.options or [])
    return ConfigError(f"unknown {group} {name!r}; choose from {', '.join(options)}")


def _unusable(error: Exception) -> ConfigError:
    if isinstance(error.__cause__, ConfigAttributeError):  # Hydra tells how a key is added
        return ConfigError(" ".join(str(error).split()))
    return ConfigError(str(error.__cause__ or error).strip().splitlines()[0])
