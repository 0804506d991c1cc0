"""Piles of silicon cells that tests relax."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk

from a2c_ray.campaign.pile_planning import plan_pile
from a2c_ray.campaign.plan import Plan
from a2c_ray.config import compose_relaxation
from a2c_ray.potentials.loading import load_potential
from a2c_ray.reading.frames import Frame
from a2c_ray.reading.pile import Pile


def shaken(n: int, seed: int = 0) -> list[Atoms]:
    """Distorted diamond cells of two and eight atoms in turn, named and tagged."""
    rng = np.random.default_rng(seed)
    cells = []
    for k in range(n):
        atoms = bulk("Si", cubic=bool(k % 2))
        atoms.set_cell(atoms.cell @ (np.eye(3) + rng.normal(0, 0.03, (3, 3))), scale_atoms=True)
        atoms.rattle(0.1, seed=int(rng.integers(1 << 30)))
        atoms.info["name"] = f"cell {k}"
        atoms.set_tags(np.arange(len(atoms)) + k)
        cells.append(atoms)
    return cells


def pile_of(cells: list[Atoms], file: str = "pile.extxyz") -> Pile:
    return Pile.of([Frame(file, k, a.info.get("name"), a) for k, a in enumerate(cells)])


def pile_plan(folder: Path, pile: Pile, *overrides: str) -> Plan:
    """The plan of a pile under Stillinger and Weber's potential, with its lake in a folder."""
    lake = f"lake.path={folder / 'lake'}"
    settings = compose_relaxation(["potential=stillinger-weber", lake, *overrides]).settings
    potential = load_potential("stillinger-weber", dtype=settings["potential.dtype"])
    return plan_pile(settings, potential, pile)
