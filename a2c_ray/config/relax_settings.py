"""Every setting of a relaxation of given cells by its dotted name, and the values it may have.

The defaults, with a comment each, are in `conf/relax.yaml`. What is said of a campaign, too, has
the name and the rule that it has there.
"""

from __future__ import annotations

from a2c_ray.config.settings import NAME, RULES, Rule, Schema, any_number, choice

SHARED = (
    "potential.",
    "lake.",
    "rank.",
    "cluster.",
    "crystallize.optimizer",
    "crystallize.max_steps",
    "crystallize.force_tol",
    "crystallize.stress_tol",
    "crystallize.max_shapes",
)
"""Beginnings of the names of such settings."""

RELAX_RULES: dict[str, Rule] = {
    "name": NAME,
    "relax.cell": choice(True, False, "shape", "volume"),
    "relax.pressure": any_number(" (GPa)"),
    **{name: rule for name, rule in RULES.items() if name.startswith(SHARED)},
}

RELAXATION = Schema("relax", RELAX_RULES, ("potential", "cluster"))
