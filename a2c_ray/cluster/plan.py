"""What a campaign has to do: glasses to make, and how to crystallize them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from a2c_ray.amorphous.melt_quench import Condition, Protocol
from a2c_ray.crystallize.slots import RelaxSettings


@dataclass(frozen=True)
class GlassPlan:
    """One glass.

    glass_id: identifies it in the lake.
    condition: temperatures, volume and seed.
    crystallize: whether its subcells are relaxed.
    """

    glass_id: str
    condition: Condition
    crystallize: bool


@dataclass(frozen=True)
class Crystallization:
    """How glasses are crystallized.

    n_grid: grid points an axis.
    max_atoms: of a subcell.
    composition: that subcells must have; None for any.
    min_distance: Å; subcells with closer atoms are dropped.
    max_subcells: of a glass, drawn at random; None for all.
    relaxation: when a relaxation stops.
    max_shapes: numbers of atoms that subcells are padded to.
    """

    n_grid: int
    max_atoms: int
    composition: str | None
    min_distance: float
    max_subcells: int | None
    relaxation: RelaxSettings
    max_shapes: int


@dataclass(frozen=True)
class Ranking:
    """Which relaxed subcells become products.

    window: above the lowest of a composition, eV/atom.
    max_products: distinct crystals of a composition.
    """

    window: float
    max_products: int


@dataclass(frozen=True)
class Resources:
    """What the campaign runs on.

    address: of a Ray cluster; None for this machine.
    actors: None for as many as there is room for.
    cpus: of an actor.
    gpus: of an actor; None for one if there are any.
    unit_subcells: subcells of one unit of work.
    unit_replicas: glasses of one unit of work; None for the device's default.
    kernels: that compute a network's convolutions; see `load_potential`.
    """

    address: str | None
    actors: int | None
    cpus: int
    gpus: float | None
    unit_subcells: int
    unit_replicas: int | None
    kernels: str = "xla"


@dataclass(frozen=True)
class Plan:
    """One campaign.

    run_id: the same for the same settings, so that a run can be resumed by repeating it.
    system: name, as in the lake.
    composition: of a glass's cell, formula.
    expected: names of the polymorphs that should emerge.
    potential: name or folder.
    dtype: of the potential.
    protocol: of the melt-quench.
    glasses: to make.
    crystallization, ranking, resources: settings.
    lake: folder.
    config: resolved configuration, JSON, for the record.
    """

    run_id: str
    system: str
    composition: str
    expected: tuple[str, ...]
    potential: str
    dtype: str
    protocol: Protocol
    glasses: tuple[GlassPlan, ...]
    crystallization: Crystallization
    ranking: Ranking
    resources: Resources
    lake: Path
    config: str
