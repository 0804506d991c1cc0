"""Jobs of one command: a single run, or every combination of a multirun sweep.

As with Hydra's own runs, each job has an output folder with its configuration and overrides.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from a2c_ray.config.compose import (
    checked_settings,
    compose_with_hydra,
    own_part,
    resolved_settings,
)
from a2c_ray.config.overrides import parse_override, with_formulas
from a2c_ray.config.relax_settings import RELAXATION
from a2c_ray.config.settings import ConfigError, Settings, check_values


@dataclass(frozen=True)
class Job:
    """One configuration to run.

    overrides: that lead to it.
    settings: checked.
    config: the same as Hydra's object.
    folder: for its configuration and logs.
    label: what distinguishes it in its sweep, e.g. "density=2.09 t_high=500".
    """

    overrides: list[str]
    settings: Settings
    config: DictConfig
    folder: Path
    label: str = ""

    def write_config(self) -> None:
        """Write the configuration into the output folder, where Hydra's users look for it."""
        folder = self.folder / ".hydra"
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(own_part(self.config), folder / "config.yaml", resolve=True)
        OmegaConf.save(OmegaConf.create(self.overrides), folder / "overrides.yaml")


def compose_jobs(
    overrides: list[str], config_dir: Path | None = None, multirun: bool = False
) -> list[Job]:
    """The job of a command, or all jobs of a sweep.

    Args:
        overrides: Hydra's; in a multirun some may be sweeps, e.g. `seed=0,1,2`.
        config_dir: folder with files of the user's own, laid out as `conf/`.
        multirun: whether sweeps are meant.

    Raises:
        ConfigError: in one line, what is wrong; jobs that differ in what they run on, or that are
            the same.
    """
    overrides = with_formulas(overrides)
    if not multirun:
        config = compose_with_hydra(overrides, config_dir)
        return [Job(overrides, checked_settings(config), config, Path(config.hydra.run.dir))]
    jobs: list[Job] = []
    root = None
    for number, combination in enumerate(expand_sweep(overrides)):
        numbered = [*combination, f"hydra.job.num={number}"]
        config = compose_with_hydra(numbered, config_dir)
        # The first job's: its name is the time, and composing takes some.
        root = root or Path(config.hydra.sweep.dir)
        folder = root / str(config.hydra.sweep.subdir)
        label = " ".join(
            _short(text)
            for text, given in zip(combination, overrides, strict=True)
            if text != given
        )
        jobs.append(Job(combination, checked_settings(config), config, folder, label))
    _check_same_resources(jobs)
    return jobs


def compose_relaxation(overrides: list[str], config_dir: Path | None = None) -> Job:
    """The job of relaxing given cells.

    Args:
        overrides: Hydra's, of the settings in `conf/relax.yaml`.
        config_dir: folder with files of the user's own, laid out as `conf/`.

    Raises:
        ConfigError: in one line, what is wrong and what would be accepted.
    """
    config = compose_with_hydra(overrides, config_dir, RELAXATION)
    settings = resolved_settings(config, RELAXATION)
    check_values(settings, RELAXATION)
    return Job(overrides, settings, config, Path(config.hydra.run.dir))


def expand_sweep(overrides: list[str]) -> list[list[str]]:
    """All combinations of swept values, the last override varying fastest.

    Raises:
        ConfigError: one is no override, or has no values that could be listed.
    """
    choices = [_choices(text) for text in overrides]
    return [list(combination) for combination in itertools.product(*choices)]


def _choices(text: str) -> list[str]:
    override = parse_override(text)
    if not override.is_sweep_override():
        return [text]
    try:
        values = list(override.sweep_string_iterator())
    except HydraException:
        raise ConfigError(f"{text}: a sweep takes values, as in 1,2,3, or range(...)") from None
    if not values:
        raise ConfigError(f"{text}: a sweep without values")
    return [f"{override.get_key_element()}={value}" for value in values]


def _short(text: str) -> str:
    """An override without the section of its setting."""
    name, _, value = text.partition("=")
    return f"{name.split('.')[-1]}={value}"


def _check_same_resources(jobs: list[Job]) -> None:
    first = jobs[0].settings
    for job in jobs[1:]:
        for name, value in job.settings.items():
            shared = name.startswith("cluster.") and name != "cluster.kernels"
            if shared and value != first[name]:
                raise ConfigError(
                    f"{name}={value}: jobs of a sweep share their actors, "
                    f"and another job has {first[name]}"
                )
