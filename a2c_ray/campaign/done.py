"""What the lake holds of a run already.

Lakes are opened for the run alone, so that damage to others does not matter.
"""

from __future__ import annotations

import logging

from pymatgen.core import Structure

from a2c_ray.campaign.plan import Plan
from a2c_ray.lake import (
    Lake,
    Store,
    damaged_parts,
    remove_leftovers,
    remove_repeated,
    repeated_ids,
    set_aside,
    structure_from_row,
)

LOG = logging.getLogger(__name__)


def clean_up(store: Store, plan: Plan) -> None:
    """Set aside damaged parts, and remove leftovers of killed writers and rows that are twice."""
    remove_leftovers(store, plan.system, plan.run_id)
    # Again after each find: the parts that a damaged one superseded count once more.
    while damaged := list(damaged_parts(store, plan.run_id)):
        for path, reason in damaged:
            aside = set_aside(store, path)
            LOG.warning("set aside a damaged part of the lake: %s (%s)", aside, reason)
            if path.startswith("md_trace/"):
                LOG.warning("the way of its glasses is lost: a glass that is made stays as it is")
    if store.exists and repeated_ids(Lake(store, plan.run_id)):
        for table in ("screened", "relaxed"):
            remove_repeated(store, table, plan.system, plan.run_id)


def glasses_made(lake: Lake) -> dict[str, Structure | None]:
    """Glasses by their ids, in order; None for failed melt-quenches."""
    rows = lake.sql(
        "SELECT glass_id, outcome, lattice, species, frac_coords FROM amorphous ORDER BY glass_id"
    )
    made = {}
    for glass_id, outcome, *columns in rows.fetchall():
        row = dict(zip(("lattice", "species", "frac_coords"), columns, strict=True))
        made[glass_id] = structure_from_row(row) if outcome == "glass" else None
    return made


def subcells_relaxed(lake: Lake, table: str) -> dict[str, int]:
    """Number of relaxed subcells of each glass in a table, "relaxed" or "screened"."""
    query = f"SELECT glass_id, count(DISTINCT subcell_id) FROM {table} GROUP BY glass_id"
    return dict(lake.sql(query).fetchall())


def ids_in(lake: Lake, table: str, student: str | None = None) -> set[str]:
    """Subcells that a table holds; of `screened` those that a student has relaxed."""
    of_student = "WHERE student = $student" if student else ""
    parameters = {"student": student} if student else None
    rows = lake.sql(f"SELECT subcell_id FROM {table} {of_student}", parameters).fetchall()
    return {row[0] for row in rows}


def relaxed_ids(lake: Lake, table: str, glass_id: str | None = None) -> set[str]:
    """Subcells of a glass, or given cells, that are relaxed."""
    query = f"SELECT subcell_id FROM {table} WHERE glass_id IS NOT DISTINCT FROM $glass"
    return {row[0] for row in lake.sql(query, {"glass": glass_id}).fetchall()}
