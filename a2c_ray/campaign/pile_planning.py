"""From settings and given cells to the plan of a run."""

from __future__ import annotations

import json
from typing import Any

from a2c_ray.campaign.plan import Plan, Ranking
from a2c_ray.campaign.planning import potential_choice, run_name
from a2c_ray.config.settings import Settings
from a2c_ray.crystallize.settings import Crystallization
from a2c_ray.potentials.potential import Potential
from a2c_ray.reading.pile import Pile
from a2c_ray.relaxation.cell_filter import Freedom
from a2c_ray.relaxation.slots import RelaxSettings
from a2c_ray.units import GPA_PER_EV_A3

DECISIVE = ("potential.", "crystallize.", "relax.")
"""Beginnings of the settings that change what is computed."""


def plan_pile(settings: Settings, potential: Potential, pile: Pile) -> Plan:
    """The run that relaxes given cells.

    Args:
        settings: checked.
        potential: that they name.
        pile: the cells, all of elements that the potential knows.
    """
    pressure = settings["relax.pressure"] / GPA_PER_EV_A3
    return Plan(
        run_id=pile_run_id(settings, potential.fingerprint, pile),
        system=settings["name"],
        composition="",
        expected=(),
        potential=potential_choice(settings),
        protocol=None,
        glasses=(),
        crystallization=Crystallization(
            n_grid=1,  # each cell is a box by itself
            max_atoms=int(pile.n_atoms.max()),
            composition=None,
            min_distance=0.0,
            max_subcells=None,
            relaxation=RelaxSettings(
                max_steps=settings["crystallize.max_steps"],
                force_tol=settings["crystallize.force_tol"],
                stress_tol=settings["crystallize.stress_tol"],
                cell=Freedom.of_setting(settings["relax.cell"]),
                optimizer=settings["crystallize.optimizer"],
                pressure=pressure,
            ),
            max_shapes=settings["crystallize.max_shapes"],
        ),
        ranking=Ranking(settings["rank.window"], settings["rank.max_products"]),
        lake=settings["lake.path"],
        config=json.dumps(settings, sort_keys=True),
    )


def pile_run_id(settings: Settings, fingerprint: str, pile: Pile) -> str:
    """Name of a run, the same for the same cells, settings and weights, which resume it."""
    decisive: dict[str, Any] = {
        name: value for name, value in settings.items() if name.startswith(DECISIVE)
    }
    return run_name(settings["name"], [decisive, fingerprint, pile.digest()])
