"""The polymorph library, and matching against it."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from a2c_ray.analysis.polymorphs import identify, polymorphs, polymorphs_of
from a2c_ray.config import compose_config


@pytest.mark.parametrize("polymorph", polymorphs(), ids=lambda p: f"{p.formula} {p.name}")
def test_every_entry_has_the_space_group_it_claims(polymorph):
    found = SpacegroupAnalyzer(polymorph.structure, symprec=0.02).get_space_group_number()
    assert found == polymorph.space_group_number
    distances = polymorph.structure.distance_matrix[~np.eye(len(polymorph.structure), dtype=bool)]
    assert distances.min() > 0.9


def test_every_expected_product_is_in_the_library():
    names = {p.name for p in polymorphs()}
    systems = "al2o3 batio3 bibo3 bn caco3 fe80b20 gete incl mgf2 mn2c na3n sio2 tio2 vo2 ybfeo3"
    for system in systems.split():
        products = compose_config([f"system={system}"])["system.products"]
        assert products
        if system != "bibo3":  # its coordinates were never published
            assert {product["name"] for product in products} <= names


def test_a_distorted_crystal_is_recognised_in_any_cell(rutile):
    supercell = rutile.copy()
    supercell.make_supercell([[1, 1, 0], [0, 1, 1], [0, 0, 1]])
    supercell.lattice = supercell.lattice.matrix * 1.05
    supercell.perturb(0.05)
    match = identify(supercell)
    assert match.polymorph.name == "rutile (sellaite)"
    assert match.rms < 0.05


def test_another_structure_is_not(rutile):
    assert (
        identify(Structure(Lattice.cubic(5.0), ["Mg", "F", "F"], [[0] * 3, [0.1] * 3, [0.4] * 3]))
        is None
    )
    assert polymorphs_of("XeF2") == ()
