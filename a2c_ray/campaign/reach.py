"""Which of the expected crystals no subcell of a plan can become."""

from __future__ import annotations

from a2c_ray.analysis.polymorphs import polymorph_of_system
from a2c_ray.analysis.symmetry import standard_primitive_cell
from a2c_ray.campaign.plan import Plan

EXACT = 0.01
"""Å; the library's cells have exact symmetry."""


def out_of_reach(plan: Plan) -> dict[str, str]:
    """Why expected polymorphs cannot be among the products, by their names; those that can lack.

    Args:
        plan: of a run that crystallizes glasses.
    """
    reasons = {name: _reason(plan, name) for name in plan.expected}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(plan: Plan, name: str) -> str:
    polymorph = polymorph_of_system(plan.system, name)
    if polymorph is None:
        return "its structure is not published, so that nothing can match it"
    crystallization = plan.crystallization
    n_atoms = len(standard_primitive_cell(polymorph.structure, EXACT))
    if n_atoms > crystallization.max_atoms:
        return (
            f"its primitive cell has {n_atoms} atoms, the subcells at most "
            f"{crystallization.max_atoms} (crystallize.max_atoms)"
        )
    if crystallization.composition not in (None, polymorph.formula):
        return f"only subcells of {crystallization.composition} are cut (crystallize.stoichiometry)"
    return ""
