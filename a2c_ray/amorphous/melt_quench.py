"""Melt-quench molecular dynamics: from a composition to a glass.

Random atoms in a cubic box are packed, melted at T_high, cooled linearly to T_low and equilibrated
there. Several replicas of one composition advance in one batch; they may come from snapshots of one
melt.

Source: a²c paper, Methods, "Generation of amorphous structures".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import jax
from pymatgen.core import Composition, Structure

from a2c_ray.amorphous.box import atomic_volume
from a2c_ray.amorphous.glass import Glass, MeltQuenchError
from a2c_ray.amorphous.protocol import PAPER_PROTOCOL, Condition, Protocol, check_protocol
from a2c_ray.amorphous.replicas import Replicas
from a2c_ray.amorphous.shared_melts import SharedMelts
from a2c_ray.compositions import whole_formula_units
from a2c_ray.device_memory import is_out_of_memory
from a2c_ray.errors import TooLargeError
from a2c_ray.potentials.potential import Potential

CHECKPOINT_S = 60.0
"""Time between two checkpoints, s."""


def melt_quench(
    composition: str | Composition,
    potential: Potential,
    t_high: float,
    t_low: float,
    volume_per_atom: float | None = None,
    density: float | None = None,
    stable_structure: Structure | None = None,
    n_atoms: int = 100,
    seed: int = 0,
    protocol: Protocol = PAPER_PROTOCOL,
) -> Glass:
    """Make one glass.

    Args:
        composition: reduced; the box holds the whole number of formula units closest to `n_atoms`.
        potential: of the molecular dynamics.
        t_high, t_low: K.
        volume_per_atom: Å³; or
        density: g/cm³; or
        stable_structure: whose volume per atom is expanded, see `glass_expansion`.
        n_atoms: about 100 in the paper.
        seed: of positions and velocities.
        protocol: lengths of the stages.

    Raises:
        ValueError: a setting is out of range.
        MeltQuenchError: the molecular dynamics exploded.
    """
    whole = whole_formula_units(composition, n_atoms)
    volume = atomic_volume(whole, volume_per_atom, density, stable_structure)
    condition = Condition(t_high, t_low, volume, seed)
    result = melt_quench_replicas(whole, potential, [condition], protocol)[0]
    if isinstance(result, MeltQuenchError):
        raise result
    return result


def melt_quench_replicas(
    composition: Composition,
    potential: Potential,
    conditions: Sequence[Condition],
    protocol: Protocol = PAPER_PROTOCOL,
    on_progress: Callable[[int, int], None] | None = None,
    on_checkpoint: Callable[[bytes], None] | None = None,
    resume_from: bytes | None = None,
) -> list[Glass | MeltQuenchError]:
    """Make glasses of one composition in one batch.

    Args:
        composition: of the whole box.
        potential: of the molecular dynamics.
        conditions: one a replica; those that differ in `snapshot` only share a melt.
        protocol: lengths of the stages.
        on_progress: called with (steps done, steps in all, or most of them).
        on_checkpoint: called about once a minute with what `resume_from` takes.
        resume_from: checkpoint of the same call; on the same device the glasses are those of a
            call that was not stopped, to the last bit.

    Returns:
        For each condition a glass, or the reason why there is none: one replica that explodes
        does not harm the others.

    Raises:
        ValueError: a setting is out of range.
        UnknownElementError: an element that the potential does not know.
        CheckpointError: of another call, or damaged.
        TooLargeError: several replicas that the device does not hold together.
    """
    check_protocol(conditions, protocol)
    potential.check_elements([element.Z for element in composition])
    kind = SharedMelts if any(condition.snapshot for condition in conditions) else Replicas
    batch: Replicas | SharedMelts = kind(potential, composition, conditions, protocol)
    try:
        _run(batch, on_progress, on_checkpoint, resume_from)
    except jax.errors.JaxRuntimeError as error:
        if not is_out_of_memory(error) or len(conditions) == 1:
            raise
        raise TooLargeError(f"{len(conditions)} replicas need more memory than is free") from error
    return [batch.result(k) for k in range(len(conditions))]


def _run(
    batch: Replicas | SharedMelts,
    on_progress: Callable[[int, int], None] | None,
    on_checkpoint: Callable[[bytes], None] | None,
    resume_from: bytes | None,
) -> None:
    """All steps, see `melt_quench_replicas`."""
    if resume_from is None:
        batch.begin()
    else:
        batch.resume(resume_from)
    written = time.monotonic()
    while not batch.finished:
        batch.advance()
        if on_progress:
            on_progress(*batch.progress)
        if on_checkpoint and time.monotonic() - written >= CHECKPOINT_S:
            on_checkpoint(batch.to_bytes())
            written = time.monotonic()
