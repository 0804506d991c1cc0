"""Settings of commands, and recipes of trainings: what Hydra composes."""
