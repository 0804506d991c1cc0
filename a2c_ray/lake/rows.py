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
    """A relaxed subcell."""

    system: str
    run_id: str
    subcell_id: str
    glass_id: str
    outcome: str
    steps: int
    energy_per_atom: float | None
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
    n_grid: int
    lower: list[int]
    upper: list[int]
    alike: list[str] | None

    @property
    def energy(self) -> float:
        """Per atom, eV, of one that ended soundly.

        Raises:
            ValueError: it did not.
        """
        if self.energy_per_atom is None:
            raise ValueError(f"subcell {self.subcell_id} has no energy: it ended as {self.outcome}")
        return self.energy_per_atom


@dataclass(frozen=True)
class ProductRow:
    """A distinct crystal of a run."""

    system: str
    run_id: str
    product_id: str
    energy_per_atom: float
    delta_mev: float
    degenerate: bool
    space_group: str
    space_group_0_05: str
    space_group_0_01: str
    polymorph: str | None
    polymorph_rms: float | None
    stacking_variant: str | None
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
    volume_per_atom: float
    formula: str
    n_atoms: int
    lattice: list[float]
    species: list[str]
    frac_coords: list[float]
