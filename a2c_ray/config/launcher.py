"""Sweeps through one of Hydra's launchers, for clusters where jobs are submitted one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import hydra
from omegaconf import DictConfig

from a2c_ray.config.compose import checked_settings, conf_folder
from a2c_ray.config.settings import Settings


def names_launcher(overrides: list[str]) -> bool:
    """Whether overrides choose one of Hydra's launchers."""
    return any(text.startswith("hydra/launcher=") for text in overrides)


def launch(
    overrides: list[str],
    config_dir: Path | None,
    run_job: Callable[[Settings, list[str], Path], None],
) -> None:
    """Let Hydra run each job of a sweep, wherever its launcher puts them.

    Args:
        overrides: Hydra's, sweeps among them.
        config_dir: folder with files of the user's own.
        run_job: called with the settings, overrides and output folder of a job; it must be a
            module's function, since launchers pickle it.
    """
    folder = ["--config-dir", str(config_dir.resolve())] if config_dir else []
    sys.argv = ["a2c", *folder, "--multirun", *overrides]
    task = _Task(run_job)
    hydra.main(version_base="1.3", config_path=str(conf_folder()), config_name="config")(task)()


class _Task:
    """What Hydra calls in each job."""

    def __init__(self, run_job: Callable[[Settings, list[str], Path], None]) -> None:
        self.run_job = run_job
        self.__name__ = "a2c"

    def __call__(self, config: DictConfig) -> None:
        running = hydra.core.hydra_config.HydraConfig.get()
        overrides = list(running.overrides.task)
        self.run_job(checked_settings(config), overrides, Path(running.runtime.output_dir))
