"""Rows of the lake with types: a field for each column, in the order of `schemas`.

Units and meanings of the columns are in `schemas` and in COLUMNS.md; None is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunRow:
    """An attempt at a run."""

    system: str
    run_id: str
    attempt: int
    started_at: datetime
    finished_at: datetime | None
    status: str
    failures: list[str] | None
    config: str
    versions: str | None
    hardware: str | None
    potential: str
    potential_fingerprint: str
    screening_potential: str | None
    screening_fingerprint: str | None


@dataclass(frozen=True)
class RelaxedRow:
    """A relaxed subcell, or a given cell, which was cut out of no glass."""

    system: str
    run_id: str
    subcell_id: str
    glass_id: str | None
    outcome: str
    steps: int
    energy_per_atom: float | None
    enthalpy_per_atom: float | None
    volume_per_atom: float
    max_force: float | None
    max_stress: float | None
    min_distance: float | None
    closest_contact: float | None
    peak_force: float | None
    polymorph: str | None
    polymorph_rms: float | None
    formula: str
    n_atoms: int
    lattice: list[float]
    species: list[str]
    frac_coords: list[float]
    n_grid: int | None
    lower: list[int] | None
    upper: list[int] | None
    alike: list[str] | None
    source_file: str | None
    source_index: int | None
    source_name: str | None
    forces: list[float] | None
    stress: list[float] | None

    @property
    def energy(self) -> float:
        """Per atom, eV, of one that ended soundly.

        Raises:
            ValueError: it did not.
        """
        if self.energy_per_atom is None:
            raise ValueError(f"subcell {self.subcell_id} has no energy: it ended as {self.outcome}")
        return self.energy_per_atom

    @property
    def ranked(self) -> float:
        """By which it is compared with others, eV/atom: its enthalpy if pressure was set.

        Raises:
            ValueError: it did not end soundly.
        """
        return self.energy if self.enthalpy_per_atom is None else self.enthalpy_per_atom


PIECES = {"0": "molecules", "1": "chains", "2": "layers", "3": "framework"}
"""What holds together in so many dimensions."""


def kind_in_words(
    polymorph: str | None,
    stacking_variant: str | None,
    dimensionality: str | None,
    unlike_twin: str | None,
) -> str:
    """What a product is among the published polymorphs, and what is to be said of it beside that.

    Args:
        polymorph, stacking_variant: that it is, or is one of.
        dimensionality: in which it holds together; nothing is said of crystals.
        unlike_twin: in what it differs from a product that looks the same in a table.
    """
    name = polymorph or (f"stacking variant of {stacking_variant}" if stacking_variant else "")
    pieces = ""
    if dimensionality and dimensionality != "3D":
        pieces = " and ".join(PIECES[d] for d in dimensionality.removesuffix("D"))
    remarks = "; ".join(filter(None, [pieces, unlike_twin]))
    return f"{name} ({remarks})".lstrip() if remarks else name


@dataclass(frozen=True)
class ProductRow:
    """A distinct crystal of a run."""

    system: str
    run_id: str
    product_id: str
    energy_per_atom: float
    enthalpy_per_atom: float | None
    delta_mev: float
    degenerate: bool
    space_group: str
    space_group_0_05: str
    space_group_0_01: str
    polymorph: str | None
    polymorph_rms: float | None
    stacking_variant: str | None
    dimensionality: str | None
    unlike_twin: str | None
    n_subcells: int
    n_relaxed: int
    volume_per_atom: float
    formula: str
    n_atoms: int
    lattice: list[float]
    species: list[str]
    frac_coords: list[float]
    subcell_id: str
    subcell_ids: list[str]

    @property
    def kind(self) -> str:
        """What it is, see `kind_in_words`."""
        return kind_in_words(
            self.polymorph, self.stacking_variant, self.dimensionality, self.unlike_twin
        )

    @property
    def ranked(self) -> float:
        """By which it is ranked, eV/atom: its enthalpy if pressure was set."""
        enthalpy = self.enthalpy_per_atom
        return self.energy_per_atom if enthalpy is None else enthalpy

    @property
    def is_hole(self) -> bool:
        """Whether it is a hole of the potential, which is no crystal and sets no zero."""
        return self.delta_mev < 0


@dataclass(frozen=True)
class LimitRow:
    """A glass, or a known polymorph of its composition, with positions and cell relaxed."""

    system: str
    run_id: str
    name: str
    is_glass: bool
    is_published: bool | None
    potential: str
    potential_fingerprint: str
    outcome: str
    energy_per_atom: float | None
    volume_per_atom: float
    formula: str
    n_atoms: int
    lattice: list[float]
    species: list[str]
    frac_coords: list[float]


@dataclass(frozen=True)
class RescoredRow:
    """A product under another potential."""

    system: str
    run_id: str
    product_id: str
    subcell_id: str
    rescored_at: datetime
    potential: str
    potential_fingerprint: str
    is_relaxed: bool
    outcome: str
    is_same: bool | None
    energy_per_atom: float | None
    enthalpy_per_atom: float | None
    volume_per_atom: float
    formula: str
    n_atoms: int
    lattice: list[float]
    species: list[str]
    frac_coords: list[float]

    @property
    def ranked(self) -> float | None:
        """By which it is ranked, eV/atom; None where the relaxation failed."""
        return self.energy_per_atom if self.enthalpy_per_atom is None else self.enthalpy_per_atom
