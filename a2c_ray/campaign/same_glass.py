"""Glasses that another run makes, or has made, just so: they are taken over, not melted again.

What is done with its subcells makes no other glass, so that a run with another grid, or under
another cascade, begins with the glasses that are there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import NamedTuple

from pymatgen.core import Structure

from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.campaign.destination import Destination, digest
from a2c_ray.campaign.melt_unit import GlassReport
from a2c_ray.campaign.plan import GlassPlan
from a2c_ray.campaign.planning import completed, plan_glasses, potential_choice, protocol_of
from a2c_ray.campaign.point import Point
from a2c_ray.compositions import cell_formula, whole_formula_units
from a2c_ray.errors import InputError
from a2c_ray.lake import Lake, Store, structure_from_row
from a2c_ray.lake.catalog import ReadingError
from a2c_ray.lake.damage import faulty_parts
from a2c_ray.potentials.catalogue import PotentialChoice

LOG = logging.getLogger(__name__)

COPIED = ("md_trace", "amorphous")
"""Tables with what belongs to a glass."""

MADE = """
SELECT run_id, glass_id, potential_fingerprint FROM amorphous
WHERE outcome = 'glass' AND system = $system ORDER BY taken_from, glass_id
"""
"""Those that a run has made itself come last."""

CONFIGS = """
SELECT run_id, max_by(config, attempt) FROM runs WHERE system = $system GROUP BY run_id
"""


class Identity(NamedTuple):
    """All that a glass follows from.

    composition: of its cell, formula.
    potential, fingerprint: of the melt-quench.
    protocol, condition: of the melt-quench.
    """

    composition: str
    potential: PotentialChoice
    fingerprint: str
    protocol: Protocol | None
    condition: Condition


class Source(NamedTuple):
    """Run of a lake that made a glass, and the glass's id there."""

    run_id: str
    glass_id: str


def identity_of(point: Point, glass: GlassPlan) -> Identity:
    """What a glass of a point follows from."""
    plan = point.plan
    fingerprint = point.potentials[plan.potential].fingerprint
    potential = _computing(plan.potential)
    return Identity(plan.composition, potential, fingerprint, plan.protocol, glass.condition)


