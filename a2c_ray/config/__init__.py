"""Settings of campaigns and trainings: YAML files, overrides, and what they may be."""

from a2c_ray.config.compose import compose_config, compose_training
from a2c_ray.config.jobs import Job, compose_jobs, compose_relaxation
from a2c_ray.config.launcher import launch, names_launcher
from a2c_ray.config.settings import ConfigError, Settings

__all__ = [
    "ConfigError",
    "Job",
    "Settings",
    "compose_config",
    "compose_jobs",
    "compose_relaxation",
    "compose_training",
    "launch",
    "names_launcher",
]
