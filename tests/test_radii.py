"""How close atoms can be expected to come."""

from __future__ import annotations

import time

import numpy as np
import pytest
from ase.data import covalent_radii
from pymatgen.core import Composition

from a2c_ray.radii import contact_distances, oxidation_states


@pytest.mark.parametrize(
    ("formula", "charges"),
    [
        ("TiO2", {"Ti": 4, "O": -2}),
        ("Ca20C20O60", {"Ca": 2, "C": 4, "O": -2}),
        ("BiBO3", {"Bi": 3, "B": 3, "O": -2}),
        ("YbFeO3", {"Yb": 3, "Fe": 3, "O": -2}),
        ("Li2O2", {}),
        ("Fe80B20", {}),
    ],
)
def test_charges_balance(formula, charges):
    assert oxidation_states(Composition(formula)) == charges


@pytest.mark.parametrize(
    "formula",
    ["Fe48Mo14Cr15Y2C15B6", "Al17Co16Cr19Cu17Fe16Ni15", "Fe35Co20Ni15Cr11Mo7B9P4C3"],
)
def test_metallic_glasses_do_not_wait_for_a_guess(formula):
    started = time.monotonic()
    distances = contact_distances(Composition(formula))
    assert time.monotonic() - started < 5.0  # minutes to days if all distributions are tried
    first = Composition(formula).elements[0].Z
    assert distances[first, first] == pytest.approx(2 * covalent_radii[first])
    assert np.all(distances >= 0)