class SharedGlasses:
    """Glasses of a lake that several runs want: those that are there, and those being made.

    Args:
        store: of the lake.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._there: dict[str, dict[Identity, Source]] = {}
        self._waiting: dict[Identity, list[tuple[Point, GlassPlan]]] = {}
        self._being_made: dict[str, Identity] = {}
        self._sound: dict[str, bool] = {}

    def take_over(self, point: Point, missing: Sequence[GlassPlan]) -> dict[str, Structure | None]:
        """Take over what other runs have made; glasses by their ids.

        Args:
            point: that wants them.
            missing: glasses of it that it has not got.
        """
        system = point.plan.system
        if missing and system not in self._there:
            self._there[system] = glasses_there(self._store, system)
        there = self._there.get(system, {})
        lakes: dict[str, Lake] = {}
        taken = {}
        for glass in missing:
            source = there.get(identity_of(point, glass))
            if source is None or not self._is_sound(source.run_id):
                continue
            if source.run_id not in lakes:
                lakes[source.run_id] = Lake(self._store, source.run_id)
            report = take_over(lakes[source.run_id], source, glass, point.destination)
            if report is not None:
                taken[glass.glass_id] = report.structure
        return taken

    def has_to_make(self, point: Point, glass: GlassPlan) -> bool:
        """Whether a glass has to be made: not if another is being made just so, which it awaits."""
        identity = identity_of(point, glass)
        if identity in self._waiting:
            self._waiting[identity].append((point, glass))
            return False
        self._waiting[identity] = []
        self._being_made[glass.glass_id] = identity
        return True

    def hand_on(self, made: Source) -> list[Point]:
        """Give a glass that is made to all who await it; returns them."""
        waiting = self._release(made.glass_id)
        if not waiting:
            return []
        lake = Lake(self._store, made.run_id)
        for point, glass in waiting:
            taken = take_over(lake, made, glass, point.destination)
            if taken is None:
                reason = f"{made.glass_id}, made just so, has left the lake: repeat the command"
                taken = GlassReport(glass.glass_id, None, reason)
            point.close_melt(glass, taken.structure, taken.reason)
        return [point for point, _ in waiting]

    def give_up(self, glass_id: str) -> list[Point]:
        """There will be no such glass for those either who await it; returns them."""
        waiting = self._release(glass_id)
        for point, glass in waiting:
            point.status.failures.append(f"{glass.glass_id}: as {glass_id}, which is made just so")
            point.melts_left -= 1
        return [point for point, _ in waiting]

    def _is_sound(self, run_id: str) -> bool:
        """Whether the glasses of a run can be read to the last byte.

        SQL does not compare checksums: a changed bit would make another glass.
        """
        if run_id not in self._sound:
            faults = list(faulty_parts(self._store, run_id, COPIED))
            for fault in faults:
                LOG.warning(
                    "glasses of %s are not taken over: %s: %s", run_id, fault.path, fault.reason
                )
            self._sound[run_id] = not faults
        return self._sound[run_id]

    def _release(self, glass_id: str) -> list[tuple[Point, GlassPlan]]:
        identity = self._being_made.pop(glass_id, None)
        return self._waiting.pop(identity, []) if identity else []


def glasses_there(store: Store, system: str) -> dict[Identity, Source]:
    """Glasses of all runs of a system in a lake; none if what others wrote is damaged."""
    if not store.exists:
        return {}
    there = {}
    try:
        lake = Lake(store)
        configs = lake.sql(CONFIGS, {"system": system}).fetchall()
        planned = {run_id: _planned(run_id, config) for run_id, config in configs}
        for run_id, glass_id, fingerprint in lake.sql(MADE, {"system": system}).fetchall():
            if identity := planned.get(run_id, {}).get(glass_id):
                there[identity._replace(fingerprint=fingerprint)] = Source(run_id, glass_id)
    except (InputError, ReadingError) as error:
        reason = str(error).partition("\n")[0]
        LOG.warning("glasses of other runs are not taken over: %s", reason)
        return {}
    return there


def take_over(
    lake: Lake, source: Source, glass: GlassPlan, destination: Destination
) -> GlassReport | None:
    """Copy a glass and its trace from one run to another; a melt-quench that failed, too.

    None if it is no longer there, as when its run was deleted meanwhile.

    Args:
        lake: of the run that made it alone.
        source: of the glass.
        glass: that it becomes.
        destination: of its rows.
    """
    part = digest([glass.glass_id])
    # The trace first: a glass counts as done once its row in `amorphous` is there.
    for table in COPIED:
        query = f"SELECT * EXCLUDE (system, run_id) FROM {table} WHERE glass_id = $glass"
        rows = lake.sql(query, {"glass": source.glass_id}).to_arrow_table().to_pylist()
        own = [row | {"glass_id": glass.glass_id} for row in rows]
        if table == "amorphous":
            own = [row | {"taken_from": row["taken_from"] or source.run_id} for row in own]
        if own:
            destination.write(table, part, own)
    if not own:
        return None
    row = own[0]
    structure = structure_from_row(row) if row["outcome"] == "glass" else None
    return GlassReport(glass.glass_id, structure, row["reason"] or "")


def _planned(run_id: str, config: str) -> dict[str, Identity]:
    """What each glass of a run follows from, but for the potential's fingerprint."""
    try:
        settings = completed(json.loads(config))
        n_atoms = settings["melt_quench.n_atoms"]
        composition = whole_formula_units(settings["system.formula"], n_atoms)
        formula, protocol = cell_formula(composition), protocol_of(settings)
        potential = _computing(potential_choice(settings))
        return {
            glass.glass_id: Identity(formula, potential, "", protocol, glass.condition)
            for glass in plan_glasses(settings, composition, run_id)
        }
    except (ValueError, KeyError, TypeError):
        return {}  # given cells, or a version whose settings are not known


def _computing(choice: PotentialChoice) -> PotentialChoice:
    """Without what changes no result."""
    return choice._replace(kernels="")
