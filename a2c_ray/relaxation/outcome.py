"""How a relaxation can end."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """State of one relaxation; anything above `RUNNING` is final.

    CONVERGED: forces and stress are below their tolerances.
    MAX_STEPS: it ran out of steps; the structure is sound but not at its minimum.
    EXPLODED: energy or forces are not finite, the energy fell below any physical bound, or the
        cell grew or shrank beyond reason.
    FUSED: atoms ended up much closer than any bond.
    OVERFLOW: an atom has more neighbours, or the cell more images, than any list had room for.
    HOPELESS: it has become quiet far above what is known to be lower, and was given up.
    """

    EMPTY = 0
    RUNNING = 1
    CONVERGED = 2
    MAX_STEPS = 3
    EXPLODED = 4
    FUSED = 5
    OVERFLOW = 6
    HOPELESS = 7

    @property
    def label(self) -> str:
        """Lower-case name, as written into tables."""
        return self.name.lower()

    @property
    def is_valid(self) -> bool:
        """Whether the final structure and energy mean anything."""
        return self in (Outcome.CONVERGED, Outcome.MAX_STEPS)
