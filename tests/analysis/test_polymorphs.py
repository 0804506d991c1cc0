"""The polymorph library, and matching against it."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from a2c_ray.analysis import polymorphs as library
from a2c_ray.analysis.matching import matcher
from a2c_ray.analysis.polymorphs import (
    UnknownPolymorphError,
    identify,
    polymorph_named,
    polymorphs,
    polymorphs_of,
)
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
    supercell.perturb(0.05, seed=0)
    match = identify(supercell)
    assert match.polymorph.name == "rutile (sellaite)"
    assert match.rms < 0.05


def test_another_structure_is_not(rutile):
    assert (
        identify(Structure(Lattice.cubic(5.0), ["Mg", "F", "F"], [[0] * 3, [0.1] * 3, [0.4] * 3]))
        is None
    )
    assert polymorphs_of("XeF2") == ()


@pytest.mark.parametrize("name", ["rutile (sellaite)", "CaCl2 type"])
def test_of_polymorphs_that_match_each_other_the_nearest_is_chosen(name):
    crystals = {p.name: p.structure for p in polymorphs_of("MgF2")}
    assert matcher().fit(crystals["rutile (sellaite)"], crystals["CaCl2 type"])
    match = identify(crystals[name])
    assert (match.polymorph.name, match.rms) == (name, pytest.approx(0.0, abs=1e-4))


def test_unknown_formulas_are_compared_with_nothing(diamond, monkeypatch):
    monkeypatch.setattr(library, "compared_cell", lambda structure: pytest.fail("compared"))
    assert identify(diamond) is None


def test_an_odd_cell_is_no_polymorph_but_a_bug_is_a_bug(rutile, monkeypatch, caplog):
    def fail(error):
        def compare(*_):
            raise error

        monkeypatch.setattr(library, "rms_displacement", compare)

    fail(np.linalg.LinAlgError("Singular matrix"))
    with caplog.at_level(logging.WARNING):
        assert identify(rutile) is None
    assert "Singular matrix" in caplog.text
    fail(TypeError("a bug"))
    with pytest.raises(TypeError):
        identify(rutile)


def test_polymorphs_by_name():
    assert polymorph_named("c-BN").space_group_number == 216
    with pytest.raises(UnknownPolymorphError, match=r"no polymorph 'cBN'.*c-BN"):
        polymorph_named("cBN")
    with pytest.raises(UnknownPolymorphError, match="MgF2, VO2 have a polymorph 'anatase type'"):
        polymorph_named("anatase type")
