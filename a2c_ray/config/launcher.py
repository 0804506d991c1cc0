"""Sweeps through one of Hydra's launchers, for clusters where jobs are submitted one by one."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from a2c_ray.config.compose import (
    checked_settings,
    compose_with_hydra,
    conf_folder,
)
from a2c_ray.config.jobs import expand_sweep
from a2c_ray.config.overrides import with_formulas
from a2c_ray.config.settings import ConfigError, Settings
from a2c_ray.errors import InputError, OperationError

LOG = logging.getLogger(__name__)

RUNS_CODE = (
    "hydra.callbacks",
    "hydra.job_logging",
    "hydra.hydra_logging",
    "hydra.job.env_set",
    "hydra.job.env_copy",
)
"""Settings of Hydra's that name what is called, or set the environment."""

OF_PLUGINS = ("hydra.launcher", "hydra.sweeper")
"""Settings of plugins, which are there once one is chosen; Hydra calls its own plugins only."""

RunJob = Callable[[Settings, list[str], Path], None]
"""Called with the settings, arguments and output folder of a job."""


class JobError(OperationError):
    """A job of a sweep failed."""


def names_launcher(overrides: list[str]) -> bool:
    """Whether overrides choose one of Hydra's launchers."""
    return any(text.startswith("hydra/launcher=") for text in overrides)


def launch(overrides: list[str], config_dir: Path | None, run_job: RunJob) -> None:
    """Let Hydra run each job of a sweep, wherever its launcher puts them.

    Args:
        overrides: Hydra's, sweeps among them.
        config_dir: folder with files of the user's own.
        run_job: runs one job; it must be a module's function, since launchers pickle it.

    Raises:
        ConfigError: a job's settings cannot be used; nothing has been started.
        JobError: a job failed; the others have been run all the same.
    """
    overrides = with_formulas(overrides)
    for combination in expand_sweep(overrides):
        config = compose_with_hydra(combination, config_dir)
        checked_settings(config)
        _check_typed(config, combination)
    folder = ["--config-dir", str(config_dir.resolve())] if config_dir else []
    sys.argv = ["a2c", *folder, "--multirun", *overrides]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # leaves it to us to tell of errors
    task = _Task(run_job, folder)
    hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="config")(task)()


def _check_typed(config: DictConfig, overrides: list[str]) -> None:
    """Refuse what would run code, unless it has been typed: a folder of files holds settings.

    Raises:
        ConfigError: a file says what Hydra is to call or to put into the environment.
    """
    of_hydra = [text for text in overrides if text.lstrip("+~").startswith("hydra.")]
    typed = compose_with_hydra([t for t in of_hydra if not t.startswith(OF_PLUGINS)])
    for name in RUNS_CODE:
        if OmegaConf.select(config, name) != OmegaConf.select(typed, name):
            raise ConfigError(
                f"a file in --config-dir sets {name}, which can run code; give it on the command "
                "line if that is meant"
            )


class _Task:
    """What Hydra calls in each job.

    Args:
        run_job: see `launch`.
        options: that each job's own command needs beside its overrides.
    """

    def __init__(self, run_job: RunJob, options: list[str]) -> None:
        self.run_job = run_job
        self.options = options
        self.__name__ = "a2c"

    def __call__(self, config: DictConfig) -> None:
        job = HydraConfig.get()
        arguments = [*self.options, *job.overrides.task]
        try:
            self.run_job(checked_settings(config), arguments, Path(job.runtime.output_dir))
        except (InputError, OperationError, OSError) as error:
            LOG.error("job %s failed: %s", job.job.num, error)
            # Without its cause, which need not survive the way back from another machine.
            raise JobError(f"job {job.job.num} failed: {error}") from None
