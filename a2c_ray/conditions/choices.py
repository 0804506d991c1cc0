"""What settings leave open is chosen, said, and kept for the next time."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from contextlib import suppress

from pymatgen.core import Composition

from a2c_ray.campaign.planning import atomic_volumes, protocol_of
from a2c_ray.compositions import whole_formula_units
from a2c_ray.conditions.choice import Choice
from a2c_ray.conditions.melting import MOST_ATOMS, choose_t_high
from a2c_ray.conditions.volume import choose_volume
from a2c_ray.config.settings import SIZED, Settings
from a2c_ray.lake import Store, mark_version
from a2c_ray.potentials.potential import Potential

FOLDER = ".conditions"
"""Of the lake."""

PLAIN = "float32"
"""Precision that names of choices need not tell."""

VERSION = 2
"""Of how choices are made; another makes them anew."""


def lacks_conditions(settings: Settings) -> bool:
    """Whether the volume or T_high is left open."""
    return _lacks_volume(settings) or settings["melt_quench.t_high"] is None


def complete(settings: Settings, potential: Potential, say: Callable[[str], None]) -> Settings:
    """Settings with a volume and T_high.

    What has been chosen is kept in the lake, so that a run that is repeated is the same run.

    Args:
        settings: checked.
        potential: of the melt-quench.
        say: called with a line on each choice.

    Raises:
        InputError: no volume or no temperature can be found.
    """
    composition = Composition(settings["system.formula"])
    potential.check_elements([element.Z for element in composition])
    store = Store.at(settings["lake.path"])
    of_potential = (potential.fingerprint, *([potential.dtype] if potential.dtype != PLAIN else []))
    chosen: Settings = {}
    if _lacks_volume(settings):
        key: tuple[object, ...] = ("volume", composition.reduced_formula, *of_potential)
        volume = _kept(store, key, lambda: choose_volume(composition, potential))
        chosen["system.volume_per_atom"] = volume.value
        chosen["system.volume_reason"] = volume.reason
        say(f"volume:   {volume.value:.2f} Å³ per atom: {volume.reason}")
    if settings["melt_quench.t_high"] is None:
        n_atoms = min(settings["melt_quench.n_atoms"], MOST_ATOMS)
        box = whole_formula_units(composition, n_atoms)
        [volume_per_atom, *_] = atomic_volumes(settings | chosen, composition)
        protocol = protocol_of(settings)
        key = ("t_high", box.formula, *of_potential, f"{volume_per_atom:.6g}", *protocol)
        t_high = _kept(store, key, lambda: choose_t_high(box, potential, volume_per_atom, protocol))
        chosen |= dict.fromkeys(("system.t_high", "melt_quench.t_high"), t_high.value)
        chosen["system.t_high_reason"] = t_high.reason
        say(f"T_high:   {t_high.value:.0f} K: {t_high.reason}")
    return settings | chosen


def _lacks_volume(settings: Settings) -> bool:
    given = [settings[f"{s}.{q}"] for s in SIZED for q in ("volume_per_atom", "density")]
    return all(value is None for value in given)


def _kept(store: Store, key: tuple[object, ...], choose: Callable[[], Choice]) -> Choice:
    """A choice that the lake holds, or else a new one, which it then holds."""
    text = json.dumps([VERSION, *map(str, key)])
    name = f"{FOLDER}/{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    with suppress(FileNotFoundError, ValueError, TypeError, KeyError):
        record = json.loads(store.read(name))
        value = float(record["value"])
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{value} is no condition")
        return Choice(value, str(record["reason"]))
    choice = choose()
    mark_version(store)
    content = json.dumps(choice._asdict() | {"key": key}, default=str)
    store.write(name, lambda file: file.write(content.encode()))
    return choice
