"""From settings to the plan of a campaign."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from pymatgen.core import Composition

from a2c_ray.amorphous.box import atomic_volume
from a2c_ray.amorphous.glass import STEPS_PER_LOOK
from a2c_ray.amorphous.protocol import Condition, Protocol
from a2c_ray.campaign.plan import GlassPlan, Plan, Ranking
from a2c_ray.cluster.resources import Resources
from a2c_ray.compositions import cell_formula, formula_unit, whole_formula_units
from a2c_ray.config.settings import AUTO, SIZED, ConfigError, Settings
from a2c_ray.crystallize.settings import Cascade, Crystallization, SelfTaught
from a2c_ray.lake import check_address
from a2c_ray.potentials.catalogue import PotentialChoice
from a2c_ray.potentials.potential import Potential
from a2c_ray.relaxation.slots import RelaxSettings
from a2c_ray.units import GPA_PER_EV_A3

NOT_IN_RUN_ID = ("lake.", "cluster.", "rank.", "preset", "system.")
"""Settings that do not change what is computed; those of the system act through others."""

ADDED_LATER: Settings = {
    "potential.factory": None,
    "potential.arguments": {},
    "potential.zbl": False,
    "melt_quench.thermostat_steps": 100,
    "melt_quench.settle_steps": 0,
    "melt_quench.ensemble": "nvt",
    "melt_quench.independent": True,
    "potential.d3": False,
    "crystallize.pressure": 0.0,
    "crystallize.cascade": None,
    "crystallize.cascade_window": 0.1,
    "crystallize.cascade_products": 40,
    "crystallize.cascade_confidence": 0.99,
    "crystallize.cascade_least_pool": 600,
    "crystallize.cascade_least_work": 1e6,
    "crystallize.cascade_control": None,
    "crystallize.cascade_training": 48,
    "crystallize.cascade_rounds": 2,
    "crystallize.cascade_steps": None,
    "crystallize.hopeless": None,
}
"""Settings that earlier versions did not have, and the value at which runs are as they were."""

MOST_ATOMS, MOST_REPLICAS = 100_000, 100_000
"""Of a glass, and of one condition; beyond, memory ends before anything is said."""

_NEVER = object()


def completed(settings: Mapping[str, Any]) -> Settings:
    """Settings of a run of an earlier version, with those that were added later."""
    return ADDED_LATER | dict(settings)


def plan_campaign(settings: Settings, potentials: Sequence[Potential], label: str = "") -> Plan:
    """What one point of a campaign has to do.

    Args:
        settings: checked.
        potentials: that they name, in the order of `potential_choices`.
        label: what distinguishes the point from others.

    Raises:
        UnknownElementError: a potential does not know an element of the system.
        LakeAddressError: the address of the lake holds credentials.
    """
    check_address(settings["lake.path"])  # before it is written anywhere
    composition = whole_formula_units(settings["system.formula"], settings["melt_quench.n_atoms"])
    for potential in potentials:
        potential.check_elements([element.Z for element in composition])
    _check_sizes(settings, composition)
    run_id = make_run_id(settings, [potential.fingerprint for potential in potentials])
    formula = composition.reduced_formula
    return Plan(
        run_id=run_id,
        system=settings["system.name"],
        composition=cell_formula(composition),
        expected=tuple(product["name"] for product in settings["system.products"]),
        potential=potential_choice(settings),
        protocol=protocol_of(settings),
        glasses=tuple(plan_glasses(settings, composition, run_id)),
        crystallization=Crystallization(
            n_grid=settings["crystallize.n_grid"],
            max_atoms=settings["crystallize.max_atoms"],
            composition=formula if settings["crystallize.stoichiometry"] else None,
            min_distance=settings["crystallize.min_distance"],
            max_subcells=settings["crystallize.max_subcells"],
            relaxation=RelaxSettings(
                max_steps=settings["crystallize.max_steps"],
                force_tol=settings["crystallize.force_tol"],
                stress_tol=settings["crystallize.stress_tol"],
                optimizer=settings["crystallize.optimizer"],
                pressure=settings["crystallize.pressure"] / GPA_PER_EV_A3,
            ),
            max_shapes=settings["crystallize.max_shapes"],
            cascade=_cascade(settings),
            hopeless=settings["crystallize.hopeless"],
        ),
        ranking=Ranking(settings["rank.window"], settings["rank.max_products"]),
        lake=settings["lake.path"],
        config=json.dumps(settings, sort_keys=True),
        label=label,
    )


def protocol_of(settings: Settings) -> Protocol:
    """Lengths of the stages, and how they are simulated."""
    melt, quench, equilibrate = settings["melt_quench.steps"]
    return Protocol(
        melt,
        quench,
        equilibrate,
        timestep_fs=settings["melt_quench.timestep_fs"],
        relax_steps=settings["melt_quench.relax_steps"],
        settle_steps=settings["melt_quench.settle_steps"],
        ensemble=settings["melt_quench.ensemble"],
        thermostat_steps=settings["melt_quench.thermostat_steps"],
    )


def potential_choices(settings: Settings) -> list[PotentialChoice]:
    """All potentials that settings name: of the melt-quench, then both of a cascade."""
    settings = completed(settings)
    cascade = _cascade(settings)
    both = [cascade.screening, cascade.refinement] if isinstance(cascade, Cascade) else []
    return [potential_choice(settings), *both]


def ranking_choice(settings: Settings) -> PotentialChoice:
    """The potential whose energies are ranked."""
    return potential_choices(settings)[-1]


def _cascade(settings: Settings) -> Cascade | SelfTaught | None:
    names = settings["crystallize.cascade"]
    if names is None:
        return None
    if names == AUTO:
        return SelfTaught(
            least_pool=settings["crystallize.cascade_least_pool"],
            least_work=settings["crystallize.cascade_least_work"],
            control=settings["crystallize.cascade_control"],
            training=settings["crystallize.cascade_training"],
            rounds=settings["crystallize.cascade_rounds"],
            steps=settings["crystallize.cascade_steps"],
            confidence=settings["crystallize.cascade_confidence"],
            max_products=settings["crystallize.cascade_products"],
        )
    own = potential_choice(settings)
    screening, refinement = (own._replace(name=name) for name in names)
    return Cascade(
        screening,
        refinement,
        settings["crystallize.cascade_window"],
        settings["crystallize.cascade_products"],
    )


def potential_choice(settings: Settings) -> PotentialChoice:
    """The potential of the melt-quench, and of all else without a cascade."""
    return PotentialChoice(
        settings["potential.name"],
        settings["potential.dtype"],
        settings["cluster.kernels"],
        settings["potential.factory"],
        tuple(sorted(settings["potential.arguments"].items())),
        settings["potential.zbl"],
        settings["potential.d3"],
    )


def plan_resources(settings: Settings) -> Resources:
    """What the campaign runs on."""
    return Resources(
        address=settings["cluster.address"],
        actors=settings["cluster.actors"],
        cpus=settings["cluster.cpus"],
        gpus=settings["cluster.gpus"],
        custom=settings["cluster.resources"],
        cpu_actors=settings["cluster.cpu_actors"],
        unit_s=settings["cluster.unit_s"],
        write_s=settings["cluster.write_s"],
        unit_replicas=settings["cluster.unit_replicas"],
        patience_s=settings["cluster.patience_s"],
        dashboard=settings["cluster.dashboard"],
    )


def _check_sizes(settings: Settings, composition: Composition) -> None:
    """Refuse a search that can find nothing, and one without bounds."""
    if composition.num_atoms > MOST_ATOMS:
        raise ConfigError(
            f"system.formula={settings['system.formula']} with melt_quench.n_atoms="
            f"{settings['melt_quench.n_atoms']}: a box of {composition.num_atoms:.0f} atoms; "
            f"at most {MOST_ATOMS} can be melted"
        )
    if settings["melt_quench.replicas"] > MOST_REPLICAS:
        raise ConfigError(
            f"melt_quench.replicas={settings['melt_quench.replicas']}: at most {MOST_REPLICAS}"
        )
    melt = settings["melt_quench.steps"][0]
    if not settings["melt_quench.independent"] and melt < STEPS_PER_LOOK:
        raise ConfigError(
            f"melt_quench.independent=false with a melt of {melt} steps: snapshots of one melt "
            f"need one of at least {STEPS_PER_LOOK}"
        )
    unit = int(formula_unit(composition).num_atoms)
    if settings["crystallize.stoichiometry"] and settings["crystallize.max_atoms"] < unit:
        raise ConfigError(
            f"crystallize.max_atoms={settings['crystallize.max_atoms']}: a formula unit of "
            f"{composition.reduced_formula} has {unit} atoms"
        )


def make_run_id(settings: Settings, fingerprints: Sequence[str]) -> str:
    """Name of a run: the same settings and weights give the same name, and resume the same run."""
    decisive = {
        name: value
        for name, value in settings.items()
        if (not name.startswith(NOT_IN_RUN_ID) or name == "system.formula")
        and value != ADDED_LATER.get(name, _NEVER)
    }
    # A volume or density of the system's own counts where none is set for the melt-quench.
    return run_name(settings["system.name"], [decisive, _volumes(settings), *fingerprints])


def run_name(system: str, decisive: Any) -> str:
    """Name of a run of a system: the same for what is equal in JSON."""
    name = re.sub(r"[^a-z0-9]+", "-", system.lower()).strip("-")
    text = json.dumps(decisive, sort_keys=True)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def plan_glasses(settings: Settings, composition: Composition, run_id: str) -> list[GlassPlan]:
    """Every glass of the grid of temperatures and volumes, replicas of a condition in turn."""
    volumes = atomic_volumes(settings, composition)
    grid = list(product(_as_list(settings["melt_quench.t_high"]), volumes))
    grid = evenly_spread(grid, settings["melt_quench.max_conditions"])
    replicas, crystallized = settings["melt_quench.replicas"], settings["crystallize.glasses"]
    independent = settings["melt_quench.independent"]
    glasses: list[GlassPlan] = []
    for t_high, volume in grid:
        for replica in range(replicas):
            k = len(glasses)
            condition = Condition(
                t_high=float(t_high),
                t_low=float(settings["melt_quench.t_low"]),
                volume_per_atom=volume,
                seed=settings["seed"] + (k if independent else k - replica),
                snapshot=0 if independent else replica,
            )
            wanted = crystallized is None or replica < crystallized
            glasses.append(GlassPlan(f"{run_id}-g{k:04d}", condition, wanted))
    return glasses


def atomic_volumes(settings: Settings, composition: Composition) -> list[float]:
    """Volumes of an atom that settings ask for, Å³."""
    quantity, values = _volumes(settings)
    sizes: list[dict[str, Any]] = [{quantity: value} for value in values]
    return [atomic_volume(composition, **size) for size in sizes]


def evenly_spread(items: list, most: int | None) -> list:
    """At most so many items, from the middles of equal stretches of the list."""
    if most is None or most >= len(items):
        return items
    return [items[(2 * k + 1) * len(items) // (2 * most)] for k in range(most)]


def _volumes(settings: Settings) -> tuple[str, list[float]]:
    """What sets the volume, "volume_per_atom" or "density", and its values."""
    for section in SIZED:
        for quantity in ("volume_per_atom", "density"):
            value = settings[f"{section}.{quantity}"]
            if value is not None:
                return quantity, _as_list(value)
    raise ValueError(f"no volume or density for {settings['system.name']}")


def _as_list(value: float | list[float]) -> list[float]:
    return value if isinstance(value, list) else [value]
