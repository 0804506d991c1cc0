"""Settings of a campaign: YAML files, overrides, and what they may be."""

from a2c_ray.config.campaign_plan import plan_campaign
from a2c_ray.config.compose import compose_config
from a2c_ray.config.settings import ConfigError, Settings

__all__ = ["ConfigError", "Settings", "compose_config", "plan_campaign"]
