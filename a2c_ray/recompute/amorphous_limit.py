"""The glasses of a run and the known polymorphs of their composition, relaxed alike."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from pymatgen.core import Structure

from a2c_ray.analysis.polymorphs import Polymorph, polymorphs_of
from a2c_ray.crystallize.relax import relax
from a2c_ray.lake import LimitRow, structure_columns
from a2c_ray.potentials.potential import Potential
from a2c_ray.recompute.keeping import keep_rows
from a2c_ray.recompute.run_potential import run_potential
from a2c_ray.relaxation.outcome import Outcome
from a2c_ray.results.run import NothingThereError, RunResults

LOG = logging.getLogger(__name__)


def relax_missing(run: RunResults, potential: Potential | None = None) -> list[LimitRow]:
    """Relax what was not relaxed before, and keep it in the lake; returns all rows of the run.

    Args:
        run: whose glasses they are.
        potential: to relax under; None for the run's own.

    Raises:
        NothingThereError: the run has no glass, or the library no polymorph of its composition.
        UntrustedFactoryError: see `run_potential`.
    """
    glasses = {glass.glass_id: glass.structure for glass in run.glasses}
    polymorphs = {polymorph.name: polymorph for polymorph in polymorphs_of(run.formula)}
    if not polymorphs:
        raise NothingThereError(f"the library has no polymorph of {run.formula}")
    potential = potential or run_potential(run.settings)
    there = [row for row in run.limits() if row.potential_fingerprint == potential.fingerprint]
    known = {row.name for row in there}
    crystals = {name: p.structure.get_primitive_structure() for name, p in polymorphs.items()}
    missing = {n: s for n, s in (glasses | crystals).items() if n not in known}
    rows = [*there, *(_relaxed(run, missing, polymorphs, potential) if missing else [])]
    moving = [row.name for row in rows if row.is_glass and row.outcome == Outcome.MAX_STEPS.label]
    if moving:
        LOG.warning(
            "%s ran out of steps: below %s there may be a lower energy, and a lower limit",
            ", ".join(moving),
            "it" if len(moving) == 1 else "them",
        )
    return rows


def _relaxed(
    run: RunResults,
    missing: Mapping[str, Structure],
    polymorphs: Mapping[str, Polymorph],
    potential: Potential,
) -> list[LimitRow]:
    """Rows of structures by name, glasses where they are no polymorphs, kept in the lake."""
    relaxed = []
    for (name, before), end in zip(
        missing.items(), relax(missing.values(), potential), strict=True
    ):
        is_sound = end.outcome.is_valid
        after = end.structure if is_sound else before  # else it is maybe no cell any more
        relaxed.append(
            LimitRow(
                system=run.system,
                run_id=run.run_id,
                name=name,
                is_glass=name not in polymorphs,
                is_published=polymorphs[name].is_published if name in polymorphs else None,
                potential=potential.name,
                potential_fingerprint=potential.fingerprint,
                outcome=end.outcome.label,
                energy_per_atom=end.energy_per_atom if is_sound else None,
                volume_per_atom=after.volume / len(after),
                **structure_columns(after),
            )
        )
    _keep(run, relaxed)
    return relaxed


def _keep(run: RunResults, rows: Sequence[LimitRow]) -> None:
    """Write rows into the lake; where that fails they are only computed again the next time."""
    names = [rows[0].potential_fingerprint, *(row.name for row in rows)]
    try:
        keep_rows(run.lake.store, "limits", rows, names)
    except OSError as error:
        LOG.warning("not kept in %s: %s", run.lake.store.address, error.strerror or error)
