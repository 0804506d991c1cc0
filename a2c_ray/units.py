"""Physical constants and unit conversions, and numbers of things in words.

The package works in eV, Å, eV/Å, eV/Å³, K, fs and amu throughout. Molecular dynamics
integrates in the natural time unit of (eV, Å, amu), Å·sqrt(amu/eV). Values: CODATA 2018.
"""

import math

BOLTZMANN = 8.617333262e-5
"""Boltzmann constant, eV/K."""

GPA_PER_EV_A3 = 160.2176634
"""1 eV/Å³ in GPa."""

AMU_PER_A3_IN_G_CM3 = 1.66053906660
"""1 amu/Å³ in g/cm³."""

LEAST_VOLUME = 1.0
"""Å³/atom; no solid is as dense, and neighbour lists of less take memory without bounds."""

FS_PER_TIME_UNIT = 10.0 * math.sqrt(1.66053906660 / 1.602176634)
"""The time unit Å·sqrt(amu/eV) in fs (10.18)."""


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Such as "1 glass" and "2 subcells"."""
    return f"{number} {noun if number == 1 else plural or plural_of(noun)}"


def plural_of(noun: str) -> str:
    """Of regular nouns."""
    return noun + ("es" if noun.endswith("s") else "s")
