"""The amorphous limit: no polymorph that was ever made lies above its glass.

M. Aykol, S. S. Dwaraknath, W. Sun and K. A. Persson, Sci. Adv. 4, eaaq0148 (2018).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AmorphousLimit:
    """Relaxed glasses and polymorphs of one composition under one potential.

    Energies are above that of the lowest published polymorph, or of any if none was published,
    eV/atom.

    formula: reduced.
    potential: its name.
    glasses: energies by glass id; at least one.
    published: energies by name of the polymorphs whose structures were published.
    proposed: likewise of the others.
    """

    formula: str
    potential: str
    glasses: dict[str, float]
    published: dict[str, float]
    proposed: dict[str, float]

    @property
    def limit(self) -> float:
        """Energy of the lowest glass."""
        return min(self.glasses.values())

    @property
    def beyond(self) -> list[str]:
        """Published polymorphs above it."""
        return [name for name, energy in self.published.items() if energy > self.limit]


def amorphous_limit(
    formula: str,
    potential: str,
    glasses: dict[str, float],
    published: dict[str, float],
    proposed: dict[str, float],
) -> AmorphousLimit:
    """From energies with a zero of the potential's, eV/atom.

    Args:
        formula, potential: whose they are.
        glasses: energies by glass id; at least one.
        published, proposed: energies of polymorphs by name; at least one among both.
    """
    lowest = min((published or proposed).values())
    above = (
        {name: energy - lowest for name, energy in energies.items()}
        for energies in (glasses, published, proposed)
    )
    return AmorphousLimit(formula, potential, *above)
