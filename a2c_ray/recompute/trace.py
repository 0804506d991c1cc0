"""Relax a subcell of a lake again, as its run did, this time looking at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pymatgen.core import Structure

from a2c_ray.campaign.planning import completed, plan_campaign
from a2c_ray.crystallize.recording import Recording, record
from a2c_ray.crystallize.subcells import Subcells
from a2c_ray.errors import InputError, OperationError
from a2c_ray.lake import Lake, RelaxedRow
from a2c_ray.potentials.potential import Potential
from a2c_ray.recompute.run_potential import run_potential
from a2c_ray.relaxation.batching import BATCH_ATOMS, Relaxer
from a2c_ray.results import GlassResult, RunResults

AGREEMENT = 1e-4
"""eV/atom; energies further apart are not the same end."""

RUN_OF_SUBCELL = "SELECT run_id, energy_per_atom, outcome FROM relaxed WHERE subcell_id = $id"

GLASS = "SELECT 1 FROM amorphous WHERE glass_id = $id"

LOWEST_OF_GLASS = """
SELECT subcell_id FROM relaxed WHERE energy_per_atom IS NOT NULL AND glass_id = $id
ORDER BY energy_per_atom, subcell_id LIMIT 1
"""

LOWEST_OF_PRODUCT = "SELECT subcell_id FROM products WHERE product_id = $id"

CLOSEST = """
SELECT subcell_id FROM relaxed WHERE energy_per_atom IS NOT NULL
ORDER BY levenshtein(subcell_id, $id), energy_per_atom, subcell_id LIMIT 1
"""


class UnknownSubcellError(InputError):
    """No subcell of that id whose relaxation could be followed."""


@dataclass(frozen=True)
class SubcellTrace:
    """The path of a subcell.

    subcell_id: identifies it.
    row: of the lake.
    glass: that it was cut from.
    snapshots: of the glass at T_low.
    optimizer: that was followed.
    recording: the path.
    remarks: where it differs from the run's, a sentence each.
    """

    subcell_id: str
    row: RelaxedRow
    glass: GlassResult
    snapshots: list[Structure]
    optimizer: str
    recording: Recording
    remarks: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Energy of the end over that in the lake, eV/atom."""
        return float(self.recording.energy_per_atom[-1]) - self.row.energy


def trace_subcell(
    address: str,
    subcell_id: str,
    optimizer: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> SubcellTrace:
    """Follow one subcell with the settings and the potential of its run.

    Args:
        address: of the lake.
        subcell_id: in its table `relaxed`.
        optimizer: other than the run's, if given.
        tell: called with what is being done.

    Raises:
        NoLakeError: there is no lake.
        UnknownSubcellError: the subcell is not in it, or has not relaxed soundly.
        UnknownPotentialError: the potential of the run is not here.
        UntrustedFactoryError: it is made by a function that nobody has agreed to call.
        OperationError: the relaxation does not end soundly this time.
    """
    results = RunResults.open(address, _run_of(Lake(address), subcell_id))
    row = results.relaxed(subcell_id).row
    if row.n_grid is None or row.lower is None or row.upper is None:
        raise UnknownSubcellError(f"{subcell_id} is a given cell, not a subcell of a glass")
    glass = results.glass(row.glass_id)
    settings = completed(results.settings)
    optimizer = optimizer or settings["crystallize.optimizer"]
    potential = run_potential(settings)
    tell(f"compiling {potential.name} and relaxing with {optimizer}")
    box = Subcells.one(glass.structure, row.n_grid, row.lower, row.upper)
    relaxer = _relaxer_of(settings, potential, glass.structure, optimizer)
    recording = record(relaxer, box.cell(0), box.minimum_distances)
    if not recording.outcome.is_valid:
        raise OperationError(
            f"{subcell_id} ended as {recording.outcome.label} after {recording.n_steps} steps of "
            f"{optimizer}, not as {row.outcome} after {row.steps} steps of "
            f"{settings['crystallize.optimizer']}, as in the lake"
        )
    return SubcellTrace(
        subcell_id=subcell_id,
        row=row,
        glass=glass,
        snapshots=results.frames(glass),
        optimizer=optimizer,
        recording=recording,
        remarks=tuple(_remarks(results, settings, row, potential, optimizer)),
    )


def _relaxer_of(
    settings: dict[str, Any], potential: Potential, glass: Structure, optimizer: str
) -> Relaxer:
    """As the actors of a run had it; with the slots of a CPU, the same to the last bit there."""
    plan = plan_campaign(settings, [potential])
    relaxation = replace(plan.crystallization.relaxation, optimizer=optimizer)
    shapes = plan.glass_shapes(glass, potential.cutoff)
    return Relaxer(potential, relaxation, shapes, BATCH_ATOMS["cpu"])


def _remarks(
    results: RunResults,
    settings: dict[str, Any],
    row: RelaxedRow,
    potential: Potential,
    optimizer: str,
) -> Iterator[str]:
    """Where this is not what the run did."""
    fingerprint = results.attempt.potential_fingerprint
    if potential.fingerprint != fingerprint:
        yield (
            f"the weights of {potential.name} are not those of the run "
            f"(fingerprint {potential.fingerprint}, not {fingerprint})"
        )
    if settings["crystallize.cascade"]:
        screening = results.attempt.screening_potential or "a student of its own"
        yield (
            f"the run relaxed it under {screening} first, and then "
            f"from there under {potential.name}"
        )
    of_run = settings["crystallize.optimizer"]
    if optimizer != of_run:
        yield f"the run used {of_run}, which took {row.steps} steps"


def _run_of(lake: Lake, subcell_id: str) -> str:
    """Id of the run that has relaxed a subcell."""
    found = lake.sql(RUN_OF_SUBCELL, {"id": subcell_id}).fetchall()
    if not found:
        raise UnknownSubcellError(_unknown(lake, subcell_id))
    run_id, energy, outcome = found[0]
    if energy is None:
        raise UnknownSubcellError(
            f"subcell {subcell_id} ended as {outcome}: there is no path to a crystal"
        )
    return run_id


def _unknown(lake: Lake, wanted: str) -> str:
    """What to say of an id that no relaxed subcell has."""
    of_product = lake.sql(LOWEST_OF_PRODUCT, {"id": wanted}).fetchall()
    if of_product:
        return f"{wanted} is a product; its lowest subcell is {of_product[0][0]}"
    closest = lake.sql(CLOSEST, {"id": wanted}).fetchall()
    if not closest:
        return f"no subcell {wanted!r}: the lake has no relaxed subcell yet"
    if lake.sql(GLASS, {"id": wanted}).fetchall():
        own = lake.sql(LOWEST_OF_GLASS, {"id": wanted}).fetchall() or closest
        return f"{wanted} is a glass; a subcell of a glass is, for example, {own[0][0]}"
    return f"no subcell {wanted!r} in the lake; did you mean {closest[0][0]}?"
