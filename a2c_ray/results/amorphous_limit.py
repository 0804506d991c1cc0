"""The amorphous limit of what runs have melted, from their rows of `limits`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from a2c_ray.analysis.amorphous_limit import AmorphousLimit, amorphous_limit
from a2c_ray.lake import LimitRow
from a2c_ray.results.run import NothingThereError


def amorphous_limits(rows: Sequence[LimitRow]) -> list[AmorphousLimit]:
    """Of each composition and potential, by formula.

    Args:
        rows: of one or more runs; polymorphs that several runs relaxed count once.

    Raises:
        NothingThereError: there is no composition of which both a glass and a polymorph relaxed.
    """
    limits = []
    for (formula, potential, _), group in groupby(sorted(rows, key=_kind), key=_kind):
        alike = list(group)
        glasses, published, proposed = (_energies(alike, kind) for kind in (None, True, False))
        if glasses and (published or proposed):
            limits.append(amorphous_limit(formula, potential, glasses, published, proposed))
    if not limits:
        raise NothingThereError("no glass, or no polymorph of its composition, relaxed soundly")
    return limits


def _kind(row: LimitRow) -> tuple[str, str, str]:
    """What glasses and polymorphs must share to be compared."""
    return row.formula, row.potential, row.potential_fingerprint


def _energies(rows: Sequence[LimitRow], is_published: bool | None) -> dict[str, float]:
    """By name, of what relaxed soundly; None is for glasses."""
    return {
        row.name: row.energy_per_atom
        for row in rows
        if row.is_published is is_published and row.energy_per_atom is not None
    }
